"""What all handlers of the federation door share: their types, and the form of their answers."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency

from accord.base.errors import AccordError, InputError, NotFoundError
from accord.ledger.opening import write_openings
from accord.ledger.tiles import ENTRIES, HASH, WIDTH, TileId, encode_bundle, parse_tile_path
from accord.node.serving import Page

from .compression import compress
from .door import Door

MORE = "accord-more"  # header of a page of openings: 1 when there are further ones
TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FRESH = {"cache-control": "no-store"}
_FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}

Asked = Request[Any, Any, Any]
Answer = Response[bytes]
Here = NamedDependency[Door]


def page_answer(request: Asked, page: Page) -> Answer:
    """A page of openings, framed, compressed as the asker accepts it."""
    accepted = request.headers.get("accept-encoding", "")
    body, fields = compress(write_openings(page.openings), accepted)
    headers = {**FRESH, **fields, MORE: "1" if page.more else "0"}
    return Response(body, media_type=BYTES, headers=headers)


def tile_asked(rest: str) -> TileId:
    """The tile that a path names (C2SP tlog-tiles). Raises `InputError`."""
    try:
        return parse_tile_path(f"tile/{rest.lstrip('/')}")
    except AccordError as error:
        raise InputError(error.message.key, **error.message.args) from None


def tile_answer(request: Asked, wanted: TileId, stored: bytes | None) -> Answer:
    """A stored tile, as wide as asked. Raises `NotFoundError` when it is not that wide yet."""
    if stored is None or len(stored) < wanted.width * HASH:
        raise NotFoundError("peers.tile-unknown", path=request.url.path[:100])
    data = stored[: wanted.width * HASH]
    body = encode_bundle(data) if wanted.level == ENTRIES else data
    fields = _FOR_EVER if wanted.width == WIDTH else FRESH
    return Response(body, media_type=BYTES, headers=fields)
