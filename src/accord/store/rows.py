"""Rows out of the database as records, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Executable

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


def values(record: msgspec.Struct) -> dict[str, Any]:
    """A record as the values of a row."""
    return {name: getattr(record, name) for name in record.__struct_fields__}


def chunks(items: Sequence[V]) -> Iterator[Sequence[V]]:
    """`items` in pieces small enough for one query."""
    for start in range(0, len(items), VALUES_A_QUERY):
        yield items[start : start + VALUES_A_QUERY]
