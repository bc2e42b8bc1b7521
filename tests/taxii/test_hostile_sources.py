"""TAXII servers that do what no honest one does: each ends, is told, and loses nothing."""

from __future__ import annotations

import asyncio
import socketserver
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from accord.base.clock import parse_time
from accord.node.node import Node
from accord.node.sources import add_source, find_source
from accord.taxii.codings import PACKINGS
from accord.taxii.rounds import take_round
from tests.node.support import (
    holds,
    indicator,
    indicators,
)
from tests.taxii.elsewhere import (
    Always,
    Body,
    Server,
    added,
    fault_of,
    limited,
    page_with,
    status,
    subscribe,
    sync,
)


@pytest.mark.parametrize(
    ("response", "key"),
    [
        (page_with(b'{"more":true,"next":"a","objects":[]}'), "taxii.source-circle"),
        (page_with(b'{"more":true}'), "taxii.source-stuck"),
        (page_with(b'{"more":"yes"}'), "taxii.source-unreadable"),
        (page_with(b'{"more":true,"next":7}'), "taxii.source-unreadable"),
        (page_with(b'{"objects":{}}'), "stix.not-stix"),
        (page_with(b'{"objects":[1,"two"]}'), "stix.not-an-object"),
        (page_with(b'{"objects":null}'), "stix.not-stix"),
        (page_with(b'{"objects":[],"objects":[]}'), "base.json-duplicate-key"),
        (page_with(b"[]"), "taxii.source-unreadable"),
        (page_with(b""), "taxii.source-unreadable"),
        (page_with(b"<html>"), "taxii.source-unreadable"),
        (page_with(b'{"objects":[{"id":"\xff"}]}'), ""),  # an object that is not UTF-8 is invalid
        (page_with(b"[" * 100_000), "taxii.source-unreadable"),
        (page_with(b"{}", x_taxii_date_added_last="yesterday"), "taxii.source-date"),
        (page_with(b'{"more":true,"next":"' + b"n" * 5000 + b'"}'), "taxii.source-next-long"),
        (page_with(b"{}", content_encoding="br"), "taxii.source-coding"),
        (page_with(b"{}", content_encoding="gzip"), "taxii.source-damaged"),
        (status(301, location="https://elsewhere.example/"), "taxii.source-redirect"),
        (status(307, location="/root/"), "taxii.source-redirect"),
        (status(204), "taxii.source-status"),
        (status(206), "taxii.source-status"),
        (status(401), "taxii.source-unwelcome"),
        (status(403), "taxii.source-unwelcome"),
        (status(404), "taxii.source-not-there"),
        (status(406), "taxii.source-other-version"),
        (status(429), "taxii.source-busy"),
        (status(500), "taxii.source-status"),
        (status(503), "taxii.source-busy"),
    ],
)
def test_an_answer_that_no_honest_server_gives_ends_the_round_and_is_told(
    node: Node, response: Any, key: str
) -> None:
    subscribe(node)
    server = Always(response)
    done = sync(node, server)
    assert fault_of(done) == key
    assert len(server.asked) <= 3
    row = find_source(node, "feed")
    assert row.last_fault is not None
    assert row.last_fault.key == (key or "base.json-invalid")
    assert row.objects == 0


@pytest.mark.parametrize("media", ["text/html", "application/json", ""])
def test_another_media_type_is_refused(node: Node, media: str) -> None:
    subscribe(node)
    server = Server(indicators(1))
    server.media = media
    assert fault_of(sync(node, server)) == "taxii.source-media-type"


def test_the_same_next_for_ever_ends_and_the_next_round_goes_on_by_date(node: Node) -> None:
    class Same(Server):
        async def answer(self, query: dict[str, str]) -> httpx.Response:
            return self.envelope([0, 1], "same")

    subscribe(node)
    server = Same(indicators(2))
    done = sync(node, server)
    assert (fault_of(done), done.taken.new) == ("taxii.source-circle", 2)
    assert len(server.asked) == 3
    assert "next" not in _first_of_round(node, server)


def _first_of_round(node: Node, server: Server) -> dict[str, str]:
    before = len(server.asked)
    sync(node, server)
    return server.asked[before]


