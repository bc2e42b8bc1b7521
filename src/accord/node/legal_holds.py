"""Legal holds: objects that are kept in spite of a recall. The author of the recall is told why."""

from __future__ import annotations

from datetime import datetime

import msgspec

from accord.base.clock import from_micros
from accord.base.errors import InputError, NotFoundError
from accord.ledger.envelope import reread_envelope
from accord.store.transaction import Transaction

from .erasing import erase_entries
from .node import Node
from .recalling import recall_in

MOST_REASON = 200  # characters: what a receipt may give


class LegalHold(msgspec.Struct, frozen=True):
    """A hold as it is shown."""

    number: int
    object_id: str
    reason: str
    placed: datetime
    lifted: datetime | None


def place_hold(node: Node, object_id: str, reason: str) -> int:
    """Keep what we hold of an object in spite of recalls from now on; returns the hold's number.

    Raises `NotFoundError` for an object we do not hold, `InputError` for a reason of no or too many
    characters.
    """
    if not 1 <= len(reason.strip()) <= MOST_REASON:
        raise InputError("node.hold-reason", found=len(reason), limit=MOST_REASON)
    now = node.micros()

    def job(tx: Transaction) -> int:
        if not any(held.body is not None for held in tx.holdings.versions(object_id)):
            raise NotFoundError("node.object-unknown", id=object_id[:100])
        return tx.legal_holds.place(object_id, reason.strip(), now)

    return node.write(job)


def list_holds(node: Node) -> list[LegalHold]:
    """Every hold ever placed, oldest first."""
    return [
        LegalHold(
            row.id,
            row.object_id,
            row.reason,
            from_micros(row.placed),
            None if row.lifted is None else from_micros(row.lifted),
        )
        for row in node.read(lambda tx: tx.legal_holds.all())
    ]


def lift_hold(node: Node, number: int) -> int:
    """Lift a hold, and carry out the recalls that it stood against; returns how many entries.

    The receipts follow with `answer_recalls`. Raises `NotFoundError`.
    """
    now = node.micros()

    def job(tx: Transaction) -> int:
        hold = tx.legal_holds.lift(number, now)
        if hold is None:
            raise NotFoundError("node.hold-unknown", number=number)
        if tx.legal_holds.standing([hold.object_id]):
            return 0  # another hold on the same object stands
        return _carry_out(tx, hold.object_id)

    done = node.write(job)
    node.store.scrub()
    return done


def _carry_out(tx: Transaction, object_id: str) -> int:
    done = 0
    for named in tx.recalls.refused():
        row = tx.recalls.get(named.recall)
        entries = tx.erasure.entries(named.ledger, [named.number])
        mine = [
            entry for entry in entries if reread_envelope(entry.envelope).object.id == object_id
        ]
        if row is None or not mine:
            continue
        erase_entries(tx, mine, recall_in(tx, row).mode)
        tx.recalls.settle(row.seq, [named.number], "done")
        tx.recalls.answered(row.seq, answered=False)
        done += 1
    return done
