"""The search index and questions to it, the same on both databases."""

from __future__ import annotations

import json
import uuid

from accord.stix.tokens import VERSION
from accord.stix.words import object_words, question_words
from accord.store.index_tables import Document, Index, ToIndex
from accord.store.listings import Asked
from accord.store.matching import Sought
from accord.store.search import MOST, RANKED, Found, Page
from accord.store.store import Store
from accord.store.transaction import Transaction
from tests.store.builders import (
    FIRST,
    GREEN,
    OURS,
    RED,
    SECOND,
    THEIRS,
    holding,
    listing,
    publish,
)


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
    """Bring the newest index up to date."""
    state = store.indexes.state()
    if state.serving is None:
        state = store.indexes.build(VERSION)
    index = state.building or state.serving
    assert index is not None
    while waiting := store.indexes.read(lambda tx, _: tx.index.next(index, batch), index):
        start = store.indexes.read(lambda tx, _: tx.index.position(index), index)
        put_in(store, index, list(map(document, waiting)), start, waiting[-1].added)
    return index


def put_in(store: Store, index: Index, made: list[Document], start: int, end: int) -> bool:
    return store.indexes.write(index, lambda tx: tx.index.put(index, made, start, end))


def document(each: ToIndex, area: str = "") -> Document:
    return Document(
        added=each.added,
        collection=each.collection,
        type=each.type,
        tlp=each.tlp,
        ledger=each.ledger,
        area=area,
        moment=each.added,
        words=words_of(each.body or b"{}"),
        again=each.again,
    )


def words_of(raw: bytes) -> str:
    return object_words(json.loads(raw))


WHOLE = Page(MOST)


def sought(text: str, **asked: object) -> Sought:
    return Sought(words=question_words(text), **{"asked": None, **asked})  # type: ignore[arg-type]


def find(store: Store, text: str, page: Page = WHOLE, **asked: object) -> Found:
    def job(tx: Transaction, index: Index | None) -> Found:
        assert index is not None
        return tx.search.find(index, sought(text, **asked), page)

    return store.indexes.read(job)


def found(store: Store, text: str, **asked: object) -> list[str]:
    """The names of what is found, in order."""
    hits = find(store, text, WHOLE, **asked).hits
    contents = store.read(lambda tx: tx.search.contents([match.holding for match in hits]))
    return [json.loads(contents[match.holding][2])["name"] for match in hits]


def reader(*at: int, tlp: int = GREEN, named: tuple[str, ...] = ()) -> Asked:
    return Asked(collections=at, tlp=tlp, named=named)


def of_object(name: str) -> Asked:
    return Asked(collections=(FIRST,), tlp=RED, named=(), ids=(name,))


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


def test_what_has_most_of_the_words_is_found_where_little_has_all(store: Store) -> None:
    def job(tx: Transaction) -> None:
        put(tx, "remote execution of code")
        put(tx, "remote printing")
        put(tx, "something else")

    store.write(job)
    index_all(store)
    assert found(store, "remote code injection") == ["remote execution of code"]
    assert find(store, "remote code injection").whole == 0
    both = {"remote execution of code", "remote printing"}
    assert set(found(store, "remote code printing paper")) == both
    assert found(store, "remote execution code") == ["remote execution of code"]
    assert found(store, "injection") == []
    assert found(store, "remote printing") == ["remote printing"], "two words are both meant"


def test_a_rare_word_counts_more_than_frequent_ones(store: Store) -> None:
    def job(tx: Transaction) -> None:
        put(tx, "uWSGI and its settings")
        for number in range(20):
            put(tx, f"remote execution of code, case {number}")

    store.write(job)
    index_all(store)
    names = found(store, "uwsgi remote code execution")
    assert names[0] == "uWSGI and its settings"
    assert len(names) == 21


def test_what_may_not_be_seen_changes_nothing_of_what_is_found(store: Store) -> None:
    def seen(tx: Transaction) -> None:
        put(tx, "uWSGI and its settings")
        for number in range(20):
            put(tx, f"remote execution of code, case {number}")

    def hidden(tx: Transaction) -> None:
        for number in range(30):
            put(tx, f"uWSGI, remote, number {number}", at=SECOND)

    store.write(seen)
    index_all(store)
    question, by = "uwsgi remote code execution", reader(FIRST)
    before = found(store, question, asked=by)
    store.write(hidden)
    index_all(store)
    assert found(store, question, asked=by) == before


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
    assert found(store, "word", since=4 * 10**15) == []


def test_a_holding_under_two_agreements_is_one_hit(store: Store) -> None:
    def job(tx: Transaction) -> None:
        for at in (FIRST, SECOND):
            put(tx, "shared word", id="report--7", at=at)

    store.write(job)
    index_all(store)
    assert found(store, "word") == ["shared word"]
    assert found(store, "word", asked=reader(SECOND)) == ["shared word"]


def test_pages_follow_each_other_while_objects_arrive(store: Store) -> None:
    def first(tx: Transaction) -> None:
        for number in range(RANKED + 150):
            put(tx, f"Case {number}", description="word " * (number % 7 + 1))
        put(tx, "Word")

    def later(tx: Transaction) -> None:
        for number in range(40):
            put(tx, f"Later {number} word", description="word")

    store.write(first)
    index_all(store)
    whole = [match.added for match in find(store, "word").hits]
    assert len(whole) == RANKED + 151
    seen: list[int] = []
    page = Page(60)
    while True:
        answer = find(store, "word", page)
        seen += [match.added for match in answer.hits]
        if answer.last:
            break
        page = Page(60, answer.places[-1], answer.bounds)
        store.write(later)
        index_all(store)
    assert seen == whole


def test_more_than_can_be_counted_is_said_to_be_more(store: Store) -> None:
    def job(tx: Transaction) -> None:
        raws = [json.dumps({"name": "word", "n": number}).encode() for number in range(MOST + 5)]
        rows = [holding(f"report--{n}", body=raw) for n, raw in enumerate(raws)]
        kept = tx.holdings.keep(rows)
        tx.listings.add([listing(each) for each in kept], 0)

    store.write(job)
    index_all(store, 3000)
    answer = find(store, "word", Page(10))
    assert (len(answer.hits), answer.total, answer.capped) == (10, MOST, True)
