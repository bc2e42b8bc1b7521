"""Searching a node: only what the asker may see, in pages, kept up by an indexer."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.base.errors import DeniedError, InputError
from accord.node.collections import Query, delete_private, find_collection, read_page
from accord.node.indexer import FEW, Indexer, index_load
from accord.node.indexing import catch_up, index_some, lag, purge_forgotten, rebuild
from accord.node.listing import EVERYTHING, PRIVATE
from accord.node.node import Node
from accord.node.private import keep_private
from accord.node.searching import Answer, Question, search
from accord.node.tokens import Reader
from accord.rules.access import Scope
from tests.node.support import Community, Template, give, indicator

LEVELS = ("clear", "green", "amber", "amber+strict", "red")
TLP_RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


def keep(node: Node, numbers: range, author: str = "ann", **fields: Any) -> None:
    raws = [indicator(number, **fields) for number in numbers]
    keep_private(node, [node.checker.check(raw).object for raw in raws], author)


def reader(
    *roles: str,
    tlp: str = "amber",
    agreements: frozenset[str] | None = None,
    named: tuple[str, ...] = (),
) -> Reader:
    scope = Scope(
        roles=frozenset(roles or ("analyst",)),  # type: ignore[arg-type]
        tlp=tlp,  # type: ignore[arg-type]
        agreements=agreements,
        named=frozenset(named),
    )
    return Reader("someone", scope)


def ask(node: Node, text: str, by: Reader | None = None, **more: object) -> Answer:
    catch_up(node)
    return search(node, by, Question(text=text, **more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def furnished(
    pair_template: Template, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Community, list[str]]]:
    """Two members with two agreements and objects of every level under each and in `private`."""
    community = Community(pair_template, tmp_path_factory.mktemp("furnished"))
    alfa, bravo = community["Alfa"], community["Bravo"]
    agreed = [community.agree(name=name, tlp_ceiling="red").id for name in ("One", "Two")]
    number = 0
    for agreement in agreed:
        for level in LEVELS:
            raws = [indicator(number + offset, description="needle") for offset in range(2)]
            to = {"audience": (bravo.member,), "named": ("ann",)} if level == "red" else {}
            give(alfa, raws, agreement, tlp=level, **to)
            number += 2
    give(alfa, [indicator(0, description="needle")], agreed[1])
    keep(alfa, range(50, 52), description="needle")
    keep(alfa, range(52, 54), "bea", description="needle", object_marking_refs=[TLP_RED])
    catch_up(alfa)
    yield community, agreed
    community.close()


@given(
    tlp=st.sampled_from(LEVELS),
    which=st.none() | st.sets(st.integers(0, 1)),
    named=st.sets(st.sampled_from(("ann", "bea"))),
)
def test_whoever_searches_finds_what_the_collections_show_them(
    furnished: tuple[Community, list[str]],
    tlp: str,
    which: set[int] | None,
    named: set[str],
) -> None:
    community, agreed = furnished
    alfa = community["Alfa"]
    agreements = None if which is None else frozenset(agreed[place] for place in which)
    by = reader(tlp=tlp, agreements=agreements, named=tuple(named))
    everything = find_collection(alfa, by, EVERYTHING)
    rows, _ = read_page(alfa, by, everything, Query())
    shown = {row.object_id for row in rows if row.object_id.startswith("indicator--")}
    answer = search(alfa, by, Question(text="needle", limit=100))
    assert {hit.object_id for hit in answer.hits} == shown
    assert answer.total == len(shown)
    for facet in answer.facets.values():
        assert sum(facet.values()) == len(shown)
    whole = search(alfa, None, Question(text="needle", limit=100))
    order = [hit.object_id for hit in whole.hits]
    assert len(order) == 24
    mine = [hit.object_id for hit in answer.hits]
    assert sorted(mine, key=order.index) == mine or len(mine) < len(order)


def test_filters_and_facets(furnished: tuple[Community, list[str]]) -> None:
    community, (one, two) = furnished
    alfa, bravo = community["Alfa"], community["Bravo"]
    facets = ask(alfa, "needle").facets
    assert facets["type"] == {"indicator": 24}
    assert facets["agreement"] == {one: 10, two: 10, "private": 4}
    assert facets["tlp"]["red"] == 6
    assert facets["member"] == {alfa.member: 24}
    assert ask(alfa, "needle", agreements=("private",)).total == 4
    assert ask(alfa, "needle", agreements=(one, "private"), tlp=("TLP:RED",)).total == 4
    assert ask(alfa, "needle", types=("report",)).total == 0
    assert ask(alfa, "needle", members=(bravo.member,)).total == 0
    assert ask(alfa, "needle", members=("nobody",)).total == 0


def test_what_came_from_a_peer_is_found_with_its_name(pair: Community) -> None:
    agreed = pair.agree()
    give(pair["Alfa"], [indicator(1, name="尼罗河行动")], agreed.id, area="cyber")
    pair.settle()
    (hit,) = ask(pair["Bravo"], "尼羅河").hits
    assert (hit.member, hit.agreement) == (pair["Alfa"].member, agreed.id)
    assert (hit.title, hit.area, hit.tlp) == ("尼罗河行动", "cyber", "green")


def test_exercise_data_is_never_found(pair: Community) -> None:
    agreed = pair.agree(exercise=True)
    give(pair["Alfa"], [indicator(1, description="needle")], agreed.id, status="exercise")
    pair.settle()
    assert [ask(node, "needle").total for node in pair] == [0, 0]


def test_pages_follow_each_other_without_gap_or_repetition(pair: Community) -> None:
    alfa = pair["Alfa"]
    keep(alfa, range(230), description="needle")
    keep(alfa, range(230, 240), name="needle")
    whole: list[str] = []
    after: str | None = ""
    while after is not None:
        answer = ask(alfa, "needle", limit=37, after=after)
        assert answer.total == 240
        whole += [hit.object_id for hit in answer.hits]
        after = answer.next
    assert len(whole) == len(set(whole)) == 240
    assert {int(name[-12:], 16) for name in whole[:10]} == set(range(230, 240))


def test_a_question_that_cannot_be_answered_is_refused(pair: Community) -> None:
    alfa = pair["Alfa"]
    for question in (Question(text=" * "), Question(text="x", tlp=("pink",))):
        with pytest.raises(InputError):
            search(alfa, None, question)
    for cursor in ("1", "a.b.c", "1.2.-3"):
        with pytest.raises(InputError) as caught:
            search(alfa, None, Question(text="x", after=cursor))
        assert caught.value.message.key == "node.search-cursor"
    with pytest.raises(DeniedError):
        search(alfa, reader("operator"), Question(text="x"))


def test_an_index_that_is_behind_says_so(pair: Community) -> None:
    alfa = pair["Alfa"]
    keep(alfa, range(25), description="needle")
    assert search(alfa, None, Question(text="needle")).behind
    assert index_some(alfa, 20) == 20
    answer = search(alfa, None, Question(text="needle"))
    assert answer.behind
    assert 0 < answer.total <= 20
    assert lag(alfa) > 0
    answer = ask(alfa, "needle")
    assert (answer.total, answer.behind, lag(alfa)) == (25, False, 0)


def test_indexing_goes_on_where_it_was_when_the_node_stopped(pair: Community) -> None:
    keep(pair["Alfa"], range(25), description="needle")
    index_some(pair["Alfa"], 20)
    alfa = pair.reopen("Alfa")
    assert ask(alfa, "needle").total == 25


def test_a_rebuilt_index_answers_the_same(pair: Community) -> None:
    alfa = pair["Alfa"]
    keep(alfa, range(20), description="needle")
    before = ask(alfa, "needle")
    assert rebuild(alfa) >= 20
    assert ask(alfa, "needle") == before


def test_the_indexer_follows_the_commits_and_stops(pair: Community) -> None:
    alfa = pair["Alfa"]
    indexer = Indexer(alfa)
    indexer.start()
    keep(alfa, range(10), description="needle")
    _until(lambda: _counted(alfa) == 10)
    keep(alfa, range(10, FEW + 20), description="needle")
    _until(lambda: _counted(alfa) == FEW + 20)
    indexer.stop()


def test_a_load_is_indexed_by_a_process_that_ends_with_its_input(pair: Community) -> None:
    alfa = pair["Alfa"]
    keep(alfa, range(30), description="needle")
    command = [sys.executable, "-m", "accord.node.indexer", str(alfa.home.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        _until(lambda: _counted(alfa) == 30)
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_the_process_that_indexes_is_gone_when_nothing_more_comes(pair: Community) -> None:
    keep(pair["Alfa"], range(30), description="needle")
    index_load(pair["Alfa"].home.folder, threading.Event(), linger=0.3)
    assert _counted(pair["Alfa"]) == 30
    ended = threading.Event()
    ended.set()
    keep(pair["Alfa"], range(30, 40), description="needle")
    index_load(pair["Alfa"].home.folder, ended)
    assert _counted(pair["Alfa"]) == 30


def _counted(node: Node) -> int:
    return search(node, None, Question(text="needle")).total


def _until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)


def test_nothing_of_what_was_deleted_is_found_or_kept_by_the_index(
    pair: Community,
) -> None:
    alfa = pair["Alfa"]
    keep(alfa, range(5), description="needle zwiebelturm")
    keep(alfa, range(5, 60), description="needle")
    assert ask(alfa, "zwiebelturm").total == 5
    private = find_collection(alfa, reader("analyst"), PRIVATE)
    ids = tuple(hit.object_id for hit in ask(alfa, "zwiebelturm").hits)
    delete_private(alfa, reader("analyst"), private, Query(ids=ids))
    assert ask(alfa, "zwiebelturm").total == 0
    purge_forgotten(alfa)
    state = alfa.read(lambda tx: tx.index.state())
    assert state.retired is None
    assert ask(alfa, "needle").total == 55
    files = list(alfa.home.folder.glob("accord.db.search-*"))
    assert files
    for file in files:
        assert b"zwiebelt" not in file.read_bytes(), file.name
