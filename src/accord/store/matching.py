"""What a question asks of the database: which listings have the words, and may be seen by who asks.

Nothing else leaves the database; the order is settled in `search.py`. Statements are built once for
each kind of question, and take words and bounds as parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    text,
)

from accord.stix.words import Term, Words

from . import scope
from .index_tables import IndexTables, tables_of
from .listings import RED, Asked, entitled, newest
from .tables import listings

_LEVELS = 5  # of TLP
_SCOPE = 120  # tokens; a wider scope narrows little
_NARROW = 4  # a scope of less than a quarter of all is asked for in the index


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. `asked` says where and for whom; null is for whoever owns the store.

    An empty tuple asks for nothing in particular; the area `""` is none. Moments are in
    microseconds, `until` excluded.
    """

    words: Words
    asked: Asked | None
    types: tuple[str, ...] = ()
    without: tuple[str, ...] = ()  # types that are left out
    hidden: tuple[int, ...] = ()  # holdings that are left out
    ledgers: tuple[int, ...] | None = None
    collections: tuple[int, ...] | None = None
    tlp: tuple[int, ...] = ()
    areas: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None


class Match(msgspec.Struct, frozen=True, gc=False):
    """A listing that was found. `kind` is what facets count, `moment` that of the object."""

    added: int
    holding: int
    kind: int
    moment: int


def expression(terms: Iterable[Term], mark: str, *, sqlite: bool) -> str:
    """That all terms are there, as the database is asked. No token has a quotation mark."""
    if sqlite:
        return " AND ".join(
            f'("{mark}{term.token}" OR "{mark}{term.prefix}" *)'
            if term.prefix
            else f'"{mark}{term.token}"'
            for term in terms
        )
    return " & ".join(
        f"('{mark}{term.token}' | '{mark}{term.prefix}':*)"
        if term.prefix
        else f"'{mark}{term.token}'"
        for term in terms
    )


def within(tokens: Sequence[Sequence[str]], wanted: str, *, sqlite: bool) -> str:
    """That an expression holds, and one token of each group is there."""
    groups = [scope.expression(group, sqlite=sqlite) for group in tokens]
    return (" AND " if sqlite else " & ").join(f"({each})" for each in [*groups, wanted])


class Scope(msgspec.Struct, frozen=True):
    """Where documents may stand, by one property of their kind: its column, values and tokens."""

    column: str
    values: tuple[int | str, ...]
    tokens: tuple[str, ...]


def scopes_of(sought: Sought, last_month: int) -> list[Scope] | None:
    """What narrows a question beside its words; null: nothing can be found.

    `last_month`: the last of which there is anything, where a time is asked for. All this is only
    to be quick: the statements decide.
    """
    inside, levels = sought.collections, sought.tlp
    if sought.asked is not None:
        readable = sought.asked.collections
        inside = readable if inside is None else tuple(sorted(set(inside) & set(readable)))
        every = range(min(sought.asked.tlp, RED) + 1)
        levels = tuple(level for level in every if level in (levels or every))
        if not levels:
            return None
    if inside == () or sought.ledgers == ():
        return None
    narrowed: list[tuple[str, Sequence[int] | Sequence[str], Callable[[Any], str]]] = [
        ("type", sought.types, scope.of_type),
        ("area", sought.areas, scope.of_area),
        ("tlp", levels if len(levels) < _LEVELS else (), scope.of_level),
        ("ledger", sought.ledgers or (), scope.of_ledger),
        ("collection", inside or (), scope.in_collection),
    ]
    if sought.since is not None:
        last = last_month if sought.until is None else scope.month_of(sought.until)
        months = range(scope.month_of(sought.since), last + 1)
        if not months:
            return None
        narrowed.append(("month", months, scope.of_month))
    return [
        Scope(column, tuple(values), tuple(map(token, values)))
        for column, values, token in narrowed
        if 0 < len(values) <= _SCOPE
    ]


@lru_cache(maxsize=256)
def weighing(number: int, narrowed: tuple[Scope, ...]) -> Select[Any]:
    """How many documents there are, and how many in each scope."""
    kinds = tables_of(number).kinds.c
    sums = [
        func.sum(case((kinds[each.column].in_(each.values), kinds.documents), else_=0))
        for each in narrowed
    ]
    return select(func.sum(kinds.documents), *sums)


def narrow(
    connection: Connection, number: int, narrowed: tuple[Scope, ...]
) -> tuple[tuple[str, ...], ...]:
    """The tokens of those scopes that leave little: to ask for the others only costs."""
    if not narrowed:
        return ()
    row = connection.execute(weighing(number, narrowed)).one()
    total, *shares = (int(each or 0) for each in row)
    return tuple(
        each.tokens
        for each, share in zip(narrowed, shares, strict=True)
        if share * _NARROW <= total
    )


