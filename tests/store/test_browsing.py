"""Looking through what is listed: the same on both databases, whatever of it is indexed."""

from __future__ import annotations

import random
import uuid

import msgspec
import pytest

from accord.stix.tokens import VERSION
from accord.stix.words import Words, object_words, referring_to
from accord.store.browsing import COUNTED, Browsed, Window
from accord.store.index_tables import Index
from accord.store.listings import Asked
from accord.store.matching import Sought
from accord.store.store import Store
from accord.store.transaction import Transaction
from tests.store.builders import FIRST, GREEN, OURS, RED, SECOND, THEIRS
from tests.store.test_search import document, index_all, put, put_in

AMBER = GREEN + 1
EVERYWHERE = (FIRST, SECOND)


class Row(msgspec.Struct, frozen=True):
    added: int
    at: int
    by: int
    tlp: int
    named: str
    area: str


def listed(store: Store, chance: random.Random, count: int) -> list[Row]:
    """Reports of all kinds; of an area according to their place."""

    def job(tx: Transaction) -> list[Row]:
        rows = []
        for place in range(count):
            at, by = chance.choice(EVERYWHERE), chance.choice((OURS, THEIRS))
            tlp = chance.choice((GREEN, AMBER, RED))
            named = chance.choice(("ann", "")) if tlp == RED else ""
            names = {"named": named} if named else {}
            added = put(tx, f"Report {place}", at=at, by=by, tlp=tlp, **names)
            rows.append(Row(added, at, by, tlp, named, ("cyber", "")[place % 2]))
        return rows

    return store.write(job)


def index_only(store: Store, rows: list[Row]) -> None:
    """Index these, the first of all, each with its area."""
    areas = {row.added: row.area for row in rows}
    index = store.indexes.build(VERSION).serving
    assert index is not None
    waiting = store.indexes.read(lambda tx, _: tx.index.next(index, 10_000), index)
    start = store.indexes.read(lambda tx, _: tx.index.position(index), index)
    made = [document(each, areas[each.added]) for each in waiting if each.added in areas]
    put_in(store, index, made, start, max(areas))


def may_see(asked: Asked, row: Row) -> bool:
    if row.at not in asked.collections or row.tlp > asked.tlp:
        return False
    return row.tlp < RED or not row.named or row.named in asked.named


def fits(sought: Sought, row: Row) -> bool:
    assert sought.asked is not None
    return (
        may_see(sought.asked, row)
        and (sought.collections is None or row.at in sought.collections)
        and (sought.ledgers is None or row.by in sought.ledgers)
        and (not sought.tlp or row.tlp in sought.tlp)
        and (not sought.areas or row.area in sought.areas)
        and (not sought.types or "report" in sought.types)
    )


def question(chance: random.Random) -> Sought:
    asked = Asked(
        collections=chance.choice((EVERYWHERE, (FIRST,), ())),
        tlp=chance.choice((GREEN, AMBER, RED)),
        named=chance.choice(((), ("ann",), ("bob",))),
    )
    return Sought(
        words=Words(()),
        asked=asked,
        types=chance.choice(((), ("report",), ("malware",))),
        ledgers=chance.choice((None, (OURS,), ())),
        collections=chance.choice((None, (SECOND,), EVERYWHERE)),
        tlp=chance.choice(((), (GREEN,), (AMBER, RED))),
        areas=chance.choice(((), ("cyber",), ("",))),
    )


def pages(store: Store, sought: Sought, limit: int) -> list[int]:
    """All pages, one after the other."""
    found: list[int] = []
    while True:
        before = {"before": found[-1]} if found else {}
        window = Window(limit, **before)
        rows = read(store, sought, window)
        found += [row.added for row in rows]
        if len(rows) < limit:
            return found


def read(store: Store, sought: Sought, window: Window) -> list[Browsed]:
    def job(tx: Transaction, index: Index | None) -> list[Browsed]:
        return tx.browsing.page(index, sought, window, tx.browsing.scopes(index, sought))

    return store.indexes.read(job)


