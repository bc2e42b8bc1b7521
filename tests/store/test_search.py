"""The search index and questions to it, the same on both databases."""

from __future__ import annotations

import json
import sqlite3
import uuid
from pathlib import Path

import pytest

from accord.base.errors import MachineFault
from accord.stix.tokens import VERSION
from accord.stix.words import object_words, question_words
from accord.store.index import Document, Index
from accord.store.listings import Asked
from accord.store.opening import open_store
from accord.store.search import MOST, RANKED, Sought
from accord.store.store import Store
from accord.store.transaction import Transaction
from tests.store.builders import FIRST, GREEN, OURS, RED, SECOND, THEIRS, furnish, holding, publish
from tests.store.conftest import Opener


def put(tx: Transaction, name: str, *, at: int = FIRST, by: int = OURS, **fields: object) -> int:
    """List an object of this name; returns its `added`."""
    tlp = int(str(fields.pop("tlp", GREEN)))
    named = [str(fields.pop("named"))] if "named" in fields else []
    object_id = str(fields.pop("id", f"report--{uuid.uuid4()}"))
    version = str(fields.pop("version", "2024"))
    raw = json.dumps({"type": "report", "id": object_id, "name": name, **fields}).encode()
    rows = [holding(object_id, version, by=by, body=raw)]
    return publish(tx, rows, at=at, tlp=tlp, named=named)[0]


def index_all(store: Store, batch: int = 500) -> Index:
    """Bring the index in service up to date."""
    while True:
        state = store.read(lambda tx: tx.index.state())
        if state.serving is None:
            state = store.write(lambda tx: tx.index.build(VERSION))
        index = state.building or state.serving
        assert index is not None
        waiting = store.read(lambda tx: tx.index.next(index, batch))  # noqa: B023
        if not waiting:
            return index
        documents = [
            Document(each.added, each.ledger, None, each.added, words_of(each.body or b"{}"))
            for each in waiting
        ]
        last = waiting[-1].added
        store.write(lambda tx: tx.index.put(index, documents, last))  # noqa: B023


def words_of(raw: bytes) -> str:
    return object_words(json.loads(raw))


def found(store: Store, text: str, **asked: object) -> list[str]:
    """The names of what is found, in order."""
    index = store.read(lambda tx: tx.index.state()).serving
    assert index is not None

    def job(tx: Transaction) -> list[str]:
        sought = Sought(words=question_words(text), **{"asked": None, **asked})  # type: ignore[arg-type]
        hits = tx.search.find(index, sought).hits
        contents = tx.search.contents([match.holding for match in hits])
        return [json.loads(contents[match.holding][2])["name"] for match in hits]

    return store.read(job)


def reader(*at: int, tlp: int = GREEN, named: tuple[str, ...] = ()) -> Asked:
    return Asked(collections=at, tlp=tlp, named=named)


def test_words_of_three_scripts_are_found(store: Store) -> None:
    def job(tx: Transaction) -> None:
        put(tx, "資訊安全漏洞通報")
        put(tx, "Уязвимости веб-серверов")
        put(tx, "Vulnerabilities of web servers, CVE-2024-1234")

    store.write(job)
    index_all(store)
    assert found(store, "漏洞") == ["資訊安全漏洞通報"]
    assert found(store, "资讯") == ["資訊安全漏洞通報"]
    assert found(store, "уязвимостей сервер") == ["Уязвимости веб-серверов"]
    assert found(store, "vulnerability server") == ["Vulnerabilities of web servers, CVE-2024-1234"]
    assert found(store, "cve-2024-1234") == ["Vulnerabilities of web servers, CVE-2024-1234"]
    assert found(store, "cve-2024-123") == []
    assert found(store, "cve-2024-12*") == ["Vulnerabilities of web servers, CVE-2024-1234"]


