"""Which objects of a set stand in our own holdings already, before they are published again."""

from __future__ import annotations

from collections.abc import Sequence

from accord.stix.objects import StixObject
from accord.store.tables import OWN_LEDGER

from .append import version_of
from .node import Node


def held_versions(node: Node, items: Sequence[StixObject]) -> int:
    """How many of these objects are held as ours, in this very version."""
    known = node.read(lambda tx: tx.holdings.hashes(OWN_LEDGER, [item.id for item in items]))
    return sum((item.id, version_of(item)) in known for item in items)
