"""Reading another TAXII server page by page, to its end, whatever breaks off on the way."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import httpx
import pytest

from accord.base.errors import ConflictError, MachineFault
from accord.node.drafts import list_drafts
from accord.node.node import Node
from accord.node.showing import show_object
from accord.node.sources import (
    Secret,
    add_source,
    find_source,
)
from accord.node.taking import Given, take_page
from accord.store.records import SourceRow
from accord.taxii.client import HttpSourceClient
from tests.node.support import (
    Community,
    entries_of,
    holds,
    indicator,
    indicators,
    object_id,
)
from tests.taxii.elsewhere import (
    URL,
    Server,
    added,
    fault_of,
    limited,
    subscribe,
    sync,
)
from tests.taxii.served import served
from tests.taxii.support import tool_of


def test_everything_is_taken_page_by_page_and_then_only_what_is_new(node: Node) -> None:
    subscribe(node)
    server = Server(indicators(8))
    first = sync(node, server)
    assert (first.taken.pages, first.taken.new, fault_of(first)) == (3, 8, "")
    assert all(holds(node, raw) for raw in server.objects)
    assert sync(node, server).taken.given == 0
    assert server.asked[-1]["added_after"] == added(7)
    server.objects += indicators(2, first=8)
    assert sync(node, server).taken.new == 2
    row = find_source(node, "feed")
    assert (row.objects, row.invalid, row.last, row.last_fault) == (10, 0, added(9), None)
    assert row.last_contact is not None


def test_what_was_taken_is_published_nowhere(node: Node) -> None:
    subscribe(node)
    before = len(entries_of(node, node.member))
    sync(node, Server(indicators(3)))
    assert len(entries_of(node, node.member)) == before
    assert list_drafts(node) == []


def test_show_says_which_source_gave_an_object_when_and_by_when_it_had_it(node: Node) -> None:
    subscribe(node)
    sync(node, Server(indicators(4)))
    (view,) = show_object(node, object_id(indicator(1)))
    (came,) = view.came
    assert (came.source, came.url, came.added) == ("feed", URL, added(2))  # the end of its page
    assert came.at <= node.now()


def test_the_bytes_that_came_are_those_that_are_kept(node: Node) -> None:
    subscribe(node)
    odd = indicator(1).replace(b'": "', b'":\t"').replace(b'"name"', b'"x_kept" : 1.0, "name"')
    sync(node, Server([odd]))
    (view,) = show_object(node, object_id(odd))
    assert view.body == odd


def test_a_packed_page_is_understood(node: Node) -> None:
    class Packed(Server):
        def reply(
            self, body: bytes, headers: dict[str, str] | None = None, status: int = 200
        ) -> httpx.Response:
            return super().reply(gzip.compress(body), headers, status)

    subscribe(node)
    server = Packed(indicators(2))
    server.coding = "gzip"
    assert sync(node, server).taken.new == 2


def test_a_server_without_next_is_read_by_date(node: Node) -> None:
    subscribe(node)
    server = Server(indicators(7))
    server.words = False
    assert sync(node, server).taken.new == 7
    assert server.asked[1]["added_after"] == added(2)


def test_a_server_without_dates_is_read_anew_each_time_and_nothing_is_kept_twice(
    node: Node,
) -> None:
    subscribe(node)
    server = Server(indicators(4))
    server.dates = False
    assert sync(node, server).taken.new == 4
    again = sync(node, server)
    assert (again.taken.new, again.taken.known, fault_of(again)) == (0, 4, "")


def test_a_round_that_is_broken_off_goes_on_where_it_was(node: Node) -> None:
    class Cut(Server):
        left = 2

        async def answer(self, query: dict[str, str]) -> httpx.Response:
            self.left -= 1
            if self.left < 0:
                raise httpx.ConnectError("the line is cut")
            return await super().answer(query)

    subscribe(node)
    server = Cut(indicators(9))
    broken = sync(node, server)
    assert (broken.taken.new, fault_of(broken)) == (6, "taxii.source-unreachable")
    row = find_source(node, "feed")
    assert row.last_fault is not None
    assert row.fault_at is not None
    server.left = 100
    rest = sync(node, server)
    assert (rest.taken.given, rest.taken.new) == (3, 3)
    assert server.asked[-1]["next"] == "6"
    assert find_source(node, "feed").last_fault is None


def test_a_machine_that_fails_in_a_page_keeps_the_position_before_it(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(node)
    server = Server(indicators(6))
    real = node.store.write
    calls = 0

    def fails(job: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:  # that it is asked; the first page; the second
            raise MachineFault("store.disk-full", path="accord.db", problem="no space")
        return real(job)

    monkeypatch.setattr(node.store, "write", fails)
    with pytest.raises(MachineFault):
        sync(node, server)
    monkeypatch.undo()
    assert added(1) < find_source(node, "feed").since < added(2)
    rest = sync(node, server)
    assert (rest.taken.known, rest.taken.new) == (1, 3)


def test_a_page_in_many_batches_moves_the_position_with_the_last(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(node)
    limited(node, append_batch=2)
    server = Server(indicators(5), page=5)
    real, calls = node.store.write, 0

    def fails(job: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 4:  # that it is asked, then the batches
            raise MachineFault("store.disk-full", path="accord.db", problem="no space")
        return real(job)

    monkeypatch.setattr(node.store, "write", fails)
    with pytest.raises(MachineFault):
        sync(node, server)
    monkeypatch.undo()
    assert find_source(node, "feed").pages == 0
    again = sync(node, server)
    assert (again.taken.new, again.taken.known) == (1, 4)
    (view,) = show_object(node, object_id(indicator(0)))
    assert [came.source for came in view.came] == ["feed"]


def test_a_server_that_forgot_its_next_is_read_on_by_date(node: Node) -> None:
    class Forgetful(Server):
        forgets = False

        async def answer(self, query: dict[str, str]) -> httpx.Response:
            if "next" in query and self.forgets:
                return self.reply(b"{}", status=404)
            return await super().answer(query)

    subscribe(node)
    server = Forgetful(indicators(5))
    take_first_page(node, server)
    server.forgets, server.page = True, 100
    done = sync(node, server)
    assert (fault_of(done), done.taken.new, done.taken.known) == ("", 2, 1)
    assert added(1) < server.asked[-1]["added_after"] < added(2)  # equal dates come again


def take_first_page(node: Node, server: Server) -> None:
    """One page, as if the process had ended then."""

    async def one() -> None:
        client = HttpSourceClient(URL, node.limits, None, server)
        page = await client.page("", None)
        assert page.last is not None
        given = Given(raws=page.objects, added=None, since="", next=page.next, last=added(2))
        take_page(node, find_source(node, "feed"), given)
        await client.close()

    asyncio.run(one())


def test_two_who_take_from_one_source_at_once_do_not_both_move_it(node: Node) -> None:
    row = subscribe(node)
    given = Given(raws=indicators(1), added=None, since="", next="1", last="")
    take_page(node, row, given)
    with pytest.raises(ConflictError):
        take_page(node, row, given)
    assert find_source(node, "feed").pages == 1


def test_our_own_server_is_a_source(allied: Community) -> None:
    giver, taker = allied["Alfa"], allied["Bravo"]
    with tool_of(giver, "feeder") as tool, served(giver) as address:
        tool.put(indicators(7))
        limited(taker, source_page_objects=2)
        row = add_source(
            taker,
            f"{address}/api/collections/private/",
            name="feed",
            secret=Secret(user="feeder", password=tool.token),
        )
        allied.clock.advance(hours=1)
        done = asyncio.run(_round(taker, row))
        assert (fault_of(done), done.taken.pages, done.taken.new) == ("", 4, 7)
        tool.put(indicators(1, first=7))
        again = asyncio.run(_round(taker, find_source(taker, "feed")))
        assert again.taken.given == 1
    assert all(holds(taker, raw) for raw in indicators(8))


async def _round(node: Node, row: SourceRow) -> Any:
    from accord.taxii.rounds import take_round

    return await take_round(node, row)