def test_words_that_go_round_in_a_circle_end(node: Node) -> None:
    class Circle(Server):
        async def answer(self, query: dict[str, str]) -> httpx.Response:
            return self.envelope(
                [0], {"a": "b", "b": "c", "c": "a"}.get(query.get("next", ""), "a")
            )

    subscribe(node)
    server = Circle(indicators(1))
    assert fault_of(sync(node, server)) == "taxii.source-circle"
    assert len(server.asked) == 5


class Remembering(Server):
    """One word for all pages, behind which the server remembers what it has given already."""

    def __init__(self, objects: Any, **options: Any) -> None:
        super().__init__(objects, **options)
        self.rest: list[int] = []
        self.lost = 0  # the number of a request whose answer gets lost

    async def answer(self, query: dict[str, str]) -> httpx.Response:
        if "next" not in query:
            since = query.get("added_after", "")
            self.rest = [n for n in range(len(self.objects)) if self.date(n) > since]
        shown, self.rest = self.rest[: self.page], self.rest[self.page :]
        if len(self.asked) == self.lost:
            raise httpx.ReadError("the answer is lost")
        return self.envelope(shown, "session" if self.rest else None)


def test_one_word_for_all_pages_is_read_to_the_end(node: Node) -> None:
    subscribe(node)
    done = sync(node, Remembering(indicators(11)))
    assert (fault_of(done), done.taken.pages, done.taken.new) == ("", 4, 11)


@pytest.mark.parametrize("lost", [1, 2, 3, 4])
def test_an_answer_lost_by_a_server_that_remembers_is_not_lost_for_us(
    node: Node, lost: int
) -> None:
    subscribe(node)
    server = Remembering(indicators(11))
    server.lost = lost
    assert fault_of(sync(node, server)) == "taxii.source-unreachable"
    assert fault_of(sync(node, server)) == ""
    assert all(holds(node, raw) for raw in indicators(11))


class Endless(Server):
    """There is always more: the same objects, or fresh ones, or none."""

    def __init__(self, objects: Any, **options: Any) -> None:
        super().__init__(objects, **options)
        self.count = 0
        self.fresh = False

    async def answer(self, query: dict[str, str]) -> httpx.Response:
        self.count += 1
        if self.fresh:
            self.objects = indicators(3, first=3 * self.count)
        return self.envelope(range(len(self.objects)), self.count)


def test_endless_empty_pages_end(node: Node) -> None:
    subscribe(node)
    server = Endless([])
    assert fault_of(sync(node, server)) == "taxii.source-empty-pages"
    assert len(server.asked) == 3


@pytest.mark.parametrize("fresh", [True, False])
def test_endless_more_ends_at_the_limit_on_objects_and_goes_on_next_time(
    node: Node, fresh: bool
) -> None:
    subscribe(node)
    limited(node, source_round_objects=10)
    server = Endless(indicators(3))
    server.fresh = fresh
    done = sync(node, server)
    assert (fault_of(done), done.taken.given) == ("taxii.source-round", 12)
    assert _first_of_round(node, server)["next"] == "4"


def test_endless_more_ends_at_the_limit_on_pages(node: Node) -> None:
    subscribe(node)
    limited(node, source_round_pages=5)
    server = Endless(indicators(3))
    assert fault_of(sync(node, server)) == "taxii.source-round-pages"
    assert len(server.asked) == 5


def test_a_round_has_its_time_and_goes_on_next_time(node: Node) -> None:
    subscribe(node)
    limited(node, source_round_seconds=0.0)
    server = Server(indicators(7))
    first = sync(node, server)
    assert (fault_of(first), first.taken.new) == ("taxii.source-round-seconds", 3)
    assert sync(node, server).taken.new == 2  # one was given again
    limited(node, source_round_seconds=60.0)
    assert fault_of(sync(node, server)) == ""
    assert all(holds(node, raw) for raw in server.objects)


def test_a_source_that_gave_too_many_bytes_is_asked_no_more(node: Node) -> None:
    subscribe(node)
    limited(node, source_bytes=1000)
    server = Endless(indicators(3))
    server.fresh = True
    assert fault_of(sync(node, server)) == "taxii.source-quota"
    asked = len(server.asked)
    assert fault_of(sync(node, server)) == "taxii.source-quota"
    assert len(server.asked) == asked < 5


