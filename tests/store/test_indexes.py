"""Search indexes: filled, swept, replaced and thrown away; the same on both databases."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError

from accord.base.errors import MachineFault
from accord.stix.tokens import VERSION
from accord.store.index_tables import Document, Index
from accord.store.indexes import IndexFault
from accord.store.matching import naming
from accord.store.opening import open_store
from accord.store.store import Store
from accord.store.transaction import Transaction
from tests.store.builders import FIRST, GREEN, OURS, furnish
from tests.store.conftest import Opener
from tests.store.test_search import (
    document,
    found,
    index_all,
    of_object,
    put,
    put_in,
    words_of,
)


def test_a_batch_that_another_process_took_is_not_taken_twice(opener: Opener) -> None:
    first, second = opener(), opener()
    first.write(furnish)
    first.write(lambda tx: put(tx, "word"))
    index = first.indexes.build(VERSION).serving
    assert index is not None
    (waiting,) = first.indexes.read(lambda tx, _: tx.index.next(index, 9), index)
    assert put_in(first, index, [document(waiting)], 0, waiting.added)
    assert not put_in(second, index, [document(waiting)], 0, waiting.added)
    assert found(second, "word") == ["word"]


def test_a_batch_that_was_cut_off_is_taken_again(store: Store) -> None:
    store.write(lambda tx: put(tx, "word"))
    index = store.indexes.build(VERSION).serving
    assert index is not None
    (waiting,) = store.indexes.read(lambda tx, _: tx.index.next(index, 9), index)

    def cut(tx: Transaction) -> None:
        tx.index.put(index, [document(waiting)], 0, waiting.added)
        raise MachineFault("store.closed")

    with pytest.raises(MachineFault):
        store.indexes.write(index, cut)
    assert found(store, "word") == []
    assert store.indexes.read(lambda tx, _: tx.index.lag(index)) == 1
    index_all(store)
    assert found(store, "word") == ["word"]


def test_indexing_waits_for_no_writer_and_no_writer_for_indexing(opener: Opener) -> None:
    first, second = opener(), opener()
    first.write(furnish)
    first.write(lambda tx: put(tx, "first word"))
    index = first.indexes.build(VERSION).serving
    assert index is not None
    (waiting,) = first.indexes.read(lambda tx, _: tx.index.next(index, 9), index)

    def index_meanwhile(tx: Transaction) -> None:
        put(tx, "second word")
        assert put_in(second, index, [document(waiting)], 0, waiting.added)

    def write_meanwhile(tx: Transaction) -> None:
        tx.index.put(index, [], waiting.added, waiting.added)
        first.write(lambda tx: put(tx, "third word"))

    first.write(index_meanwhile)
    second.indexes.write(index, write_meanwhile)
    assert found(first, "word") == ["first word"]
    index_all(first)
    assert set(found(second, "word")) == {"first word", "second word", "third word"}


def test_what_is_removed_is_not_found_nor_indexed_later(store: Store) -> None:
    def job(tx: Transaction) -> None:
        put(tx, "first word", id="report--1")
        put(tx, "second word", id="report--2")

    store.write(job)
    index_all(store)
    store.write(lambda tx: tx.listings.remove(of_object("report--1")))
    assert found(store, "word") == ["second word"]
    index = index_all(store)
    at = store.indexes.read(lambda tx, _: tx.index.position(index))
    gone = Document(1, FIRST, "report", GREEN, OURS, "", 0, words_of(b'{"name": "third word"}'))
    assert put_in(store, index, [gone], at, at)
    assert found(store, "word") == ["second word"]


def test_what_was_removed_is_swept_out_of_the_index(store: Store) -> None:
    def job(tx: Transaction) -> None:
        for number in range(5):
            put(tx, f"word {number}", id=f"report--{number}")

    store.write(job)
    index = index_all(store)
    assert not store.indexes.read(lambda tx, _: tx.index.to_sweep(index))
    store.write(lambda tx: tx.listings.remove(of_object("report--1")))
    store.write(lambda tx: tx.listings.remove(of_object("report--3")))
    assert store.indexes.read(lambda tx, _: tx.index.to_sweep(index))
    assert store.indexes.write(index, lambda tx: tx.index.sweep(index, 1))
    assert store.indexes.write(index, lambda tx: tx.index.sweep(index, 1))
    assert not store.indexes.write(index, lambda tx: tx.index.sweep(index, 1))
    assert not store.indexes.read(lambda tx, _: tx.index.to_sweep(index))
    assert documents_of(store, index) == 3
    assert sorted(found(store, "word")) == ["word 0", "word 2", "word 4"]


def documents_of(store: Store, index: Index) -> int:
    """How many documents have the word, whether listed or not."""
    query = naming(index.number, sqlite=store.indexes.on_files)
    asked = {"words": "word", "newest": 1 << 60, "limit": 100}
    return store.indexes.read(lambda tx, _: len(tx._connection.execute(query, asked).all()), index)


def test_the_old_index_answers_until_the_new_one_is_complete(store: Store) -> None:
    store.write(lambda tx: put(tx, "word"))
    index_all(store)
    state = store.indexes.build(VERSION + 1)
    assert state.building is not None
    assert found(store, "word") == ["word"]
    assert store.indexes.swap(5).building == state.building, "it has not caught up"
    index_all(store)
    state = store.indexes.swap(5)
    assert (state.serving and state.serving.rules, state.retired) == (VERSION + 1, 1)
    assert found(store, "word") == ["word"]
    store.indexes.drop_retired(5)
    assert store.indexes.state().retired == 1
    store.indexes.drop_retired(6)
    assert store.indexes.state().retired is None
    assert found(store, "word") == ["word"]


def test_a_new_index_that_was_cut_off_leaves_the_old_one(opener: Opener) -> None:
    first = opener()
    first.write(furnish)
    first.write(lambda tx: [put(tx, f"word {number}") for number in range(9)])
    index_all(first)
    begun = first.indexes.build(VERSION).building
    assert begun is not None
    waiting = first.indexes.read(lambda tx, _: tx.index.next(begun, 4), begun)
    put_in(first, begun, list(map(document, waiting)), 0, waiting[-1].added)
    first.close()
    second = opener()
    assert len(found(second, "word")) == 9
    assert index_all(second) == begun
    assert second.indexes.swap(5).serving == begun
    assert len(found(second, "word")) == 9


def test_an_index_of_the_first_layout_is_replaced(store: Store) -> None:
    def leave(tx: Transaction) -> None:
        put(tx, "word")
        tx._connection.exec_driver_sql("CREATE TABLE search_texts_1 (words TEXT)")
        tx.settings.set("search.state", "{}")

    store.write(leave)
    index_all(store)
    assert found(store, "word") == ["word"]
    with pytest.raises(ProgrammingError if not store.indexes.on_files else OperationalError):
        store.write(lambda tx: tx._connection.exec_driver_sql("SELECT * FROM search_texts_1"))


def test_a_lost_index_is_said_to_be_lost_and_made_anew(store: Store) -> None:
    store.write(lambda tx: put(tx, "word"))
    index = index_all(store)
    store.write(lambda tx: store.indexes._place.drop(tx, index.number))
    store.indexes.close()
    with pytest.raises(IndexFault):
        found(store, "word")
    store.write(lambda tx: put(tx, "second word"))
    assert store.indexes.state().damaged == index.number
    state = store.indexes.build(VERSION)
    assert (state.serving != index, state.damaged) == (True, None)
    index_all(store)
    assert set(found(store, "word")) == {"word", "second word"}


def test_nothing_of_a_forgotten_text_stays_in_the_files(tmp_path: Path) -> None:
    store = open_store(tmp_path / "accord.db", create=True)
    store.write(furnish)
    secret = "zwiebelturm7431"

    def job(tx: Transaction) -> None:
        for number in range(300):
            put(tx, f"Case {number}", description=f"other words {number}")
        put(tx, "Secret", id="report--1", description=secret)

    store.write(job)
    index_all(store, 50)
    assert found(store, secret) == ["Secret"]

    def erase(tx: Transaction) -> None:
        tx.holdings.drop_unlisted(tx.listings.remove(of_object("report--1")))

    store.write(erase)
    store.indexes.build(VERSION)
    index_all(store)
    store.indexes.swap(1)
    store.indexes.drop_retired(2)
    assert len(found(store, "words")) == 300
    store.close()
    with sqlite3.connect(tmp_path / "accord.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    files = list(tmp_path.iterdir())
    assert any(file.name == "accord.db.search-2" for file in files)
    for file in files:
        assert secret[:8].encode() not in file.read_bytes(), file.name
