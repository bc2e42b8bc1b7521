"""The clocks of entries that may not be kept for ever: started when an entry is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from accord.base.clock import to_micros
from accord.ledger.envelope import Envelope, reread_envelope
from accord.rules.control import ORDINARY
from accord.rules.facts import Facts
from accord.rules.retention import clock_of
from accord.store.records import ClockRow, EntryRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .node import Node

_PAGE = 1000
_MISSING = "clocks.missing"


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


def miss_clocks(tx: Transaction) -> None:
    """Entries came back without their clocks: the next round starts them."""
    tx.settings.set(_MISSING, "")


def start_missing_clocks(node: Node) -> None:
    """The clocks of our own entries that came back with a recovery.

    A page is one commit; done again it changes nothing. While an agreement that one of them cites
    is still on its way, the next round looks again.
    """
    if node.read(lambda tx: tx.settings.get(_MISSING)) is None:
        return
    start, whole = 0, True
    while rows := node.read(lambda tx: _own_page(tx, start)):  # noqa: B023
        whole = node.write(lambda tx: _start_missing(tx, node.facts(tx), rows)) and whole
        start = rows[-1].number + 1
    if whole:
        node.write(lambda tx: tx.settings.remove(_MISSING))


def _own_page(tx: Transaction, start: int) -> list[EntryRow]:
    return list(islice(tx.entries.every(OWN_LEDGER, _PAGE, start), _PAGE))


def _start_missing(tx: Transaction, facts: Facts, rows: Sequence[EntryRow]) -> bool:
    """Whether all agreements that these entries cite are known."""
    known = tx.clocks.of_entries([row.seq for row in rows])
    missing = [
        (row.seq, reread_envelope(row.envelope))
        for row in rows
        if row.seq not in known and row.kind == ORDINARY and row.salt_o is not None
    ]
    start_clocks(tx, facts, missing)
    cited = [envelope.agreement for _, envelope in missing if envelope.agreement is not None]
    return all(facts.text(each.id, each.sha256) is not None for each in cited)


def withdrawn(tx: Transaction, rows: Iterable[EntryRow]) -> set[int]:
    """Those of our own entries (by seq) that go to nobody new: called back, or past their time."""
    numbers = {row.number: row.seq for row in rows}
    clocks = tx.clocks.of_entries(list(numbers.values()))
    ended = {seq for seq, clock in clocks.items() if clock.state != "running"}
    return ended | {numbers[each] for each in tx.recalls.of_numbers(OWN_LEDGER, list(numbers))}
