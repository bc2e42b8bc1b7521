"""Pages in one piece: the objects of a page as one text, put together where they lie.

Row by row SQLite would let the other threads of the process have their turn a thousand times a
page, and wait each time for its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, LargeBinary, Select, case, cast, func, select
from sqlalchemy.exc import DataError

from .listings import Asked, Listed, Listings, Stream, page_query, streams_of
from .rows import fetch_plain


class Joined(msgspec.Struct, frozen=True, gc=False):
    """The `added` of a page's rows, and their objects, both with commas between."""

    numbers: str
    bodies: bytes


def join(rows: Sequence[Listed]) -> Joined:
    """Rows with their objects, put together here."""
    return Joined(",".join([str(row.added) for row in rows]), b",".join([row.body for row in rows]))


class Pages:
    """What `Listings.page` gives, in one piece."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, asked: Asked) -> tuple[Joined, bool]:
        """The next rows after `asked.after`, and whether there are more."""
        streams = list(streams_of(asked))
        if self._connection.dialect.name == "sqlite" and len(streams) == 1:
            with suppress(DataError):  # more than SQLite takes in one piece: a milliard bytes
                return self._by_sqlite(asked, streams[0])
        rows, more = Listings(self._connection).page(asked)
        return join(rows), more

    def _by_sqlite(self, asked: Asked, streams: tuple[Stream, ...]) -> tuple[Joined, bool]:
        anywhere, after = replace(asked, after=0, limit=0), asked.after
        behind = page_query(anywhere, streams, bodies=False, merges=True)
        while True:
            place = {"after": after, "limit": asked.limit}
            query = _joined_query(anywhere, streams)
            ((numbers, bodies, last),) = fetch_plain(self._connection, query, place)
            place = {"after": last, "limit": 1}
            more = last is not None and bool(fetch_plain(self._connection, behind, place))
            if numbers or not more:
                return Joined(numbers or "", bodies or b""), more
            after = last


@lru_cache(maxsize=256)
def _joined_query(asked: Asked, streams: tuple[Stream, ...]) -> Select[str, bytes, int]:
    """The page as one row, and where it ends: there may be rows at its end whose body is erased.

    A subquery with a limit is read in its order.
    """
    page = page_query(asked, streams, bodies=True, merges=True).subquery()
    shown = case((page.c.body.is_not(None), page.c.added))
    bodies = cast(func.group_concat(page.c.body), LargeBinary)
    return select(func.group_concat(shown), bodies, func.max(page.c.added))
