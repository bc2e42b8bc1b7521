"""Rows out of the database as records, and back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Text,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.exc import DBAPIError

R = TypeVar("R", bound=msgspec.Struct)
V = TypeVar("V")

# How many values one `IN (…)` names: a few statement texts are cached instead of one a length.
VALUES_A_QUERY = 500


def fetch(connection: Connection, kind: type[R], query: Executable) -> list[R]:
    """Every row of `query` as a `kind`, whose fields are named as the columns."""
    result = connection.execute(query)
    names = tuple(result.keys())
    return [kind(**dict(zip(names, row, strict=True))) for row in result.all()]


def fetch_one(
    connection: Connection,
    kind: type[R],
    query: Executable,
    parameters: Mapping[str, Any] | None = None,
) -> R | None:
    """The first row of `query` as a `kind`, or null."""
    result = connection.execute(query, parameters)
    row = result.first()
    return None if row is None else kind(**dict(zip(result.keys(), row, strict=True)))


def fetch_plain(
    connection: Connection, query: Executable, parameters: Mapping[str, Any]
) -> Sequence[tuple[Any, ...]]:
    """Every row as the driver gives it, a fifth sooner: only of numbers, text and bytes."""
    with connection.execute(query, parameters) as result, driver_errors(connection):
        return result.cursor.fetchall()  # SQLite reads its pages only now


@contextmanager
def driver_errors(connection: Connection) -> Iterator[None]:
    """Around what is asked of the driver itself: its errors as SQLAlchemy would raise them."""
    try:
        yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(None, None, error) from error


def values(record: msgspec.Struct) -> dict[str, Any]:
    """A record as the values of a row."""
    return {name: getattr(record, name) for name in record.__struct_fields__}


def among(
    connection: Connection, column: ColumnElement[Any], items: Collection[str] | Collection[int]
) -> ColumnElement[bool]:
    """`column IN items`, however many: one parameter, so that the statement's text stays the same.

    Naming each value by itself costs more than finding its row.
    """
    if connection.dialect.name == "sqlite":
        text = literal(msgspec.json.encode(list(items)).decode(), Text())
        listed = func.json_each(text).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(literal(list(items), ARRAY(column.type)))


def numbers_table(
    connection: Connection, names: Sequence[str], rows: Sequence[Sequence[int]]
) -> FromClause:
    """Rows of whole numbers as a table that a query can go through, as one or a few parameters."""
    if connection.dialect.name == "sqlite":
        text = literal(msgspec.json.encode(rows).decode(), Text())
        value = func.json_each(text).table_valued("value").c.value
        fields = [func.json_extract(value, f"$[{at}]").label(name) for at, name in enumerate(names)]
        return select(*fields).subquery()
    columns = [literal([row[at] for row in rows], ARRAY(BigInteger())) for at in range(len(names))]
    return func.unnest(*columns).table_valued(*names).render_derived()


def chunks(items: Sequence[V]) -> Iterator[Sequence[V]]:
    """`items` in pieces small enough for one query."""
    for start in range(0, len(items), VALUES_A_QUERY):
        yield items[start : start + VALUES_A_QUERY]
