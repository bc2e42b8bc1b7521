"""A source of any size: read page by page in bounded memory, and resumed where it stopped."""

from __future__ import annotations

import resource
import tracemalloc

import httpx
import msgspec
import pytest

from accord.node.node import Node
from accord.node.sources import find_source
from tests.node.support import holds, indicator
from tests.taxii.elsewhere import Server, fault_of, limited, subscribe, sync

PAGE = 500


class Made(Server):
    """A collection whose objects are made as they are asked for; it can stop on the way."""

    def __init__(self, count: int) -> None:
        super().__init__(page=PAGE)
        self.count = count
        self.stops_at = count + 1
        self.given = 0

    async def answer(self, query: dict[str, str]) -> httpx.Response:
        start = int(query.get("next", "0"))
        if start >= self.stops_at:
            raise httpx.ReadError("the line is cut")
        end = min(start + PAGE, self.count)
        self.objects = [indicator(number) for number in range(start, end)]
        self.given += len(self.objects)
        dates = {"X-TAXII-Date-Added-Last": self.date(end - 1)}
        more = b'"more":true,"next":"%d",' % end if end < self.count else b""
        return self.reply(b"{" + more + b'"objects":[' + b",".join(self.objects) + b"]}", dates)


def take_half_then_the_rest(node: Node, count: int) -> None:
    """Take a source that stops half-way, and again: each object was given once and is held."""
    server = Made(count)
    server.stops_at = count // 2
    broken = sync(node, server)
    assert (broken.taken.new, fault_of(broken)) == (count // 2, "taxii.source-unreachable")
    row = find_source(node, "feed")
    assert (row.next, row.objects) == (str(count // 2), count // 2)
    server.stops_at = count
    rest = sync(node, server)
    assert (rest.taken.new, fault_of(rest)) == (count - count // 2, "")
    assert server.given == count
    assert find_source(node, "feed").objects == count
    for number in (0, count // 2 - 1, count // 2, count - 1):
        assert holds(node, indicator(number))


def test_a_source_that_stops_half_way_is_resumed_there(node: Node) -> None:
    subscribe(node)
    limited(node, source_page_objects=PAGE)
    take_half_then_the_rest(node, 4 * PAGE)


def test_a_longer_source_takes_no_more_memory(node: Node) -> None:
    subscribe(node)
    limited(node, source_page_objects=PAGE)
    peaks = []
    for pages in (2, 2, 8):  # the first also fills caches
        tracemalloc.start()
        assert fault_of(sync(node, Made(pages * PAGE))) == ""
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        _begin_anew(node)
    assert peaks[2] < 1.5 * peaks[1]


def _begin_anew(node: Node) -> None:
    """As if the source had never been read."""
    row = find_source(node, "feed")
    anew = msgspec.structs.replace(row, since="", next=None, last="", pages=row.pages + 1)
    assert node.write(lambda tx: tx.sources.advance(row, anew))


@pytest.mark.slow
def test_two_hundred_thousand_objects_that_stop_half_way(node: Node) -> None:
    subscribe(node)
    limited(node, source_page_objects=PAGE)
    assert fault_of(sync(node, Made(20 * PAGE))) == ""  # caches are filled
    _begin_anew(node)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = 200_000
    server = Made(count)
    server.stops_at = count // 2
    assert fault_of(sync(node, server)) == "taxii.source-unreachable"
    assert find_source(node, "feed").next == str(count // 2)
    server.stops_at = count
    assert fault_of(sync(node, server)) == ""
    assert (server.given, find_source(node, "feed").objects) == (count, count)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 100 * 1024, f"{grown} KiB"
