"""What peers may ask of a node: its card, its ledger, what is granted to them, its word as witness.

`docs/reference/wire.md`, section 10. Everything but the card is for confirmed peers.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery

from accord.base.errors import AccordError, InputError, NotFoundError
from accord.ledger.keys import is_origin
from accord.ledger.opening import write_openings
from accord.ledger.tiles import ENTRIES, HASH, WIDTH, encode_bundle, parse_tile_path
from accord.node.contacts import acknowledge
from accord.node.evidence import evidence_for_peer
from accord.node.node import Node
from accord.node.serving import Cursor, openings_for
from accord.node.witnessing import own_checkpoint, witnessed_checkpoint
from accord.store.tables import OWN_LEDGER

from .answers import on_error, on_http_error
from .compression import compress
from .door import Door

MORE = "accord-more"  # header of a page of openings: 1 when there are further ones
TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
_FRESH = {"cache-control": "no-store"}
_FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}
_CURSOR = re.compile(r"(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,18})", re.ASCII)
_INDEX = re.compile(r"0|[1-9]\d{0,18}", re.ASCII)

Asked = Request[Any, Any, Any]
Answer = Response[bytes]
Here = NamedDependency[Door]


def _nobody(_member: str) -> None:
    """Nobody needs to know who asked."""


def peer_routes(node: Node, url: str = "", heard: Callable[[str], None] = _nobody) -> list[Router]:
    """The routes of the federation door.

    `url` is the address that peers sign for where `accord.toml` gives none; `heard` is told, from
    any thread, the member id of each confirmed peer that asks for something.
    """
    door = Door(node, url, heard)
    router = Router(
        path="/",
        route_handlers=[card, checkpoint, tile, openings, wait, evidence, cosigned],
        dependencies={"door": Provide(lambda: door, sync_to_thread=False)},
        exception_handlers={AccordError: on_error, HTTPException: on_http_error},
        include_in_schema=False,
    )
    return [router]


@get("/.well-known/accord", sync_to_thread=True)
def card(door: Here) -> Answer:
    """The member card, for anyone: what a person compares before anything flows."""
    return Response(door.node.card_bytes(), media_type="application/json", headers=_FRESH)


@get("/log/checkpoint", sync_to_thread=True)
def checkpoint(request: Asked, door: Here) -> Answer:
    """Our newest checkpoint with the co-signatures known for it."""
    door.admit(request)
    return Response(own_checkpoint(door.node), media_type=TEXT, headers=_FRESH)


@get("/log/tile/{rest:path}", sync_to_thread=True)
def tile(request: Asked, door: Here, rest: FromPath[str]) -> Answer:
    """A tile of our ledger (C2SP tlog-tiles), as wide as asked if it is that wide by now."""
    door.admit(request)
    try:
        wanted = parse_tile_path(f"tile/{rest.lstrip('/')}")
    except AccordError as error:
        raise InputError(error.message.key, **error.message.args) from None
    stored = door.node.read(lambda tx: tx.ledgers.tile(OWN_LEDGER, wanted.level, wanted.number))
    if stored is None or len(stored) < wanted.width * HASH:
        raise NotFoundError("peers.tile-unknown", path=request.url.path[:100])
    data = stored[: wanted.width * HASH]
    body = encode_bundle(data) if wanted.level == ENTRIES else data
    fields = _FOR_EVER if wanted.width == WIDTH else _FRESH
    return Response(body, media_type=BYTES, headers=fields)


@get("/log/openings", sync_to_thread=True)
def openings(
    request: Asked, door: Here, after: FromQuery[str], limit: FromQuery[int] = 500
) -> Answer:
    """The next openings granted to the asker, framed: urgent ones first."""
    peer = door.admit(request)
    page = openings_for(door.node, peer, read_cursor(after), limit)
    accepted = request.headers.get("accept-encoding", "")
    body, fields = compress(write_openings(page.openings), accepted)
    headers = {**_FRESH, **fields, MORE: "1" if page.more else "0"}
    return Response(body, media_type=BYTES, headers=headers)


@get("/log/wait")
async def wait(request: Asked, door: Here, after: FromQuery[str], size: FromQuery[int]) -> Answer:
    """200 as soon as there is something new for the asker, 204 when there was not."""
    cursor = read_cursor(after)
    peer = await asyncio.to_thread(door.admit, request)
    await asyncio.to_thread(acknowledge, door.node, peer, cursor)
    news = await door.bell.wait(peer, size, cursor, door.node.limits.wait_seconds)
    return Response(b"", status_code=200 if news else 204, media_type=TEXT, headers=_FRESH)


@get("/log/evidence/{origin:str}/{index:str}", sync_to_thread=True)
def evidence(request: Asked, door: Here, origin: FromPath[str], index: FromPath[str]) -> Answer:
    """An entry we hold, opened and proved, for one whom its own rules allow to have it."""
    peer = door.admit(request)
    if _INDEX.fullmatch(index) is None or int(index) >= 1 << 63:
        raise InputError("peers.index-form")
    found = evidence_for_peer(door.node, peer, _origin(origin), int(index))
    return Response(found.data, media_type=TEXT, headers=_FRESH)


@get("/witness/{origin:str}/checkpoint", sync_to_thread=True)
def cosigned(request: Asked, door: Here, origin: FromPath[str]) -> Answer:
    """The newest checkpoint of another's ledger that we verified and co-signed."""
    door.admit(request)
    return Response(
        witnessed_checkpoint(door.node, _origin(origin)), media_type=TEXT, headers=_FRESH
    )


def read_cursor(text: str) -> Cursor:
    """The two numbers of `<urgent>.<routine>`. Raises `InputError`."""
    match = _CURSOR.fullmatch(text)
    if match is None or max(int(match[1]), int(match[2])) >= 1 << 63:
        raise InputError("peers.cursor-form", found=text[:60])
    return Cursor(int(match[1]), int(match[2]))


def _origin(text: str) -> str:
    """In paths an origin is written without its beginning."""
    origin = f"accord/{text}"
    if not is_origin(origin):
        raise InputError("peers.origin-form", found=text[:60])
    return origin
