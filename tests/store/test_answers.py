"""Which entries answer which objects: found by the object, gone with the content."""

from __future__ import annotations

import json

import sqlalchemy as sa
from msgspec.structs import astuple, replace

from accord.store import schema
from accord.store.answer_tables import answers
from accord.store.bulk import insert_rows
from accord.store.opening import engine_of
from accord.store.store import Store
from accord.store.tables import entries, holdings
from accord.store.transaction import Transaction

from .builders import OURS, THEIRS, entry, furnish, holding

INDICATOR, MALWARE = "indicator--1", "malware--1"


def keep(tx: Transaction, seq: int, name: str, ledger: int, *objects: str) -> None:
    """An entry that carries `name` and speaks of `objects`."""
    (kept,) = tx.holdings.keep([holding(name, by=ledger, body=name.encode())])
    tx.entries.put([replace(entry(seq, holding=kept.seq), ledger=ledger)])
    tx.answers.note((seq, each) for each in objects)


def furnished(tx: Transaction) -> None:
    keep(tx, 1, INDICATOR, OURS)
    keep(tx, 2, MALWARE, THEIRS)
    keep(tx, 3, "sighting--1", THEIRS, INDICATOR)
    keep(tx, 4, "note--1", THEIRS, MALWARE, INDICATOR)
    keep(tx, 5, "opinion--1", OURS, INDICATOR)


def test_the_answers_to_an_object_are_found_in_the_order_in_which_they_came(store: Store) -> None:
    store.write(furnished)
    found = store.read(lambda tx: tx.answers.to(INDICATOR))
    assert [(row.seq, held.object_id) for _, row, held in found] == [
        (3, "sighting--1"), (4, "note--1"), (5, "opinion--1"),
    ]  # fmt: skip
    assert [held.object_id for _, _, held in store.read(lambda tx: tx.answers.to(MALWARE))] == [
        "note--1"
    ]
    assert store.read(lambda tx: tx.answers.to("indicator--2")) == []


def test_the_answers_of_others_to_what_we_published_come_newest_first(store: Store) -> None:
    store.write(furnished)
    found = store.read(lambda tx: tx.answers.to_ours(10))
    assert [(named, held.object_id) for named, _, held in found] == [
        (INDICATOR, "note--1"), (INDICATOR, "sighting--1"),
    ]  # fmt: skip
    assert len(store.read(lambda tx: tx.answers.to_ours(1))) == 1


def test_what_an_entry_speaks_of_goes_with_its_content(store: Store) -> None:
    store.write(furnished)
    store.write(lambda tx: tx.erasure.close([(4, b"half", b"{}")]))
    left = store.read(lambda tx: list(tx._connection.execute(sa.select(answers.c.entry))))
    assert sorted(row[0] for row in left) == [3, 5]


def test_an_upgraded_store_finds_the_answers_that_it_held_before(empty_url: str) -> None:
    sighting = {"type": "sighting", "sighting_of_ref": INDICATOR}
    note = {"type": "note", "object_refs": [MALWARE, INDICATOR, MALWARE]}
    bodies = [b'{"type":"indicator"}', json.dumps(sighting).encode(), json.dumps(note).encode()]
    names = [INDICATOR, "sighting--1", "note--1"]
    engine = engine_of(empty_url, create=True)
    with engine.writer_lock(), engine.engine.connect() as connection:
        engine.begin_write(connection)
        schema.migrate(connection, 0, 6)
        furnish(Transaction(connection))
        kept = [holding(name, body=body) for name, body in zip(names, bodies, strict=True)]
        insert_rows(
            connection, holdings, ((at + 1, *astuple(each)) for at, each in enumerate(kept))
        )
        then = [column._copy() for column in entries.columns if column.name != "circle"]
        rows = (astuple(entry(seq, holding=seq))[: len(then)] for seq in (1, 2, 3))
        insert_rows(connection, sa.Table("entries", sa.MetaData(), *then), rows)
        connection.commit()
    with engine.writer_lock(), engine.engine.connect() as connection:
        engine.begin_write(connection)
        schema.migrate(connection, 6)
        connection.commit()
        tx = Transaction(connection)
        assert [row.seq for _, row, _ in tx.answers.to(INDICATOR)] == [2, 3]
        assert [row.seq for _, row, _ in tx.answers.to(MALWARE)] == [3]
    engine.close()


def test_theirs_is_the_ledger_that_answers(store: Store) -> None:
    store.write(furnished)
    assert {row.ledger for _, row, _ in store.read(lambda tx: tx.answers.to_ours(10))} == {THEIRS}