def test_what_is_called_so_comes_before_what_speaks_of_it(store: Store) -> None:
    def job(tx: Transaction) -> None:
        put(tx, "Sandworm")
        put(tx, "Sandworm and others")
        put(tx, "Night", description="An intrusion by Sandworm. " + "Long. " * 50)

    store.write(job)
    index_all(store)
    assert found(store, "sandworm") == ["Sandworm", "Sandworm and others", "Night"]


def test_of_many_the_one_that_is_called_so_is_first_however_old(store: Store) -> None:
    def job(tx: Transaction) -> None:
        put(tx, "Sandworm")
        for number in range(RANKED + 20):
            put(tx, f"Case {number}", description="by Sandworm")

    store.write(job)
    index_all(store)
    names = found(store, "sandworm")
    assert names[:2] == ["Sandworm", f"Case {RANKED + 19}"]
    assert len(names) == len(set(names)) == RANKED + 21


def test_what_has_most_of_the_words_is_found_when_nothing_has_all(store: Store) -> None:
    def job(tx: Transaction) -> None:
        put(tx, "remote execution of code")
        put(tx, "remote printing")
        put(tx, "something else")

    store.write(job)
    index_all(store)
    assert found(store, "remote code injection") == ["remote execution of code"]
    both = ["remote execution of code", "remote printing"]
    assert found(store, "remote code printing paper") == list(reversed(both))
    assert found(store, "injection") == []


def test_only_what_the_reader_may_see_is_found(store: Store) -> None:
    def job(tx: Transaction) -> None:
        put(tx, "green word")
        put(tx, "red word", tlp=RED, named="ann")
        put(tx, "red word for all", tlp=RED)
        put(tx, "other word", at=SECOND)

    store.write(job)
    index_all(store)
    everything = {"green word", "red word", "red word for all", "other word"}
    assert set(found(store, "word")) == everything
    assert found(store, "word", asked=reader(FIRST)) == ["green word"]
    red = {"green word", "red word for all"}
    assert set(found(store, "word", asked=reader(FIRST, tlp=RED))) == red
    ann = reader(FIRST, SECOND, tlp=RED, named=("ann",))
    assert set(found(store, "word", asked=ann)) == everything
    assert found(store, "word", asked=reader()) == []


def test_filters_and_superseded_versions(store: Store) -> None:
    def job(tx: Transaction) -> None:
        put(tx, "old word", id="report--1", version="2024")
        put(tx, "new word", id="report--1", version="2025")
        put(tx, "their word", by=THEIRS, at=SECOND)

    store.write(job)
    index_all(store)
    assert set(found(store, "word")) == {"new word", "their word"}
    assert found(store, "word", ledgers=(THEIRS,)) == ["their word"]
    assert found(store, "word", collections=(FIRST,)) == ["new word"]
    assert found(store, "word", ledgers=()) == []
    assert found(store, "word", since=1 << 60) == []


def test_a_holding_under_two_agreements_is_one_hit(store: Store) -> None:
    def job(tx: Transaction) -> None:
        for at in (FIRST, SECOND):
            put(tx, "shared word", id="report--7", at=at)

    store.write(job)
    index_all(store)
    assert found(store, "word") == ["shared word"]
    assert found(store, "word", asked=reader(SECOND)) == ["shared word"]


def test_a_batch_that_another_process_took_is_not_taken_twice(opener: Opener) -> None:
    first, second = opener(), opener()
    first.write(furnish)
    added = first.write(lambda tx: put(tx, "word"))
    index = first.write(lambda tx: tx.index.build(VERSION)).serving
    assert index is not None
    documents = [Document(added, OURS, None, 0, words_of(b'{"name": "word"}'))]
    assert first.write(lambda tx: tx.index.put(index, documents, added))
    assert not second.write(lambda tx: tx.index.put(index, documents, added))
    assert found(second, "word") == ["word"]


