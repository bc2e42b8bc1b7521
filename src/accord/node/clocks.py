"""The clocks of entries that may not be kept for ever: started when an entry is kept."""

from __future__ import annotations

from collections.abc import Iterable

from accord.base.clock import to_micros
from accord.ledger.envelope import Envelope
from accord.rules.control import ORDINARY
from accord.rules.facts import Facts
from accord.rules.retention import clock_of
from accord.store.records import ClockRow, EntryRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction


def start_clocks(tx: Transaction, facts: Facts, rows: Iterable[tuple[int, Envelope]]) -> None:
    """The clocks of new entries (seq, envelope), in the transaction that keeps them."""
    tx.clocks.start(row for seq, envelope in rows if (row := _row(facts, seq, envelope)))


def _row(facts: Facts, seq: int, envelope: Envelope) -> ClockRow | None:
    cited = envelope.agreement
    text = facts.text(cited.id, cited.sha256) if cited is not None else None
    clock = clock_of(envelope, text.proposal.terms if text is not None else None)
    if clock is None or envelope.kind != ORDINARY:
        return None
    return ClockRow(
        entry=seq,
        review=to_micros(clock.review),
        ends=to_micros(clock.ends),
        purge=to_micros(clock.purge),
        state="running",
    )


def withdrawn(tx: Transaction, rows: Iterable[EntryRow]) -> set[int]:
    """Those of our own entries (by seq) that go to nobody new: called back, or past their time."""
    numbers = {row.number: row.seq for row in rows}
    clocks = tx.clocks.of_entries(list(numbers.values()))
    ended = {seq for seq, clock in clocks.items() if clock.state != "running"}
    return ended | {numbers[each] for each in tx.recalls.of_numbers(OWN_LEDGER, list(numbers))}