@pytest.mark.parametrize("seed", range(4))
def test_pages_and_counts_are_those_of_the_model(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    before = listed(store, chance, 60)
    if seed:
        index_only(store, before)
    after = listed(store, chance, 8)
    for _ in range(40):
        sought = question(chance)
        # what is not indexed yet has no area that could be known
        known = before if sought.areas else before + after
        known = [] if sought.areas and not seed else known
        expected = sorted((row.added for row in known if fits(sought, row)), reverse=True)
        assert pages(store, sought, chance.randint(1, 9)) == expected
        assert count(store, sought, Window(1)) == len(expected)
        if expected:
            middle = expected[len(expected) // 2]
            assert count(store, sought, Window(1, since=middle)) == expected.index(middle) + 1
            assert count(store, sought, Window(1, before=middle)) == len(expected) - (
                expected.index(middle) + 1
            )


def count(store: Store, sought: Sought, window: Window) -> int:
    def job(tx: Transaction, index: Index | None) -> int:
        return tx.browsing.count(index, sought, window, tx.browsing.scopes(index, sought))[0]

    return store.indexes.read(job)


def test_a_holding_in_two_collections_is_one_row(store: Store) -> None:
    name = f"report--{uuid.uuid4()}"

    def job(tx: Transaction) -> None:
        put(tx, "Once", id=name, at=FIRST)
        put(tx, "Once", id=name, at=SECOND)

    store.write(job)
    asked = Asked(collections=EVERYWHERE, tlp=GREEN, named=())
    sought = Sought(words=Words(()), asked=asked)
    assert len(read(store, sought, Window(10))) == 1
    assert count(store, sought, Window(10)) == 1
    index_all(store)
    narrowed = msgspec.structs.replace(sought, types=("report",), areas=("",))
    assert len(read(store, narrowed, Window(10))) == 1


def test_only_the_newest_version_stands_in_the_list_and_all_open_one_by_one(store: Store) -> None:
    name = f"report--{uuid.uuid4()}"

    def job(tx: Transaction) -> None:
        put(tx, "Old", id=name, version="2023")
        put(tx, "New", id=name, version="2024")
        put(tx, "For few", id=name, version="2025", tlp=AMBER)

    store.write(job)
    for tlp, newest, seen in ((GREEN, "2024", 2), (AMBER, "2025", 3)):
        asked = Asked(collections=(FIRST,), tlp=tlp, named=())
        rows = read(store, Sought(words=Words(()), asked=asked), Window(10))
        assert [row.version for row in rows] == [newest]
        every = store.read(lambda tx: tx.browsing.of_objects(asked, [name]))  # noqa: B023
        assert len(every) == seen


def test_choices_name_nothing_that_is_for_named_readers_alone(store: Store) -> None:
    store.write(lambda tx: put(tx, "Plain"))
    store.write(lambda tx: put(tx, "Secret", tlp=RED, named="ann", at=SECOND))
    index_all(store)
    every = Asked(collections=EVERYWHERE, tlp=RED, named=("bob",))
    second = msgspec.structs.replace(every, collections=(SECOND,))
    for asked, types in ((every, ["report"]), (second, [])):
        assert store.indexes.read(lambda tx, index: tx.browsing.choices(index, asked))[0] == types  # noqa: B023


def test_what_goes_by_names_is_found_by_those_it_names(store: Store) -> None:
    def job(tx: Transaction) -> None:
        put(tx, "Plain")
        for name in ("ann", "bob"):
            put(tx, f"For {name}", tlp=RED, named=name)

    store.write(job)

    def named(names: tuple[str, ...], since: int = 0) -> list[int]:
        return store.read(lambda tx: tx.browsing.named(names, since))

    (anns,) = named(("ann",))
    assert len(named(("ann", "bob"))) == 2
    assert named(("an",)) == named(()) == named(("ann",), anns + 1) == []
    assert store.read(lambda tx: tx.browsing.last()) == max(named(("ann", "bob")))


def test_counting_ends_beyond_ten_thousand(store: Store) -> None:
    def job(tx: Transaction) -> None:
        for _ in range(12):
            put(tx, "One of many")

    store.write(job)
    asked = Asked(collections=(FIRST,), tlp=GREEN, named=())
    assert count(store, Sought(words=Words(()), asked=asked), Window(1)) == 12 < COUNTED


def test_what_refers_to_an_object_is_found_by_it(store: Store) -> None:
    target = f"malware--{uuid.uuid4()}"

    def job(tx: Transaction) -> None:
        put(tx, "Refers", object_refs=[target, "identity--1"], created_by_ref=target + "x")
        put(tx, "Speaks of nothing", created_by_ref=target)
        put(tx, "Hidden", object_refs=[target], tlp=AMBER)

    store.write(job)
    index_all(store)
    asked = Asked(collections=(FIRST,), tlp=GREEN, named=())

    def titles(tx: Transaction, index: Index | None) -> list[str]:
        assert index is not None
        rows = tx.browsing.referring(index, asked, target, 10)
        return [msgspec.json.decode(row.body or b"")["name"] for row in rows]

    assert store.indexes.read(titles) == ["Refers"]


def test_references_are_no_words_that_one_could_ask_for() -> None:
    target = f"malware--{uuid.uuid4()}"
    written = object_words({"type": "report", "id": "report--1", "object_refs": [target]})
    (token,) = [term.token for term in referring_to(target).terms]
    assert f" {token} " in written
    assert target not in written
