"""What entries of ledgers are about: which object each carries, and under which agreement.

It says nothing of content, and it stays true when the content is erased.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from accord.ledger.envelope import reread_envelope
from accord.store.transaction import Transaction

from .node import Node

Place = tuple[str, int]  # the origin of a ledger, and an entry's number in it


class Carried(msgspec.Struct, frozen=True):
    """The object of an entry, and on what it rests; a group where it is for a working group."""

    object_id: str
    agreement: str | None
    group: str | None


def carried_by(node: Node, places: Iterable[Place]) -> dict[Place, Carried]:
    """Those of these entries that this node holds."""
    wanted: dict[str, set[int]] = {}
    for origin, number in places:
        wanted.setdefault(origin, set()).add(number)

    def job(tx: Transaction) -> dict[Place, Carried]:
        found = {}
        for origin, numbers in wanted.items():
            ledger = tx.ledgers.of_origin(origin)
            rows = [] if ledger is None else tx.erasure.entries(ledger.id, sorted(numbers))
            for row in rows:
                envelope = reread_envelope(row.envelope)
                agreement = envelope.agreement.id if envelope.agreement else None
                carried = Carried(envelope.object.id, agreement, envelope.group)
                found[origin, row.number] = carried
        return found

    return node.read(job)
