"""Pages of objects, of the manifest and of versions, put together from the stored bytes."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

import msgspec
from litestar import Response

from accord.base.clock import format_time
from accord.base.errors import NotFoundError
from accord.node.collections import (
    Collection,
    Query,
    added_at,
    read_page,
    version_of_listed,
)
from accord.node.node import Node
from accord.node.tokens import Reader
from accord.store.listings import Listed

from .answers import answer, tag_of
from .faults import AnyRequest
from .filters import Filters
from .media import STIX

_encode = msgspec.json.Encoder().encode

# Writes a page that begins with the given bytes: they are megabytes, and copied only once.
Write = Callable[[bytes, Sequence[Listed]], bytes]


def objects_body(head: bytes, rows: Sequence[Listed]) -> bytes:
    """The objects themselves, each as it came."""
    bodies = [row.body for row in rows]
    bodies[0] = head + b'"objects":[' + bodies[0]
    bodies[-1] += b"]}"
    return b",".join(bodies)


def manifest_body(head: bytes, rows: Sequence[Listed]) -> bytes:
    """TAXII 2.1 section 5.3.1."""
    records = [
        {
            "id": row.object_id,
            "date_added": format_time(added_at(row)),
            "version": version_of_listed(row),
            "media_type": STIX,
        }
        for row in rows
    ]
    return head + b'"objects":' + _encode(records) + b"}"


def versions_body(head: bytes, rows: Sequence[Listed]) -> bytes:
    """TAXII 2.1 section 5.8."""
    return head + b'"versions":' + _encode(list(dict.fromkeys(map(version_of_listed, rows)))) + b"}"


class Found(msgspec.Struct, frozen=True):
    """The rows of a page, and whether there are more."""

    filters: Filters
    rows: list[Listed]
    more: bool


def find_page(
    node: Node, reader: Reader, collection: Collection, filters: Filters, write: Write
) -> Found:
    """What `write` makes a page of. Raises `DeniedError`."""
    if filters.nothing:
        return Found(filters, [], False)
    bodies = write is objects_body
    return Found(filters, *read_page(node, reader, collection, filters.query, bodies=bodies))


def answer_page(found: Found, request: AnyRequest, write: Write) -> Response[bytes]:
    """One page; 304 where the tool has it. `next` and the headers let it go on from there."""
    rows, more = found.rows, found.more
    headers: dict[str, str] = {}
    if rows:
        headers["X-TAXII-Date-Added-First"] = format_time(added_at(rows[0]))
        headers["X-TAXII-Date-Added-Last"] = format_time(added_at(rows[-1]))
    tag = _tag(rows, more, write)
    return answer(request, tag, lambda: _page(found, write), headers)


def refuse_unknown(
    node: Node, reader: Reader, collection: Collection, object_id: str, *, bodies: bool = False
) -> None:
    """Raise `NotFoundError` for an object of which this reader may see no version at all."""
    query = Query(ids=(object_id,), limit=1, latest=False)
    known = "\x00" not in object_id and read_page(node, reader, collection, query, bodies=bodies)[0]
    if not known:
        raise NotFoundError("taxii.object-unknown", id=object_id[:120])


def _page(found: Found, write: Write) -> bytes:
    rows = found.rows
    if not rows:
        return b"{}"
    if not found.more:
        return write(b'{"more":false,', rows)
    following = found.filters.next(rows[-1].added).encode()  # nothing in it needs escaping
    return write(b'{"more":true,"next":"' + following + b'",', rows)


def _tag(rows: Sequence[Listed], more: bool, write: Write) -> str:
    """What a listing shows never changes, so the numbers of the rows stand for their content."""
    numbers = array("q", [row.added for row in rows]).tobytes()
    return tag_of(numbers + f"{more} {write.__name__}".encode())
