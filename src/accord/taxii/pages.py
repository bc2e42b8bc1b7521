"""Pages of objects, of the manifest and of versions, put together from the stored bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from litestar import Response

from accord.base.clock import format_time, from_micros
from accord.base.errors import NotFoundError
from accord.node.collections import (
    Collection,
    Query,
    added_at,
    read_joined,
    read_page,
    version_of_listed,
)
from accord.node.node import Node
from accord.node.tokens import Reader
from accord.store.listings import Listed
from accord.store.pages import Joined

from .answers import answer, tag_of
from .faults import AnyRequest
from .filters import Filters
from .media import STIX

_encode = msgspec.json.Encoder().encode


class Found(msgspec.Struct, frozen=True):
    """A page: what it shows, and whether there are more.

    `numbers` are the date_added of its rows in microseconds, with commas between. `write` puts the
    rest behind the bytes with which a page begins: these are megabytes, and copied only once.
    """

    shows: str
    filters: Filters
    numbers: str
    more: bool
    write: Callable[[bytes], bytes]

    @property
    def first(self) -> int:
        return int(self.numbers.partition(",")[0])

    @property
    def last(self) -> int:
        return int(self.numbers.rpartition(",")[2])


# Finds a page for a reader. Raises `DeniedError`.
Find = Callable[[Node, Reader, Collection, Filters], Found]


def find_objects(node: Node, reader: Reader, collection: Collection, filters: Filters) -> Found:
    """The objects themselves, each as it came."""
    page, more = Joined("", b""), False
    if not filters.nothing:
        page, more = read_joined(node, reader, collection, filters.query)

    def write(head: bytes) -> bytes:
        return b"".join((head, b'"objects":[', page.bodies, b"]}"))

    return Found("objects", filters, page.numbers, more, write)


def find_manifest(node: Node, reader: Reader, collection: Collection, filters: Filters) -> Found:
    """TAXII 2.1 section 5.3.1."""
    rows, more = _rows(node, reader, collection, filters)

    def write(head: bytes) -> bytes:
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

    return Found("manifest", filters, _numbers(rows), more, write)


def find_versions(node: Node, reader: Reader, collection: Collection, filters: Filters) -> Found:
    """TAXII 2.1 section 5.8."""
    rows, more = _rows(node, reader, collection, filters)

    def write(head: bytes) -> bytes:
        versions = list(dict.fromkeys(map(version_of_listed, rows)))
        return head + b'"versions":' + _encode(versions) + b"}"

    return Found("versions", filters, _numbers(rows), more, write)


def _rows(
    node: Node, reader: Reader, collection: Collection, filters: Filters
) -> tuple[list[Listed], bool]:
    if filters.nothing:
        return [], False
    return read_page(node, reader, collection, filters.query, bodies=False)


def _numbers(rows: Sequence[Listed]) -> str:
    return ",".join([str(row.added) for row in rows])


def answer_page(found: Found, request: AnyRequest) -> Response[bytes]:
    """One page; 304 where the tool has it. `next` and the headers let it go on from there."""
    headers: dict[str, str] = {}
    if found.numbers:
        headers["X-TAXII-Date-Added-First"] = format_time(from_micros(found.first))
        headers["X-TAXII-Date-Added-Last"] = format_time(from_micros(found.last))
    # What a listing shows never changes, so the numbers of the rows stand for their content.
    tag = tag_of(f"{found.shows} {found.more} {found.numbers}".encode())
    return answer(request, tag, lambda: _page(found), headers)


def refuse_unknown(
    node: Node, reader: Reader, collection: Collection, object_id: str, *, bodies: bool = False
) -> None:
    """Raise `NotFoundError` for an object of which this reader may see no version at all."""
    query = Query(ids=(object_id,), limit=1, latest=False)
    known = "\x00" not in object_id and read_page(node, reader, collection, query, bodies=bodies)[0]
    if not known:
        raise NotFoundError("taxii.object-unknown", id=object_id[:120])


def _page(found: Found) -> bytes:
    if not found.numbers:
        return b"{}"
    if not found.more:
        return found.write(b'{"more":false,')
    following = found.filters.next(found.last).encode()  # nothing in it needs escaping
    return found.write(b'{"more":true,"next":"' + following + b'",')