def test_pages_that_change_between_requests_lose_nothing_that_stays(node: Node) -> None:
    class Changing(Server):
        async def answer(self, query: dict[str, str]) -> httpx.Response:
            reply = await super().answer(query)
            if len(self.asked) == 1:  # what was shown is taken back; newer things come
                self.objects[0] = indicator(50)
                self.objects += indicators(3, first=60)
            return reply

    subscribe(node)
    server = Changing(indicators(5))
    assert fault_of(sync(node, server)) == ""
    assert all(holds(node, raw) for raw in indicators(5) + indicators(3, first=60))


def test_a_date_in_the_future_does_not_make_us_skip_what_comes_until_then(node: Node) -> None:
    class Ahead(Server):
        def date(self, place: int) -> str:
            return "9999-01-01T00:00:00.000000Z" if place == 1 else added(place)

    subscribe(node)
    server = Ahead(indicators(2))
    sync(node, server)
    assert parse_time(find_source(node, "feed").since) <= node.now()


def test_slow_bytes_end_at_the_limit_on_seconds(node: Node) -> None:
    class Slow(Server):
        def reply(
            self, body: bytes, headers: dict[str, str] | None = None, status: int = 200
        ) -> httpx.Response:
            plain = super().reply(body, headers, status)
            slow = Body(body, piece=1, pause=0.05)
            return httpx.Response(status, headers=plain.headers, stream=slow)

    subscribe(node)
    limited(node, source_page_seconds=0.3)
    assert fault_of(sync(node, Slow(indicators(3)))) == "taxii.source-slow"


@pytest.mark.parametrize("coding", ["", "gzip", "zstd"])
def test_a_page_is_not_read_beyond_the_limit_on_bytes(node: Node, coding: str) -> None:
    class Large(Server):
        async def answer(self, query: dict[str, str]) -> httpx.Response:
            body = b'{"objects":[' + b" " * 1_000_000 + b"]}"
            return self.reply(PACKINGS[coding](body))

    subscribe(node)
    limited(node, source_page_bytes=100_000)
    server = Large()
    server.coding = coding
    assert fault_of(sync(node, server)) == "taxii.source-large"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_compressed_bomb_takes_no_more_memory_than_the_limit(node: Node, coding: str) -> None:
    packed = PACKINGS[coding](bytes(100_000_000))

    class Bomb(Server):
        async def answer(self, query: dict[str, str]) -> httpx.Response:
            return self.reply(packed)

    subscribe(node)
    limited(node, source_page_bytes=1_000_000)
    server = Bomb()
    server.coding = coding
    tracemalloc.start()
    assert fault_of(sync(node, server)) == "taxii.source-large"
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


@contextmanager
def says(answer: bytes) -> Iterator[str]:
    """A machine that says these bytes to whoever asks it anything, and hangs up."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():
                pass
            self.wfile.write(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/root/collections/feed/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("framing", "faults"),
    [
        (b"Content-Length: 100000\r\n", {"taxii.source-unreachable", "taxii.source-cut"}),
        (b"Content-Length: 99999999999999\r\n", {"taxii.source-unreachable", "taxii.source-cut"}),
        (b"Content-Length: 20\r\n", {"taxii.source-unreadable"}),
        (b"Content-Length: 0\r\n", {"taxii.source-unreadable"}),
        (b"Content-Length: -5\r\n", {"taxii.source-unreachable", "taxii.source-cut"}),
        (
            b"Content-Length: 5\r\nContent-Length: 600\r\n",
            {"taxii.source-unreachable", "taxii.source-cut"},
        ),
        (b"Transfer-Encoding: chunked\r\n", {"taxii.source-unreachable", "taxii.source-cut"}),
    ],
)
def test_a_length_that_lies_is_a_fault_and_nothing_is_taken(
    node: Node, framing: bytes, faults: set[str]
) -> None:
    body = b'{"objects":[' + indicator(1) + b"]}"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/taxii+json;version=2.1\r\n"
    with says(head + framing + b"\r\n" + body) as url:
        row = add_source(node, url, name="feed")
        done = asyncio.run(take_round(node, row))
    assert fault_of(done) in faults
    assert find_source(node, "feed").objects == 0
    assert not holds(node, indicator(1))
