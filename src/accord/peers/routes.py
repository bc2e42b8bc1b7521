"""What peers may ask of a node: its card, its ledger, what is granted to them, its word as witness.

`docs/reference/wire.md`, section 10. Everything but the card is for confirmed peers.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from litestar import Response, Router, get
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery

from accord.base.errors import AccordError, InputError
from accord.ledger.keys import is_origin
from accord.node.contacts import acknowledge
from accord.node.evidence import evidence_for_peer
from accord.node.node import Node
from accord.node.serving import openings_for
from accord.node.witnessing import own_checkpoint, witnessed_checkpoint
from accord.store.tables import OWN_LEDGER

from .answering import FRESH, TEXT, Answer, Asked, Here, page_answer, tile_answer, tile_asked
from .answers import on_error, on_http_error
from .cursors import read_cursor
from .door import Door
from .memory import MEMORY_ROUTES
from .quotas import Quotas

_INDEX = re.compile(r"0|[1-9]\d{0,18}", re.ASCII)


def _nobody(_member: str) -> None:
    """Nobody needs to know who asked."""


def peer_routes(
    node: Node,
    url: str = "",
    heard: Callable[[str], None] = _nobody,
    quotas: Quotas | None = None,
) -> list[Router]:
    """The routes of the federation door.

    `url` is the address that peers sign for where `accord.toml` gives none; `heard` is told, from
    any thread, the member id of each confirmed peer that asks for something; `quotas` are those
    that this process shares with others.
    """
    return routes_behind(Door(node, url, heard, quotas))


def routes_behind(door: Door) -> list[Router]:
    """The same behind a door that is there."""
    router = Router(
        path="/",
        route_handlers=[card, checkpoint, tile, openings, wait, evidence, cosigned, *MEMORY_ROUTES],
        dependencies={"door": Provide(lambda: door, sync_to_thread=False)},
        exception_handlers={AccordError: on_error, HTTPException: on_http_error},
        include_in_schema=False,
    )
    return [router]


@get("/.well-known/accord", sync_to_thread=True)
def card(door: Here) -> Answer:
    """The member card, for anyone: what a person compares before anything flows."""
    return Response(door.node.card_bytes(), media_type="application/json", headers=FRESH)


@get("/log/checkpoint", sync_to_thread=True)
def checkpoint(request: Asked, door: Here) -> Answer:
    """Our newest checkpoint with the co-signatures known for it."""
    door.admit(request)
    return Response(own_checkpoint(door.node), media_type=TEXT, headers=FRESH)


@get("/log/tile/{rest:path}", sync_to_thread=True)
def tile(request: Asked, door: Here, rest: FromPath[str]) -> Answer:
    """A tile of our ledger (C2SP tlog-tiles), as wide as asked if it is that wide by now."""
    door.admit(request)
    wanted = tile_asked(rest)
    stored = door.node.read(lambda tx: tx.ledgers.tile(OWN_LEDGER, wanted.level, wanted.number))
    return tile_answer(request, wanted, stored)


@get("/log/openings", sync_to_thread=True)
def openings(
    request: Asked, door: Here, after: FromQuery[str], limit: FromQuery[int] = 500
) -> Answer:
    """The next openings granted to the asker, framed: urgent ones first."""
    peer = door.admit(request)
    return page_answer(request, openings_for(door.node, peer, read_cursor(after), limit))


@get("/log/wait")
async def wait(request: Asked, door: Here, after: FromQuery[str], size: FromQuery[int]) -> Answer:
    """200 as soon as there is something new for the asker, 204 when there was not."""
    cursor = read_cursor(after)
    peer = await asyncio.to_thread(door.admit, request)
    await asyncio.to_thread(acknowledge, door.node, peer, cursor)
    news = await door.bell.wait(peer, size, cursor, door.node.limits.wait_seconds)
    return Response(b"", status_code=200 if news else 204, media_type=TEXT, headers=FRESH)


@get("/log/evidence/{origin:str}/{index:str}", sync_to_thread=True)
def evidence(request: Asked, door: Here, origin: FromPath[str], index: FromPath[str]) -> Answer:
    """An entry we hold, opened and proved, for one whom its own rules allow to have it."""
    peer = door.admit(request)
    if _INDEX.fullmatch(index) is None or int(index) >= 1 << 63:
        raise InputError("peers.index-form")
    found = evidence_for_peer(door.node, peer, _origin(origin), int(index))
    return Response(found.data, media_type=TEXT, headers=FRESH)


@get("/witness/{origin:str}/checkpoint", sync_to_thread=True)
def cosigned(request: Asked, door: Here, origin: FromPath[str]) -> Answer:
    """The newest checkpoint of another's ledger that we verified and co-signed."""
    door.admit(request)
    return Response(
        witnessed_checkpoint(door.node, _origin(origin)), media_type=TEXT, headers=FRESH
    )


def _origin(text: str) -> str:
    """In paths an origin is written without its beginning."""
    origin = f"accord/{text}"
    if not is_origin(origin):
        raise InputError("peers.origin-form", found=text[:60])
    return origin
