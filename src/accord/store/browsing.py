"""What is listed, newest first, for somebody who looks through it without asking for a word.

Where nothing narrows what is asked for, the listings themselves are walked back from the newest.
Where something does, the search index finds the place by its scope tokens, so that a page costs the
same however rare that is; what the index has not reached yet is read from the listings.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, Subquery, bindparam, false, func, select

from accord.stix.words import Words, referring_to

from . import matching, scope
from .index import SearchIndex
from .index_tables import Index, tables_of
from .listings import RED, Asked, called, entitled
from .matching import Sought
from .rows import among
from .tables import holdings, listings

COUNTED = 10_000  # beyond that nobody counts
NEVER = 10**18 - 1  # later than any listing


Scopes = tuple[tuple[str, ...], ...] | None  # null: nothing can be found


class Window(msgspec.Struct, frozen=True):
    """The part of the list that is asked for, by `added`: from `since` on, and before `before`."""

    limit: int
    before: int = NEVER
    since: int = 0


class Browsed(msgspec.Struct, frozen=True, gc=False):
    """One row of the list: a listing, and the holding that it shows."""

    added: int
    holding: int
    collection: int
    type: str
    tlp: int
    ledger: int
    object_id: str
    version: str
    status: str
    body: bytes | None


class Browsing:
    """Pages of all that is listed; in a transaction of `Indexes`, where filters are given."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    def scopes(self, index: Index | None, sought: Sought) -> Scopes:
        """By which tokens the index finds what is sought: none where the listings are walked.

        It weighs the whole index, and matters for speed alone: an answer may be kept for a while.
        """
        narrowed = () if index is None else matching.scopes_of(sought, 0)
        if narrowed is None:
            return None
        if index is None or not narrowed:
            return ()
        chosen = matching.narrow(self._connection, index.number, tuple(narrowed))
        return chosen or ((tuple(map(scope.of_area, sought.areas)),) if sought.areas else ())

    def kinds(self, index: Index) -> int:
        """A number that grows whenever there is something new to choose by."""
        kind = tables_of(index.number).kinds.c.kind
        return self._connection.scalar(select(func.max(kind))) or 0

    def page(
        self, index: Index | None, sought: Sought, window: Window, scopes: Scopes
    ) -> list[Browsed]:
        """The newest rows of the window. `sought` has no words, and neither since nor until."""
        return self._rows(self._numbers(index, sought, window, scopes))

    def count(
        self, index: Index | None, sought: Sought, window: Window, scopes: Scopes
    ) -> tuple[int, int]:
        """How many rows there are, up to `COUNTED` and one more; the window's limit is not used.

        And the `added` of the oldest of them, 0 where there is none.
        """
        whole = msgspec.structs.replace(window, limit=COUNTED + 1)
        floor, tokens = self._way(index, scopes)
        found, oldest = self._counted(_counting_plain(sought), self._bounds(whole, floor))
        if index is not None and tokens is not None and found <= COUNTED:
            query = _counting(index.number, sought, sqlite=self._sqlite)
            older = msgspec.structs.replace(whole, limit=whole.limit - found)
            more, last = self._counted(query, self._asked(tokens, older, floor))
            found, oldest = found + more, last or oldest
        return found, oldest

    def last(self) -> int:
        """The `added` of what was listed last."""
        return self._connection.scalar(select(func.max(listings.c.added))) or 0

    def named(self, names: Sequence[str], since: int) -> list[int]:
        """By `added`, what was listed from `since` on for some by name, one of these among them."""
        row = listings.c
        for_them = select(row.added).where(
            row.named.is_not(None), row.added >= since, called(names)
        )
        return list(self._connection.scalars(for_them))

    def choices(self, index: Index | None, asked: Asked) -> tuple[list[str], list[str]]:
        """Types and areas of what the reader may see, as far as the index knows.

        What is TLP:RED is left out: who it names, the index does not know.
        """
        if index is None:
            return [], []
        kinds = tables_of(index.number).kinds.c
        rows = self._connection.execute(
            select(kinds.type, kinds.area)
            .where(kinds.collection.in_(asked.collections), kinds.tlp <= min(asked.tlp, RED - 1))
            .group_by(kinds.type, kinds.area)
        ).all()
        return sorted({row.type for row in rows}), sorted({row.area for row in rows if row.area})

    def of_objects(self, asked: Asked, object_ids: Sequence[str]) -> list[Browsed]:
        """Every listing of these objects that the reader may see, in any version, oldest first."""
        query = _SHOWN.where(
            among(self._connection, holdings.c.object_id, set(object_ids)),
            (listings.c.collection + 0).in_(asked.collections),
            entitled(asked, listings),
        )
        return self._read(query.order_by(listings.c.added))

    def referring(self, index: Index, asked: Asked, object_id: str, limit: int) -> list[Browsed]:
        """The newest objects that refer to one, as far as they are indexed."""
        words = matching.expression(referring_to(object_id).terms, "", sqlite=self._sqlite)
        position = SearchIndex(self._connection).position(index)
        query = matching.matching(
            index.number, Sought(words=Words(()), asked=asked), sqlite=self._sqlite
        )
        values = self._asked(f"({words})", Window(limit), position)
        return self._rows(list(self._connection.scalars(query, values)))

    def _numbers(
        self, index: Index | None, sought: Sought, window: Window, scopes: Scopes
    ) -> list[int]:
        floor, tokens = self._way(index, scopes)
        query = _plain(sought).order_by(listings.c.added.desc()).limit(bindparam("limit"))
        found = list(self._connection.scalars(query, self._bounds(window, floor)))
        if index is None or tokens is None or len(found) == window.limit:
            return found
        older = msgspec.structs.replace(window, limit=window.limit - len(found))
        query = matching.matching(index.number, sought, sqlite=self._sqlite)
        found += self._connection.scalars(query, self._asked(tokens, older, floor))
        return found

    def _way(self, index: Index | None, scopes: Scopes) -> tuple[int, str | None]:
        """Behind which place the listings are walked, and what the index is asked for the rest."""
        if scopes is None:
            return NEVER, None
        if index is None or not scopes:
            return 0, None
        words = scope.expression(scopes[-1], sqlite=self._sqlite)
        position = SearchIndex(self._connection).position(index)
        return position, matching.within(scopes[:-1], words, sqlite=self._sqlite)

    def _counted(self, query: Select[int, Any], values: dict[str, Any]) -> tuple[int, int]:
        count, oldest = self._connection.execute(query, values).one()
        return count, oldest or 0

    def _bounds(self, window: Window, floor: int) -> dict[str, int]:
        since = max(window.since, floor + 1)
        return {"since": since, "before": window.before, "limit": window.limit}

    def _asked(self, tokens: str, window: Window, position: int) -> dict[str, Any]:
        newest = min(window.before - 1, position)
        bounds = {"newest": newest, "oldest": window.since, "limit": window.limit}
        return {"words": tokens, **bounds}

    def _rows(self, numbers: Sequence[int]) -> list[Browsed]:
        if not numbers:
            return []
        found = {row.added: row for row in self._read(_SHOWN.where(listings.c.added.in_(numbers)))}
        return [found[number] for number in numbers if number in found]

    def _read(self, query: Select[Any]) -> list[Browsed]:
        return [Browsed(*tuple(row)) for row in self._connection.execute(query).all()]


