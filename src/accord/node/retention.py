"""Retention at work: what has ended is hidden, and erased when its days of grace are over.

Each step is one commit and may be done again at any time: a crash leaves the rest for the next
round. What a legal hold keeps stays hidden, and goes in the first round after the hold is lifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from accord.base.clock import from_micros, to_micros
from accord.ledger.envelope import reread_envelope
from accord.store.records import ClockRow, EntryRow
from accord.store.transaction import Transaction

from .clocks import start_missing_clocks
from .erasing import erase_entries, hide_entries
from .node import Node

_PAGE = 500


class Retained(msgspec.Struct, frozen=True):
    """An entry with a clock, as it is shown."""

    object_id: str
    member: str
    agreement: str | None
    state: str  # running, hidden or erased
    review: datetime
    ends: datetime
    purge: datetime
    held: str | None  # the reason of a legal hold


class Round(msgspec.Struct, frozen=True):
    """What one round did: entries hidden, entries erased, and kept under a hold."""

    hidden: int = 0
    erased: int = 0
    held: int = 0


def run_clocks(node: Node) -> Round:
    """One round: hide what has ended, erase what is due."""
    start_missing_clocks(node)
    now = node.micros()
    hidden = 0
    while count := node.write(lambda tx: _hide(tx, now)):
        hidden += count
    erased, held = _erase_due(node, now)
    if erased:
        node.store.scrub()
    return Round(hidden, erased, held)


def _hide(tx: Transaction, now: int) -> int:
    rows = tx.clocks.ended(now, _PAGE)
    hide_entries(tx, tx.erasure.of_seqs([row.entry for row in rows]))
    tx.clocks.move([row.entry for row in rows], "hidden")
    return len(rows)


def _erase_due(node: Node, now: int) -> tuple[int, int]:
    erased = held = after = 0
    while page := node.read(lambda tx: tx.clocks.hidden(after, _PAGE)):  # noqa: B023
        due = [row.entry for row in page if row.purge <= now]
        done, kept = node.write(lambda tx: _erase(tx, due))  # noqa: B023
        erased, held, after = erased + done, held + kept, page[-1].entry
    return erased, held


def _erase(tx: Transaction, seqs: Sequence[int]) -> tuple[int, int]:
    rows = tx.erasure.of_seqs(seqs)
    objects = {row.seq: _object_of(row) for row in rows}
    holds = tx.legal_holds.standing(objects.values())
    going = [row for row in rows if objects[row.seq] not in holds]
    erase_entries(tx, going, None)
    tx.clocks.move([row.seq for row in going], "erased")
    return len(going), len(rows) - len(going)


def list_retained(node: Node, days: int = 0, limit: int = 1000) -> list[Retained]:
    """What is to be looked at within so many days, and what is hidden already."""
    until = to_micros(node.now() + timedelta(days=days))

    def job(tx: Transaction) -> list[Retained]:
        rows = tx.clocks.hidden(limit=limit) + tx.clocks.to_review(until, limit)
        entries = {row.seq: row for row in tx.erasure.of_seqs([row.entry for row in rows])}
        holds = tx.legal_holds.standing(_object_of(entry) for entry in entries.values())
        members = {ledger.id: ledger.member for ledger in tx.ledgers.all()}
        return [_shown(row, entries[row.entry], members, holds) for row in rows[:limit]]

    return node.read(job)


def _object_of(row: EntryRow) -> str:
    return reread_envelope(row.envelope).object.id


def _shown(
    clock: ClockRow, entry: EntryRow, members: dict[int, str], holds: dict[str, str]
) -> Retained:
    object_id = _object_of(entry)
    return Retained(
        object_id,
        members[entry.ledger],
        entry.agreement,
        clock.state,
        from_micros(clock.review),
        from_micros(clock.ends),
        from_micros(clock.purge),
        holds.get(object_id),
    )
