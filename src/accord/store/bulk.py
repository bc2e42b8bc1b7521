"""Many rows into a table at once, by the fastest way each driver has."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table

from .rows import driver_errors


def insert_rows(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert `rows`, each with a value for every column of `table`, in the table's order.

    The values go to the driver as they are: only for tables of numbers, text, bytes and booleans.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_insert_text(table), list(rows))
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    with (
        driver_errors(connection),
        driver.cursor() as cursor,
        cursor.copy(_copy_text(table)) as copy,
    ):
        for row in rows:
            copy.write_row(row)


@cache
def _insert_text(table: Table) -> str:
    marks = ", ".join("?" for _ in table.columns)
    return f"INSERT INTO {table.name} ({_names(table)}) VALUES ({marks})"  # noqa: S608


@cache
def _copy_text(table: Table) -> str:
    return f"COPY {table.name} ({_names(table)}) FROM STDIN"


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)
