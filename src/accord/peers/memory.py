"""What a peer that lost its memory may ask of ours: `docs/reference/wire.md`, section 13.

Answered also while our own store waits for its peers' memory: two members that lost their disks on
one day would otherwise wait for each other.
"""

from __future__ import annotations

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery

from accord.base.errors import InputError, NotFoundError
from accord.ledger.tiles import ENTRIES
from accord.node.remembering import ledger_given_by, memory_of, openings_given_by

from .answering import FRESH, Answer, Asked, Here, page_answer, tile_answer, tile_asked


@get("/memory/state", sync_to_thread=True)
def state(request: Asked, door: Here) -> Answer:
    """How far we saw the asker's ledger, how far we took its grants, its words as a witness."""
    peer = door.admit_always(request)
    body = msgspec.json.encode(memory_of(door.node, peer), order="sorted")
    return Response(body, media_type="application/json", headers=FRESH)


@get("/memory/tile/{rest:path}", sync_to_thread=True)
def bundle(request: Asked, door: Here, rest: FromPath[str]) -> Answer:
    """An entry bundle of the asker's ledger, as wide as asked if we saw that much."""
    peer = door.admit_always(request)
    wanted = tile_asked(rest)
    if wanted.level != ENTRIES:
        raise NotFoundError("peers.tile-unknown", path=request.url.path[:100])
    row = ledger_given_by(door.node, peer)
    stored = door.node.read(lambda tx: tx.ledgers.tile(row.id, ENTRIES, wanted.number))
    return tile_answer(request, wanted, stored)


@get("/memory/openings", sync_to_thread=True)
def given(request: Asked, door: Here, start: FromQuery[int], limit: FromQuery[int] = 500) -> Answer:
    """What the asker opened to us, by place in its ledger."""
    peer = door.admit_always(request)
    if not 0 <= start < 1 << 63:
        raise InputError("peers.index-form")
    return page_answer(request, openings_given_by(door.node, peer, start, limit))


MEMORY_ROUTES = (state, bundle, given)
