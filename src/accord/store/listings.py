"""What collections show, and the pages a reader may see of them.

`added` is the TAXII date_added in microseconds: unique over all collections and growing in commit
order, because the one writer hands it out. So a client that asks for what was added after the last
it saw loses nothing, whatever else is going on.

A page is read from streams, one for each collection and type that is asked for, each along an index
and in order: so it costs the same wherever it begins and however rare what it asks for is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from operator import itemgetter
from typing import Any

import msgspec
from msgspec.structs import astuple, replace
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)

from .bulk import insert_rows
from .index import SearchIndex
from .records import CollectionRow, Listing
from .rows import chunks, fetch, fetch_one, fetch_plain, values
from .settings import Settings
from .tables import collections, holdings, listings

RED = 4
UNREAD = "!"  # names nobody: a holding that nobody may read before acknowledging its restriction
_NAMED = 5  # above the level of every reader: who may see it, its names say

Stream = tuple[int | None, str | None]  # a collection and a type; null: all that are asked for
_STREAMS = 100  # in one query: SQLite joins no more than 500

_LAST = "listings.last"
_OF_UUID = select(collections).where(collections.c.uuid == bindparam("uuid"))
_OF_AGREEMENT = select(collections).where(collections.c.agreement == bindparam("agreement"))
_PRIVATE = select(collections).where(collections.c.agreement.is_(None))
_DEFINITION = "marking-definition"  # STIX 2.1 section 7.2: has `created`, never another version
_JOINED = listings.join(holdings, holdings.c.seq == listings.c.holding)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A page as a reader asks for it: which collections, up to which marking, in whose name.

    Of each object come the versions that one of `latest`, `first` and `versions` selects; without
    any of the three, all. The latest and the first are those of what the reader may see in each
    collection. What has no version is selected by `unversioned`, its `added`; of marking
    definitions, which alone have only a `created`, all come then, and the asker sifts.
    """

    collections: tuple[int, ...]
    tlp: int
    named: tuple[str, ...]  # the reader's names, for TLP:RED
    after: int = 0
    limit: int = 1000
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[str, ...] | None = None
    unversioned: tuple[int, ...] = ()  # beside `versions`
    first: bool = False
    latest: bool = True


class Listed(msgspec.Struct, frozen=True, gc=False):
    """One row of a page.

    Where only the manifest was asked for, `body` is there for marking definitions alone, which have
    no version but their `created`, and empty otherwise.
    """

    added: int
    object_id: str
    version: str
    body: bytes


