"""Copying a whole store: from either database into one SQLite file, and from that into either.

A copy is read in one transaction, so it is one state, whatever is written meanwhile. It holds what
`tables.py` names and nothing else: the search index is made anew from it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from accord.base.errors import InputError, MachineFault

from . import schema
from .bulk import insert_rows
from .engine import StoreEngine
from .opening import engine_of, shown
from .sqlite import SqliteEngine
from .tables import OWN_LEDGER, metadata
from .tables import schema as schema_table
from .tables import settings as settings_table

_ROWS = 1000  # read and written at once
_INDEX = "search."  # how the names of the index's own settings begin

Progress = Callable[[int], None]


def copy_store(url: str | Path, file: Path, progress: Progress = lambda rows: None) -> None:
    """Copy the store at `url` into the new SQLite file `file`, while others go on writing.

    A store of another version is refused: what this program does not know it would leave out. The
    file is on the disk when this returns; what a crash leaves of it before is no store yet. Raises
    `InputError` or `MachineFault`.
    """
    source = engine_of(url, create=False)
    with _named(source), source.engine.connect() as reading:
        source.begin_read(reading)
        _check_version(reading)
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        target = SqliteEngine(file)
        with _named(target), target.engine.connect() as writing:
            writing.exec_driver_sql("PRAGMA journal_mode=OFF")  # half a file is thrown away
            writing.exec_driver_sql("PRAGMA synchronous=OFF")  # synchronised once, below
            writing.exec_driver_sql("BEGIN")
            schema.create(writing)
            _copy_tables(reading, writing, progress)
            _forget_index(writing)
            writing.commit()
        reading.rollback()
    _synchronise(file)


def load_store(file: Path, url: str) -> None:
    """Make a new store at `url` of the copy in `file`, which is of this program's version.

    All of it or nothing. Raises `InputError` where there is a store already, or `MachineFault`.
    """
    source, target = SqliteEngine(file), engine_of(url, create=True)
    with (
        _named(target),
        _named(source),
        source.engine.connect() as reading,
        target.writer_lock(),
        target.engine.connect() as writing,
    ):
        source.begin_read(reading)
        target.begin_write(writing)
        if schema.version_of(writing) is not None:
            raise InputError("store.present", url=shown(url))
        schema.create(writing)
        _copy_tables(reading, writing, lambda rows: None)
        _count_on(writing)
        writing.commit()
        reading.rollback()


class Copied(msgspec.Struct, frozen=True):
    """What a copy says of itself: its version, its settings, and where our own ledger stands."""

    version: int
    settings: dict[str, str]
    size: int
    root: bytes


def examine_copy(file: Path) -> Copied:
    """Look at a copy, every page of it; nothing is written.

    Raises `MachineFault` for a file that is damaged or no store at all.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?immutable=1", uri=True)) as copy:
            (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok":
                raise MachineFault("store.damaged", path=str(file), problem=str(found))
            (version,) = copy.execute("SELECT version FROM schema").fetchone()
            values = dict(copy.execute("SELECT name, value FROM settings").fetchall())
            own = copy.execute("SELECT size, root FROM ledgers WHERE id = ?", (OWN_LEDGER,))
            size, root = own.fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise MachineFault("store.damaged", path=str(file), problem=str(error)) from None
    return Copied(version, values, size, root)


class _named:  # noqa: N801 - a context manager, used like a function
    """Errors of a database as the `MachineFault` they mean; the engine is closed in any case."""

    def __init__(self, engine: StoreEngine) -> None:
        self._engine = engine

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._engine.close()
        if isinstance(error, SQLAlchemyError | OSError | sqlite3.Error):
            fault = self._engine.translate(error)
            if fault is not None:
                raise fault from error


def _check_version(connection: Connection) -> None:
    found = schema.version_of(connection)
    if found is None:
        raise InputError("store.absent", url=str(connection.engine.url.database))
    schema.check_usable(found)
    if found.version != schema.VERSION:
        raise InputError(
            "store.too-new", found=found.version, needed=found.version, ours=schema.VERSION
        )


def _copy_tables(reading: Connection, writing: Connection, progress: Progress) -> None:
    for table in metadata.sorted_tables:  # what is referred to comes first
        if table is schema_table:
            continue  # it says what was made, not what was copied
        for rows in _pages(reading, table):
            insert_rows(writing, table, rows)
            progress(len(rows))


def _pages(connection: Connection, table: Table) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The rows of a table as the driver gives them, a page at a time."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    order = ", ".join(f'"{column.name}"' for column in table.primary_key)
    query = text(f"SELECT {names} FROM {table.name} ORDER BY {order}")  # noqa: S608
    result = connection.execution_options(yield_per=_ROWS).execute(query)
    for page in result.partitions(_ROWS):
        yield [tuple(row) for row in page]


def _forget_index(connection: Connection) -> None:
    connection.execute(settings_table.delete().where(settings_table.c.name.startswith(_INDEX)))


def _count_on(connection: Connection) -> None:
    """PostgreSQL numbers the rows of some tables itself: it goes on behind the copied ones."""
    if connection.dialect.name == "sqlite":
        return
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        last = connection.scalar(select(func.max(column)))
        if last is not None:
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"),
                {"table": table.name, "column": column.name, "last": last},
            )


def _synchronise(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
