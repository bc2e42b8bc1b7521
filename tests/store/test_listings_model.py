"""Pages and grants against plain models of them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.store.listings import Asked
from accord.store.opening import open_store
from accord.store.pages import join
from accord.store.records import NewGrant
from accord.store.store import Store
from accord.store.transaction import Transaction
from tests.store.builders import ALFA, BRAVO, RED, entry, furnish, holding, publish
from tests.store.conftest import empty_database

NAMES = ("Ann", "Ben")
TYPES = {1: "indicator", 2: "indicator", 3: "malware", 4: "x-rare"}  # of the objects


class Shown(msgspec.Struct, frozen=True):
    """One act of listing: which object and version, where, for whom."""

    object: int
    version: int
    at: int
    tlp: int
    named: tuple[str, ...]


def name_of(number: int) -> str:
    return f"{TYPES[number]}--{number}"


acts = st.lists(
    st.builds(
        Shown,
        object=st.integers(1, 4),
        version=st.integers(1, 3),
        at=st.integers(1, 3),
        tlp=st.integers(0, RED),
        named=st.lists(st.sampled_from(NAMES), unique=True).map(tuple),
    ),
    max_size=25,
)
questions = st.builds(
    Asked,
    collections=st.sets(st.integers(1, 3), min_size=1).map(lambda found: tuple(sorted(found))),
    tlp=st.integers(0, RED),
    named=st.lists(st.sampled_from(NAMES), unique=True).map(tuple),
    limit=st.integers(1, 9),
    latest=st.booleans(),
    first=st.booleans(),
    types=st.sets(st.sampled_from(["indicator", "malware", "x-rare", "x-none"])).map(tuple),
    ids=st.sets(st.integers(1, 4), max_size=2).map(lambda found: tuple(map(name_of, found))),
)


class UndoneError(Exception):
    """Takes everything of a job back, so that one store serves all examples."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    with empty_database(request, tmp_path_factory.mktemp("store")) as url:
        store = open_store(url, create=True)
        store.write(furnish)
        yield store
        store.close()


def may_see(each: Shown, asked: Asked) -> bool:
    if each.at not in asked.collections or each.tlp > asked.tlp:
        return False
    return not each.named or bool(set(each.named) & set(asked.named))


def expected(listed: list[Shown], asked: Asked) -> list[tuple[int, int]]:
    """The model: what may be seen of all, in order; of it the versions asked for, each once."""
    seen = [each for each in listed if may_see(each, asked)]
    versions: dict[tuple[int, int], set[int]] = {}
    for each in seen:
        versions.setdefault((each.at, each.object), set()).add(each.version)
    found: list[tuple[int, int]] = []
    for each in seen:
        beside = versions[each.at, each.object]
        ways = [asked.latest and each.version == max(beside)]
        ways.append(asked.first and each.version == min(beside))
        if not (any(ways) or not (asked.latest or asked.first)):
            continue
        if asked.types and TYPES[each.object] not in asked.types:
            continue
        if asked.ids and name_of(each.object) not in asked.ids:
            continue
        if (each.object, each.version) not in found:
            found.append((each.object, each.version))
    return found


def paged(tx: Transaction, asked: Asked) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    while True:
        page, more = tx.listings.page(asked)
        assert tx.pages.page(asked) == (join(page), more)
        assert len(page) <= asked.limit
        found += [(int(row.object_id.partition("--")[2]), int(row.version)) for row in page]
        if not more:
            return found
        asked = msgspec.structs.replace(asked, after=page[-1].added)


@given(acts, questions)
def test_pages_show_what_a_plain_list_would_show(
    shared: Store, listed: list[Shown], asked: Asked
) -> None:
    def job(tx: Transaction) -> None:
        kept: list[Shown] = []
        for each in listed:
            row = holding(name_of(each.object), str(each.version))
            if publish(tx, [row], at=each.at, tlp=each.tlp, named=each.named):
                kept.append(each)
        assert paged(tx, asked) == expected(kept, asked)
        raise UndoneError

    with pytest.raises(UndoneError):
        shared.write(job)


steps = st.lists(
    st.tuples(
        st.sampled_from(["grant", "withdraw"]),
        st.sampled_from([ALFA, BRAVO]),
        st.integers(0, 1),
        st.sets(st.integers(1, 8), min_size=1, max_size=4),
    ),
    max_size=15,
)


Standing = dict[tuple[int, int], tuple[int, int]]  # peer, entry: lane, when it was granted


def numbers(tx: Transaction, peer: int) -> dict[int, int]:
    """The grant of each entry that is granted to a peer."""
    pages = [tx.grants.page(peer, lane, 0, 99) for lane in (0, 1)]
    return {row.entry.seq: row.seq for page in pages for row in page}


def take_step(
    tx: Transaction, standing: Standing, place: int, step: tuple[str, int, int, set[int]]
) -> None:
    what, peer, lane, entries = step
    if what == "grant":
        fresh = sorted(each for each in entries if (peer, each) not in standing)
        tx.grants.grant([NewGrant(peer=peer, lane=lane, entry=each) for each in fresh])
        standing.update({(peer, each): (lane, place) for each in fresh})
        return
    granted = numbers(tx, peer)
    taken = [each for each in entries if (peer, each) in standing]
    tx.grants.withdraw(peer, [granted[each] for each in taken])
    for each in taken:
        del standing[peer, each]


@given(steps)
def test_grants_are_served_in_order_and_no_cursor_is_passed_twice(
    shared: Store, steps: list[tuple[str, int, int, set[int]]]
) -> None:
    def job(tx: Transaction) -> None:
        kept = tx.holdings.keep([holding()])[0]
        tx.entries.put([entry(number, holding=kept.seq) for number in range(1, 9)])
        standing: Standing = {}
        seen: set[int] = set()
        for place, step in enumerate(steps):
            take_step(tx, standing, place, step)
            now = {*numbers(tx, ALFA).values(), *numbers(tx, BRAVO).values()}
            assert all(number > max(seen, default=0) for number in now - seen)
            seen |= now
        for peer, lane in ((ALFA, 0), (ALFA, 1), (BRAVO, 0), (BRAVO, 1)):
            mine = [
                (when, each)
                for (to, each), (at, when) in standing.items()
                if (to, at) == (peer, lane)
            ]
            served = tx.grants.page(peer, lane, 0, 99)
            assert [row.entry.seq for row in served] == [each for _, each in sorted(mine)]
        raise UndoneError

    with pytest.raises(UndoneError):
        shared.write(job)