class Listings:
    """Collections and their rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def collection(self, uuid: str) -> CollectionRow | None:
        return fetch_one(self._connection, CollectionRow, _OF_UUID, {"uuid": uuid})

    def collection_of(self, agreement: str | None) -> CollectionRow | None:
        """The collection of an agreement or a working group; of null, `private`."""
        if agreement is None:
            return fetch_one(self._connection, CollectionRow, _PRIVATE)
        wanted = {"agreement": agreement}
        return fetch_one(self._connection, CollectionRow, _OF_AGREEMENT, wanted)

    def collections(self) -> list[CollectionRow]:
        return fetch(
            self._connection, CollectionRow, select(collections).order_by(collections.c.id)
        )

    def open(self, row: CollectionRow) -> None:
        self._connection.execute(insert(collections).values(**values(row)))

    def add(self, rows: Sequence[Listing], now: int) -> list[int]:
        """List holdings; returns each row's `added`. What is listed already must not be given.

        Whoever lists one of several versions (`Kept.others`) calls `supersede` afterwards.
        """
        if not rows:
            return []
        first = Settings(self._connection).take(_LAST, len(rows), at_least=now)
        added = range(first, first + len(rows))
        insert_rows(
            self._connection,
            listings,
            (
                (number, *astuple(row)[:-1], "".join(map(_mark, row.named)) or None, None)
                for number, row in zip(added, rows, strict=True)
            ),
        )
        return list(added)

    def listed(self, collection: int, holding_seqs: Sequence[int]) -> set[int]:
        """Which of these holdings a collection shows already."""
        found: set[int] = set()
        for chunk in chunks(holding_seqs):
            query = select(listings.c.holding).where(
                and_(listings.c.holding.in_(chunk), listings.c.collection == collection)
            )
            found.update(self._connection.scalars(query))
        return found

    def supersede(self, ledger: int, object_id: str) -> None:
        """Settle which version of a publisher's object is the latest in each collection, for whom.

        A collection that shows only an older version shows that one as its latest: a newer one
        under another agreement is none of its readers' business.
        """
        row = listings.c
        rows = self._connection.execute(
            select(row.added, row.collection, row.latest, row.newer, row.tlp, row.named)
            .select_from(_JOINED)
            .where(and_(holdings.c.object_id == object_id, holdings.c.ledger == ledger))
            .order_by(holdings.c.version.desc())
        ).all()
        lowest: dict[int, int] = {}  # of each collection, the level of the newer ones
        for added, collection, latest, newer, tlp, named in rows:
            now_newer = lowest.get(collection)
            if (latest, newer) != (now_newer is None, now_newer):
                changed = update(listings).where(row.added == added)
                self._connection.execute(changed.values(latest=now_newer is None, newer=now_newer))
            level = _NAMED if named is not None else tlp
            lowest[collection] = min(level, lowest.get(collection, level))

    def open_to(self, holding: int, name: str, now: int) -> None:
        """A reader may see an unread holding from now on: it is listed anew, under a new `added`.

        So a tool that went past it gets it; others get it once more.
        """
        row = listings.c
        unread = row.named.startswith(_mark(UNREAD), autoescape=True)
        rows = self._connection.execute(
            select(row.added, row.named).where(row.holding == holding, unread)
        ).all()
        if not rows:
            return
        first = Settings(self._connection).take(_LAST, len(rows), at_least=now)
        for added, (old, named) in enumerate(rows, first):
            moved = update(listings).where(row.added == old)
            self._connection.execute(moved.values(added=added, named=named + _mark(name)))
        SearchIndex(self._connection).removed()

    def page(self, asked: Asked, *, bodies: bool = True) -> tuple[list[Listed], bool]:
        """The next rows after `asked.after`, and whether there are more.

        What is erased is passed over: a page may have fewer rows than were asked for, and has none
        only at the end.
        """
        anywhere = replace(asked, after=0, limit=0)
        merges = self._connection.dialect.name == "sqlite"
        after = asked.after
        while True:
            place = {"after": after, "limit": asked.limit + 1}
            rows: list[tuple[Any, ...]] = []
            for streams in streams_of(asked):
                query = page_query(anywhere, streams, bodies, merges)
                rows.extend(fetch_plain(self._connection, query, place))
            rows.sort(key=itemgetter(0))
            more = len(rows) > asked.limit
            listed = [Listed(*row) for row in rows[: asked.limit] if row[3] is not None]
            if listed or not more:
                return listed, more
            after = rows[asked.limit - 1][0]

    def remove(self, asked: Asked) -> list[int]:
        """Take what `asked` selects out of its collections; returns the holdings concerned."""
        rows = self._connection.execute(
            select(listings.c.added, holdings.c.seq, holdings.c.ledger, holdings.c.object_id)
            .select_from(_JOINED)
            .where(_wanted(asked))
            .order_by(listings.c.added),
            {"after": asked.after},
        ).all()
        if rows:
            SearchIndex(self._connection).removed()
        for chunk in chunks([row.added for row in rows]):
            self._connection.execute(delete(listings).where(listings.c.added.in_(chunk)))
        for ledger, object_id in {(row.ledger, row.object_id) for row in rows}:
            self.supersede(ledger, object_id)
        return [row.seq for row in rows]


def streams_of(asked: Asked) -> Iterator[tuple[Stream, ...]]:
    """The streams of a page, as many at a time as one query takes.

    Single objects are found by their ids and then sorted; versions are looked for one by one.
    """
    if asked.ids or asked.versions is not None:
        yield ((None, None),)
        return
    every = tuple(product(asked.collections, asked.types or (None,)))
    for start in range(0, len(every), _STREAMS):
        yield every[start : start + _STREAMS]


@lru_cache(maxsize=256)
def page_query(
    asked: Asked, streams: tuple[Stream, ...], bodies: bool, merges: bool
) -> Select[int, str, str, bytes]:
    """A tool asks the same again and again, from another place: the statement is built once.

    Of each stream is read what the page takes. A database that `merges` knows that by itself;
    PostgreSQL has to be told how much that is at most.
    """
    row = listings.c
    limit: BindParameter[int] = bindparam("limit")
    if len(streams) == 1:
        query = _shape(listings, bodies).where(_wanted(asked, *streams[0]))
        return query.order_by(row.added).limit(limit)
    each = [select(row.added, row.holding).where(_wanted(asked, *one)) for one in streams]
    if not merges:
        each = [select(one.order_by(row.added).limit(limit).subquery()) for one in each]
    merged = union_all(*each)
    page = merged.order_by(merged.selected_columns.added).limit(limit).subquery()
    return _shape(page, bodies)


def _shape(rows: FromClause, bodies: bool) -> Select[int, str, str, bytes]:
    """Rows as `Listed`, whose body is null where it is erased."""
    body: ColumnElement[bytes] = holdings.c.body
    if not bodies:
        created = and_(holdings.c.version == "", holdings.c.type == _DEFINITION)
        body = case((or_(created, body.is_(None)), body), else_=b"")
    columns = (rows.c.added, holdings.c.object_id, holdings.c.version, body)
    joined = rows.join(holdings, holdings.c.seq == rows.c.holding)
    return select(*columns).select_from(joined)


def _wanted(
    asked: Asked, collection: int | None = None, type_: str | None = None
) -> ColumnElement[bool]:
    """What is asked for and may be seen, in the database: nothing else is ever fetched.

    The statement takes `after` as a parameter.
    """
    row = listings.c
    inside = row.collection == collection if collection is not None else _inside(asked, listings)
    conditions = [row.added > bindparam("after"), inside]
    if type_ is not None:
        conditions.append(row.type == type_)
    elif asked.types:
        conditions.append(row.type.in_(asked.types))
    if asked.ids:
        conditions.append(holdings.c.object_id.in_(asked.ids))
    conditions.append(_shown(asked, listings))
    if len(asked.collections) > 1:  # the same holding under two agreements is shown once, the first
        each = listings.alias("each")
        before = and_(each.c.holding == row.holding, each.c.added < row.added)
        shown = select(each.c.added).where(before, _inside(asked, each), _shown(asked, each))
        conditions.append(shown.limit(1).scalar_subquery().is_(None))
    return and_(*conditions)


def _inside(asked: Asked, rows: FromClause) -> ColumnElement[bool]:
    """Whether a listing that another index finds is in one of the collections.

    The sum keeps a database from walking a whole collection instead.
    """
    return (rows.c.collection + 0).in_(asked.collections)


def _shown(asked: Asked, rows: FromClause) -> ColumnElement[bool]:
    """Whether a listing's version is asked for, and within the reader's entitlement."""
    ways = _versions(asked, rows)
    return and_(or_(*ways), entitled(asked, rows)) if ways else entitled(asked, rows)


def _versions(asked: Asked, rows: FromClause) -> list[ColumnElement[bool]]:
    """The ways in which a version may be selected; without any, all are."""
    ways: list[ColumnElement[bool]] = []
    if asked.latest:
        ways.append(newest(asked, rows))
    if asked.first:
        ways.append(_none_beside(asked, rows, newer=False))
    if asked.versions is not None:
        version = holdings.c.version
        unversioned = or_(rows.c.added.in_(asked.unversioned), rows.c.type == _DEFINITION)
        ways += [version.in_(asked.versions), and_(version == "", unversioned)]
    return ways


def newest(asked: Asked, rows: FromClause) -> ColumnElement[bool]:
    """That the collection shows this reader no newer version of the publisher's object.

    The level of the newer ones is kept with the row. Only where it is above the reader's does one
    have to look: one of them may name its readers.
    """
    row = rows.c
    found = and_(row.newer > asked.tlp, _none_beside(asked, rows, newer=True))
    return or_(row.latest.is_(True), found)


def _none_beside(asked: Asked, rows: FromClause, *, newer: bool) -> ColumnElement[bool]:
    """That the collection shows this reader no newer (or no older) version of the object.

    Not as NOT EXISTS: PostgreSQL would join everything instead of looking at a page's rows.
    """
    this, other = holdings.alias("this"), holdings.alias("other")
    shown = listings.alias("shown")
    version = other.c.version > this.c.version if newer else other.c.version < this.c.version
    found = select(shown.c.added).where(
        this.c.seq == rows.c.holding,
        other.c.object_id == this.c.object_id,
        other.c.ledger == this.c.ledger,
        version,
        shown.c.holding == other.c.seq,
        shown.c.collection + 0 == rows.c.collection,
        entitled(asked, shown),
    )
    return found.limit(1).scalar_subquery().is_(None)


def entitled(asked: Asked, rows: FromClause) -> ColumnElement[bool]:
    """Whether the marking of a listing lets the reader see it, and it names no others."""
    row = rows.c
    named = or_(row.named.is_(None), called(asked.named, rows))
    return named if asked.tlp >= RED else and_(row.tlp <= asked.tlp, named)


def called(names: Sequence[str], rows: FromClause = listings) -> ColumnElement[bool]:
    """Whether a listing is for one of these by name."""
    named = rows.c.named
    return or_(false(), *(func.replace(named, _mark(name), "") != named for name in names))


def _mark(name: str) -> str:
    """A name so written that no other name, and no two names together, contain it."""
    return f"<{name.replace('%', '%25').replace('<', '%3C').replace('>', '%3E')}>"
