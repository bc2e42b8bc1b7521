"""What collections show, and the pages a reader may see of them.

`added` is the TAXII date_added in microseconds: unique over all collections and growing in commit
order, because the one writer hands it out. So a client that asks for what was added after the last
it saw loses nothing, whatever else is going on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import astuple, replace
from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from .bulk import insert_rows
from .index import SearchIndex
from .records import CollectionRow, Listing
from .rows import chunks, fetch, fetch_one, values
from .settings import Settings
from .tables import collections, holdings, listings

RED = 4

_LAST = "listings.last"
_OF_UUID = select(collections).where(collections.c.uuid == bindparam("uuid"))
_OF_AGREEMENT = select(collections).where(collections.c.agreement == bindparam("agreement"))
_PRIVATE = select(collections).where(collections.c.agreement.is_(None))
_JOINED = listings.join(holdings, holdings.c.seq == listings.c.holding)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A page as a reader asks for it: which collections, up to which marking, in whose name.

    Of each object come the versions that one of `latest`, `first` and `versions` selects; without
    any of the three, all. What has no version is selected by `unversioned`, its `added`; of marking
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
    no version but their `created`, and null otherwise.
    """

    added: int
    object_id: str
    version: str
    body: bytes | None


class Listings:
    """Collections and their rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def collection(self, uuid: str) -> CollectionRow | None:
        return fetch_one(self._connection, CollectionRow, _OF_UUID, {"uuid": uuid})

    def collection_of(self, agreement: str | None) -> CollectionRow | None:
        """The collection of an agreement; of null, `private`."""
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
                (number, *astuple(row)[:-1], "".join(map(_mark, row.named)) or None)
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
        """Settle which version of a publisher's object is the latest in each collection.

        A collection that shows only an older version shows that one as its latest: a newer one
        under another agreement is none of its readers' business.
        """
        rows = self._connection.execute(
            select(listings.c.added, listings.c.collection, listings.c.latest, holdings.c.version)
            .select_from(_JOINED)
            .where(and_(holdings.c.object_id == object_id, holdings.c.ledger == ledger))
        ).all()
        newest: dict[int, str] = {}
        for _, collection, _, version in rows:
            newest[collection] = max(newest.get(collection, ""), version)
        for added, collection, latest, version in rows:
            now_latest = version == newest[collection]
            if latest != now_latest:
                self._connection.execute(
                    update(listings).where(listings.c.added == added).values(latest=now_latest)
                )

    def page(self, asked: Asked, *, bodies: bool = True) -> tuple[list[Listed], bool]:
        """The next rows after `asked.after`, and whether there are more."""
        if len(asked.collections) == 1:
            place = {"after": asked.after, "limit": asked.limit + 1}
            listed = self._listed(_page_query(replace(asked, after=0, limit=0), bodies), place)
            return listed[: asked.limit], len(listed) > asked.limit
        numbers = self._merged(asked)
        listed = []
        for chunk in chunks(numbers[: asked.limit]):
            listed.extend(self._listed(_shape(bodies).where(listings.c.added.in_(chunk)), {}))
        return listed, len(numbers) > asked.limit

    def remove(self, asked: Asked) -> list[int]:
        """Take what `asked` selects out of its collections; returns the holdings concerned."""
        rows = self._connection.execute(
            select(listings.c.added, holdings.c.seq, holdings.c.ledger, holdings.c.object_id)
            .select_from(_JOINED)
            .where(_wanted(asked))
            .order_by(listings.c.added),
            {"after": asked.after},
        ).all()
        SearchIndex(self._connection).forget([row.added for row in rows])
        for chunk in chunks([row.added for row in rows]):
            self._connection.execute(delete(listings).where(listings.c.added.in_(chunk)))
        for ledger, object_id in {(row.ledger, row.object_id) for row in rows}:
            self.supersede(ledger, object_id)
        return [row.seq for row in rows]

    def _merged(self, asked: Asked) -> list[int]:
        """The `added` of the next page over several collections, and of one row more.

        Each is read in its own order, so that the database never sorts all that they hold.
        """
        found: list[int] = []
        for collection in asked.collections:
            query = (
                select(listings.c.added)
                .select_from(_JOINED)
                .where(_wanted(asked), listings.c.collection == collection)
                .order_by(listings.c.added)
                .limit(asked.limit + 1)
            )
            found.extend(self._connection.scalars(query, {"after": asked.after}))
        return sorted(found)[: asked.limit + 1]

    def _listed(self, query: Executable, place: Mapping[str, int]) -> list[Listed]:
        rows = self._connection.execute(query, place).all()
        return [Listed(row[0], row[1], row[2], row[3]) for row in rows]


def _shape(bodies: bool) -> Select[Any]:
    body = holdings.c.body if bodies else case((_only_created(), holdings.c.body), else_=null())
    return (
        select(listings.c.added, holdings.c.object_id, holdings.c.version, body)
        .select_from(_JOINED)
        .order_by(listings.c.added)
    )


@lru_cache(maxsize=256)
def _page_query(asked: Asked, bodies: bool) -> Select[Any]:
    """A tool asks the same again and again, from another place: the statement is built once."""
    return _shape(bodies).where(_wanted(asked)).limit(bindparam("limit"))


def _wanted(asked: Asked) -> ColumnElement[bool]:
    """What is asked for and may be seen, in the database: nothing else is ever fetched.

    The statement takes `after` as a parameter.
    """
    conditions = [
        listings.c.added > bindparam("after"),
        holdings.c.body.is_not(None),
        _shown(asked, listings),
    ]
    if asked.types:
        conditions.append(listings.c.type.in_(asked.types))
    if asked.ids:
        conditions.append(holdings.c.object_id.in_(asked.ids))
    if len(asked.collections) > 1:  # the same holding under two agreements is shown once, the first
        each = listings.alias("each")
        shown = and_(each.c.holding == listings.c.holding, _shown(asked, each))
        first = select(func.min(each.c.added)).where(shown).scalar_subquery()
        conditions.append(listings.c.added == first)
    return and_(*conditions)


def _shown(asked: Asked, rows: FromClause) -> ColumnElement[bool]:
    """Whether a listing is in what is asked for and within the reader's entitlement."""
    row = rows.c
    # The sum keeps a database from walking the whole collection where single objects are asked for.
    collection = row.collection + 0 if asked.ids else row.collection
    inside: ColumnElement[bool] = collection.in_(asked.collections)
    if len(asked.collections) == 1:
        inside = collection == asked.collections[0]
    conditions: list[ColumnElement[bool]] = [inside]
    if ways := _versions(asked, rows):
        conditions.append(or_(*ways))
    return and_(*conditions, entitled(asked, rows))


