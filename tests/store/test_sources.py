"""Sources on the shelf: position by compare-and-swap; provenance once, gone with its holding."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from accord.base.messages import say
from accord.store.records import Provenance, SourceRow
from accord.store.store import Store
from accord.store.transaction import Transaction
from tests.store.builders import holding

NAMES = ["indicator--1", "indicator--2", "indicator--3"]
FAULT = say("taxii.source-slow", seconds=3)


def source(number: int = 1, **fields: Any) -> SourceRow:
    name = f"feed-{number}"
    row = SourceRow(id=number, name=name, url="u", agreement=None, minutes=60, created=5)
    return replace(row, **fields)


def given(seq: int, number: int = 1, added: str | None = "2026") -> Provenance:
    return Provenance(holding=seq, source=number, at=7, added=added)


def keep(tx: Transaction, *names: str) -> list[int]:
    return [each.seq for each in tx.holdings.keep([holding(name) for name in names])]


def test_a_source_is_found_by_its_name_until_it_is_removed(store: Store) -> None:
    store.write(lambda tx: tx.sources.put(source(1)))
    store.write(lambda tx: tx.sources.put(source(2, agreement="a")))
    assert store.read(lambda tx: tx.sources.named("feed-2")) == source(2, agreement="a")
    assert store.read(lambda tx: tx.sources.next_id()) == 3
    store.write(lambda tx: tx.sources.remove(1, 9))
    assert store.read(lambda tx: tx.sources.named("feed-1")) is None
    assert [row.id for row in store.read(lambda tx: tx.sources.all())] == [2]
    assert store.read(lambda tx: tx.sources.get(1)) == source(1, removed=9)
    assert store.read(lambda tx: tx.sources.next_id()) == 3


def test_the_position_is_moved_by_the_one_who_knew_the_last(store: Store) -> None:
    store.write(lambda tx: tx.sources.put(source()))
    moved = replace(source(), pages=1, since="s", next="n", last="l", objects=2, bytes=3, invalid=4)
    assert store.write(lambda tx: tx.sources.advance(source(), moved))
    assert store.read(lambda tx: tx.sources.get(1)) == moved
    assert not store.write(lambda tx: tx.sources.advance(source(), moved))
    store.write(lambda tx: tx.sources.remove(1, 9))
    assert not store.write(lambda tx: tx.sources.advance(moved, replace(moved, pages=2)))


def test_a_fault_stands_until_the_source_was_read_to_its_end(store: Store) -> None:
    store.write(lambda tx: tx.sources.put(source()))
    store.write(lambda tx: tx.sources.note_try(1, 10))
    store.write(lambda tx: tx.sources.note_fault(1, 11, FAULT))
    row = store.read(lambda tx: tx.sources.get(1))
    assert row == source(tried=10, last_fault=FAULT, fault_at=11)
    store.write(lambda tx: tx.sources.note_contact(1, 12, None))
    assert store.read(lambda tx: tx.sources.get(1)) == source(tried=10, last_contact=12)
    store.write(lambda tx: tx.sources.note_contact(1, 13, FAULT))
    row = store.read(lambda tx: tx.sources.get(1))
    assert row == source(tried=10, last_contact=13, last_fault=FAULT, fault_at=13)


def test_provenance_is_told_by_holding_and_by_source(store: Store) -> None:
    def job(tx: Transaction) -> list[int]:
        tx.sources.put(source(1))
        tx.sources.put(source(2))
        seqs = keep(tx, *NAMES[:2])
        tx.sources.trace([given(seqs[0]), given(seqs[1], added=None)])
        tx.sources.trace([given(seqs[0], 2)])
        return seqs

    first, second = store.write(job)
    found = store.read(lambda tx: tx.sources.of_holding(first))
    assert found == [(given(first), source(1)), (given(first, 2), source(2))]
    assert [row.added for row, _ in store.read(lambda tx: tx.sources.of_holding(second))] == [None]
    assert len(store.read(lambda tx: tx.sources.given(1, NAMES))) == 2
    assert len(store.read(lambda tx: tx.sources.given(2, NAMES))) == 1


def test_provenance_goes_with_the_holding_and_is_not_written_for_one_that_is_gone(
    store: Store,
) -> None:
    def job(tx: Transaction) -> int:
        tx.sources.put(source())
        (seq,) = keep(tx, NAMES[0])
        tx.sources.trace([given(seq)])
        return seq

    seq = store.write(job)
    store.write(lambda tx: tx.holdings.drop_unlisted([seq]))
    assert store.read(lambda tx: tx.sources.of_holding(seq)) == []
    store.write(lambda tx: tx.sources.trace([given(seq)]))
    assert store.read(lambda tx: tx.sources.of_holding(seq)) == []
