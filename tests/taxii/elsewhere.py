"""Another TAXII 2.1 server, in this process: an honest one, to be made dishonest one way at a time.

It is a transport of httpx, so requests and answers pass through the client in earnest.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import httpx
import msgspec

from accord.base.clock import format_time
from accord.node.node import Node
from accord.node.sources import Secret, add_source, find_source
from accord.store.records import SourceRow
from accord.taxii.client import HttpSourceClient
from accord.taxii.rounds import Round, take_round
from tests.node.support import START

URL = "http://127.0.0.1:9/root/collections/feed/"
MEDIA = "application/taxii+json;version=2.1"


def added(number: int) -> str:
    """When the server says that it had its object of this number."""
    return format_time(START - timedelta(days=1) + timedelta(seconds=number))


class Server(httpx.AsyncBaseTransport):
    """A collection with numbered objects; subclasses and attributes say what it does wrong."""

    def __init__(self, objects: Sequence[bytes] = (), *, page: int = 3) -> None:
        self.objects = list(objects)
        self.page = page
        self.asked: list[dict[str, str]] = []  # the query of each request for objects
        self.headers: list[httpx.Headers] = []
        self.dates = True  # whether X-TAXII-Date-Added-* are given
        self.words = True  # whether `next` is given
        self.media = MEDIA
        self.coding = ""
        self.resource: Any = {"id": "feed", "title": "Feed", "can_read": True, "can_write": False}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.headers.append(request.headers)
        if not request.url.path.endswith("/objects/"):
            return self.reply(json.dumps(self.resource).encode())
        query = dict(request.url.params)
        self.asked.append(query)
        return await self.answer(query)

    async def answer(self, query: dict[str, str]) -> httpx.Response:
        """A page of objects (TAXII 2.1 section 5.4)."""
        since, start = query.get("added_after", ""), int(query.get("next", "0"))
        places = [n for n in range(len(self.objects)) if self.date(n) > since and n >= start]
        shown = places[: min(self.page, int(query["limit"]))]
        following = places[len(shown)] if len(places) > len(shown) else None
        return self.envelope(shown, following)

    def date(self, place: int) -> str:
        return added(place)

    def envelope(self, places: Sequence[int], following: object = None) -> httpx.Response:
        """The objects at these places; `following` names the next page."""
        frame: list[bytes] = []
        if following is not None:
            frame.append(b'"more":true')
            if self.words:
                frame.append(b'"next":' + json.dumps(str(following)).encode())
        if places:
            listed = b",".join(self.objects[place] for place in places)
            frame.append(b'"objects":[' + listed + b"]")
        dates = {}
        if self.dates and places:
            dates["X-TAXII-Date-Added-First"] = self.date(places[0])
            dates["X-TAXII-Date-Added-Last"] = self.date(places[-1])
        return self.reply(b"{" + b",".join(frame) + b"}", dates)

    def reply(
        self, body: bytes, headers: dict[str, str] | None = None, status: int = 200
    ) -> httpx.Response:
        named = {"content-type": self.media, **(headers or {})}
        if self.coding:
            named["content-encoding"] = self.coding
        return httpx.Response(status, headers=named, stream=Body(body))


class Always(Server):
    """Gives this answer to whatever it is asked for."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response

    async def answer(self, query: dict[str, str]) -> httpx.Response:
        made: httpx.Response = self.response(self)
        return made


def page_with(text: bytes, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda server: server.reply(text, named)


def status(code: int, **headers: str) -> Any:
    return lambda server: server.reply(b"{}", headers, code)


class Body(httpx.AsyncByteStream):
    """A body in pieces, each after a pause."""

    def __init__(self, body: bytes, *, piece: int = 1 << 16, pause: float = 0.0) -> None:
        self._pieces = [body[at : at + piece] for at in range(0, len(body), piece)]
        self._pause = pause

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if self._pause:
                await asyncio.sleep(self._pause)
            yield piece


def subscribe(node: Node, **options: Any) -> SourceRow:
    """A source called "feed"."""
    return add_source(node, URL, name="feed", **options)


def sync(node: Node, server: httpx.AsyncBaseTransport, secret: Secret | None = None) -> Round:
    """One round with "feed", which is this server."""
    row = find_source(node, "feed")

    def connect(node: Node, row: SourceRow) -> HttpSourceClient:
        return HttpSourceClient(row.url, node.limits, secret, server)

    return asyncio.run(take_round(node, row, connect))


def fault_of(done: Round) -> str:
    """The key of what was wrong; "" for nothing."""
    return "" if done.fault is None else done.fault.message.key


def limited(node: Node, **limits: Any) -> None:
    """The node with other limits from now on."""
    changed = msgspec.structs.replace(node.limits, **limits)
    node.settings = msgspec.structs.replace(node.settings, limits=changed)