def _versions(asked: Asked, rows: FromClause) -> list[ColumnElement[bool]]:
    """The ways in which a version may be selected; without any, all are."""
    ways: list[ColumnElement[bool]] = []
    if asked.latest:
        ways.append(rows.c.latest.is_(True))
    if asked.first:
        ways.append(_earliest(asked, rows))
    if asked.versions is not None:
        ways += [
            holdings.c.version.in_(asked.versions),
            and_(holdings.c.version == "", rows.c.added.in_(asked.unversioned)),
            _only_created(),
        ]
    return ways


def _earliest(asked: Asked, rows: FromClause) -> ColumnElement[bool]:
    """That the collection shows this reader no earlier version of the publisher's object."""
    other, shown = holdings.alias("other"), listings.alias("shown")
    earlier = exists().where(
        other.c.object_id == holdings.c.object_id,
        other.c.ledger == holdings.c.ledger,
        other.c.version < holdings.c.version,
        shown.c.holding == other.c.seq,
        shown.c.collection == rows.c.collection,
        entitled(asked, shown),
    )
    return ~earlier


def entitled(asked: Asked, rows: FromClause) -> ColumnElement[bool]:
    """Whether the marking of a listing lets the reader see it."""
    row = rows.c
    if asked.tlp < RED:
        return row.tlp <= asked.tlp
    named = [func.replace(row.named, _mark(name), "") != row.named for name in asked.named]
    return or_(row.tlp < RED, row.named.is_(None), *named)


def _only_created() -> ColumnElement[bool]:
    """STIX 2.1 section 7.2: a marking definition has `created` and never another version."""
    return and_(holdings.c.version == "", holdings.c.type == "marking-definition")


def _mark(name: str) -> str:
    """A name so written that no other name, and no two names together, contain it."""
    return f"<{name.replace('%', '%25').replace('<', '%3C').replace('>', '%3E')}>"
