"""Objects kept in `private`: this member's own, in no ledger, released to no one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from accord.rules.access import UNMARKED
from accord.rules.case import TLP_RANK
from accord.stix.markings import MarkingReader
from accord.stix.objects import StixObject
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .append import new_holding
from .listing import Shown, list_kept
from .node import Node
from .summary import marking_reader


class Stored(msgspec.Struct, frozen=True):
    """What became of one object: kept now, here already with this content, or another stands."""

    item: StixObject
    holding: int
    new: bool
    same: bool


def keep_private(
    node: Node,
    items: Sequence[StixObject],
    author: str,
    also: Callable[[Transaction, list[Stored]], None] = lambda tx, stored: None,
) -> list[Stored]:
    """Keep valid objects in `private`, in one commit; for each, in order, what became of it.

    The first content of a version stands. TLP:RED stays readable to `author` alone. What is to be
    on the disk together with the objects, `also` writes.
    """
    now = node.now()
    rows = [new_holding(item, OWN_LEDGER, "actual") for item in items]

    def job(tx: Transaction) -> list[Stored]:
        kept = tx.holdings.keep(rows)
        given = {item.id: item for item in items if item.type == "marking-definition"}
        markings = marking_reader(tx, (OWN_LEDGER,), given)
        levels = [_level(item, markings) for item in items]
        shown = [
            Shown(None, item, held, level, (author,) if level == TLP_RANK["red"] else ())
            for item, held, level in zip(items, kept, levels, strict=True)
            if held.same
        ]
        list_kept(node, tx, shown, OWN_LEDGER, now)
        stored = [
            Stored(item, held.seq, held.new, held.same)
            for item, held in zip(items, kept, strict=True)
        ]
        also(tx, stored)
        return stored

    return node.write(job)


def _level(item: StixObject, markings: MarkingReader) -> int:
    tlp = markings.of(item.fields).tlp
    return TLP_RANK[tlp if tlp is not None else UNMARKED]