_LISTED = listings.join(holdings, holdings.c.seq == listings.c.holding)
_SHOWN = select(
    listings.c.added,
    listings.c.holding,
    listings.c.collection,
    listings.c.type,
    listings.c.tlp,
    holdings.c.ledger,
    holdings.c.object_id,
    holdings.c.version,
    holdings.c.status,
    holdings.c.body,
).select_from(_LISTED)


@lru_cache(maxsize=256)
def _plain(sought: Sought) -> Select[int]:
    """Listings that fit, each holding once; parameters: since, before, and what the caller adds.

    No listing tells its area.
    """
    row = listings.c
    query = select(row.added)
    if sought.ledgers is not None:
        query = query.select_from(_LISTED).where(holdings.c.ledger.in_(sought.ledgers))
    each = listings.alias("each")
    again = select(each.c.added).where(
        each.c.holding == row.holding, each.c.added < row.added, *matching.listed(sought, each)
    )
    return query.where(
        row.added >= bindparam("since"),
        row.added < bindparam("before"),
        *matching.listed(sought, listings),
        *([false()] if sought.areas else []),
        again.limit(1).scalar_subquery().is_(None),
    )


@lru_cache(maxsize=256)
def _counting_plain(sought: Sought) -> Select[int, Any]:
    newest = _plain(sought).order_by(listings.c.added.desc()).limit(bindparam("limit"))
    return _of_all(newest.subquery())


@lru_cache(maxsize=256)
def _counting(number: int, sought: Sought, *, sqlite: bool) -> Select[int, Any]:
    return _of_all(matching.matching(number, sought, sqlite=sqlite).subquery())


def _of_all(some: Subquery) -> Select[int, Any]:
    return select(func.count(), func.min(some.c.added)).select_from(some)