@lru_cache(maxsize=256)
def matching(number: int, filters: Sought, *, sqlite: bool, few: bool = False) -> Select[Any]:
    """The newest listings that fit, each holding once: as it was listed first.

    `filters` is a question without its words. Parameters: words, newest, oldest, limit. Where `few`
    have the words, PostgreSQL collects them all and sorts: it would rather look through the newest
    for as many as are wanted.
    """
    tables = tables_of(number)
    documents = tables.documents.c
    operator = "{0} MATCH :words" if sqlite else "{0}.words @@ CAST(:words AS tsquery)"
    having: list[ColumnElement[bool]] = [
        text(operator.format(tables.words.name)),  # type: ignore[list-item]
        tables.words.c.rowid <= bindparam("newest"),
        tables.words.c.rowid >= bindparam("oldest"),
    ]
    words: FromClause = tables.words
    if few and not sqlite:
        place = tables.words.c.rowid + 0
        inner = select(place.label("rowid")).where(*having).order_by(place.desc())
        words, having = inner.offset(0).subquery(), []
    # The sums keep a database from asking the index about one listing after the other.
    joined = words.join(tables.documents, documents.added == words.c.rowid + 0).join(
        listings, listings.c.added == words.c.rowid + 0
    )
    return (
        select(documents.added, listings.c.holding, documents.kind, documents.moment)
        .select_from(joined)
        .where(
            *having,
            *_conditions(tables, filters, listings, tables.documents),
            or_(documents.again == 0, ~_before(tables, filters)),
        )
        .order_by(words.c.rowid.desc())
        .limit(bindparam("limit"))
    )


@lru_cache(maxsize=256)
def counting(number: int, filters: Sought, *, sqlite: bool, few: bool) -> Select[Any]:
    """How many of the newest listings that fit are of each kind."""
    found = matching(number, filters, sqlite=sqlite, few=few).subquery()
    return select(found.c.kind, func.count()).group_by(found.c.kind)


@lru_cache(maxsize=256)
def choosing(number: int, filters: Sought) -> Select[Any]:
    """Of the listings `chosen` those that fit all but the words, each holding once."""
    tables = tables_of(number)
    documents = tables.documents.c
    return (
        select(documents.added, listings.c.holding, documents.kind, documents.moment)
        .select_from(tables.documents.join(listings, listings.c.added == documents.added))
        .where(
            documents.added.in_(bindparam("chosen", expanding=True)),
            *_conditions(tables, filters, listings, tables.documents),
            or_(documents.again == 0, ~_before(tables, filters)),
        )
    )


@lru_cache(maxsize=16)
def naming(number: int, *, sqlite: bool) -> Select[Any]:
    """The newest documents that have words, whoever may see them."""
    words = tables_of(number).words
    operator = "{0} MATCH :words" if sqlite else "{0}.words @@ CAST(:words AS tsquery)"
    return (
        select(words.c.rowid)
        .where(text(operator.format(words.name)), words.c.rowid <= bindparam("newest"))
        .order_by(words.c.rowid.desc())
        .limit(bindparam("limit"))
    )


@lru_cache(maxsize=16)
def probing(number: int) -> Select[Any]:
    """How many documents have words, up to a limit; for PostgreSQL."""
    words = tables_of(number).words
    operator = text(f"{words.name}.words @@ CAST(:words AS tsquery)")
    some = select(words.c.rowid).where(operator).limit(bindparam("limit")).subquery()
    return select(func.count()).select_from(some)


def listed(sought: Sought, rows: FromClause) -> list[ColumnElement[bool]]:
    """What of a question the listings themselves can tell."""
    row = rows.c
    conditions: list[ColumnElement[bool]] = []
    if sought.asked is None:
        conditions.append(row.latest.is_(True))
    else:
        conditions.append((row.collection + 0).in_(sought.asked.collections))
        conditions += [newest(sought.asked, rows), entitled(sought.asked, rows)]
    if sought.collections is not None:
        conditions.append((row.collection + 0).in_(sought.collections))
    for column, wanted in ((row.type, sought.types), (row.tlp, sought.tlp)):
        if wanted:
            conditions.append(column.in_(wanted))
    for column, unwanted in ((row.type, sought.without), (row.holding, sought.hidden)):
        if unwanted:
            conditions.append(column.not_in(unwanted))
    return conditions


def _conditions(
    tables: IndexTables, sought: Sought, rows: FromClause, documents: FromClause
) -> list[ColumnElement[bool]]:
    document = documents.c
    conditions = listed(sought, rows)
    kinds = tables.kinds.c
    for column, wanted in ((kinds.ledger, sought.ledgers or ()), (kinds.area, sought.areas)):
        if wanted:
            conditions.append(document.kind.in_(select(kinds.kind).where(column.in_(wanted))))
    if sought.since is not None:
        conditions.append(document.moment >= sought.since)
    if sought.until is not None:
        conditions.append(document.moment < sought.until)
    return conditions


def _before(tables: IndexTables, sought: Sought) -> ColumnElement[bool]:
    """That the same holding was listed before, where it is as much an answer."""
    each, of_each = listings.alias("each"), tables.documents.alias("of_each")
    return exists().where(
        and_(
            each.c.holding == listings.c.holding,
            each.c.added < listings.c.added,
            of_each.c.added == each.c.added,
            *_conditions(tables, sought, each, of_each),
        )
    )