def test_a_batch_that_was_cut_off_is_taken_again(store: Store) -> None:
    store.write(lambda tx: put(tx, "word"))
    index = store.write(lambda tx: tx.index.build(VERSION)).serving
    assert index is not None
    (waiting,) = store.read(lambda tx: tx.index.next(index, 10))
    document = Document(waiting.added, OURS, None, 0, words_of(waiting.body or b""))

    def cut(tx: Transaction) -> None:
        tx.index.put(index, [document], waiting.added)
        raise MachineFault("store.closed")

    with pytest.raises(MachineFault):
        store.write(cut)
    assert found(store, "word") == []
    assert store.read(lambda tx: tx.index.lag(index)) == 1
    index_all(store)
    assert found(store, "word") == ["word"]


def test_what_is_removed_is_not_found_nor_indexed_later(store: Store) -> None:
    def job(tx: Transaction) -> None:
        put(tx, "first word", id="report--1")
        put(tx, "second word", id="report--2")

    store.write(job)
    index_all(store)
    asked = Asked(collections=(FIRST,), tlp=RED, named=(), ids=("report--1",))
    store.write(lambda tx: tx.listings.remove(asked))
    assert found(store, "word") == ["second word"]
    index = index_all(store)
    gone = Document(1, OURS, None, 0, words_of(b'{"name": "third word"}'))
    store.write(lambda tx: tx.index.put(index, [gone], index.position))
    assert found(store, "word") == ["second word"]


def test_the_old_index_answers_until_the_new_one_is_complete(store: Store) -> None:
    store.write(lambda tx: put(tx, "word"))
    index_all(store)
    state = store.write(lambda tx: tx.index.build(VERSION + 1))
    assert state.building is not None
    assert found(store, "word") == ["word"]
    index_all(store)
    state = store.write(lambda tx: tx.index.swap(5))
    assert (state.serving and state.serving.rules, state.retired) == (VERSION + 1, 1)
    assert found(store, "word") == ["word"]
    store.write(lambda tx: tx.index.drop_retired(5))
    assert store.read(lambda tx: tx.index.state()).retired == 1
    store.write(lambda tx: tx.index.drop_retired(6))
    assert store.read(lambda tx: tx.index.state()).retired is None
    assert found(store, "word") == ["word"]


def test_what_an_older_program_removed_is_swept(store: Store) -> None:
    added = store.write(lambda tx: put(tx, "word"))
    index = index_all(store)
    assert store.read(lambda tx: tx.index.orphans(index)) == []
    store.write(lambda tx: tx._connection.exec_driver_sql("DELETE FROM listings"))
    assert found(store, "word") == []
    assert store.read(lambda tx: tx.index.orphans(index)) == [added]
    store.write(lambda tx: tx.index.forget([added]))
    assert store.read(lambda tx: tx.index.orphans(index)) == []


def test_more_than_can_be_counted_is_said_to_be_more(store: Store) -> None:
    def job(tx: Transaction) -> None:
        raws = [json.dumps({"name": "word", "n": number}).encode() for number in range(MOST + 5)]
        rows = [holding(f"report--{n}", body=raw) for n, raw in enumerate(raws)]
        kept = tx.holdings.keep(rows)
        from tests.store.builders import listing

        tx.listings.add([listing(each) for each in kept], 0)

    store.write(job)
    index_all(store, 3000)
    index = store.read(lambda tx: tx.index.state()).serving
    assert index is not None
    sought = Sought(words=question_words("word"), asked=None)
    answer = store.read(lambda tx: tx.search.find(index, sought))
    assert (len(answer.hits), answer.more) == (MOST, True)


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
    asked = Asked(collections=(FIRST,), tlp=RED, named=(), ids=("report--1",))

    def erase(tx: Transaction) -> None:
        tx.holdings.drop_unlisted(tx.listings.remove(asked))

    store.write(erase)
    store.write(lambda tx: tx.index.build(VERSION))
    index_all(store)
    store.write(lambda tx: tx.index.swap(1))
    store.write(lambda tx: tx.index.drop_retired(2))
    assert len(found(store, "words")) == 300
    store.close()
    with sqlite3.connect(tmp_path / "accord.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    for file in tmp_path.iterdir():
        assert secret[:8].encode() not in file.read_bytes(), file.name
