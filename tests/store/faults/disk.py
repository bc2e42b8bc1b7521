"""A disk whose power can be cut: what was not synchronised is lost, wholly or in part.

`kill -9` never loses what the kernel has taken, so only such a disk shows whether the store asks
for synchronisation where it must. SQLite writes through it (a VFS of apsw's); every operation is
put on record, and `after_power_cut` lays out what a real disk may hold at any moment of it.

apsw brings its own SQLite, newer than Python's; the write-ahead log works alike in both.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw
import msgspec
from sqlalchemy import create_engine, event
from sqlalchemy.pool import QueuePool

from accord.store import sqlite as sqlite_store

_KEPT = ("accord.db", "accord.db-wal")  # what SQLite recovers from; the -shm is only memory


class Operation(msgspec.Struct, frozen=True):
    """A write, a truncation (no data) or a synchronisation (no offset) of a file."""

    file: str
    offset: int | None
    data: bytes | None


class Disk(apsw.VFS):
    """Passes everything on to the real disk, keeps a record and fails when told to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.record: list[Operation] = []
        self.failing: type[Exception] | None = None
        self.fail_on = ""
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self, name, flags)

    def note(self, what: str, operation: Operation) -> None:
        """Put an operation on record, unless the disk fails at it."""
        if self.failing is not None and self.fail_on == what:
            raise self.failing
        self.record.append(operation)

    def synchronised(self, file: str) -> int:
        """How often a file was synchronised."""
        return sum(each.file == file and each.offset is None for each in self.record)

    def after_power_cut(self, at: int, folder: Path, chance: random.Random | None = None) -> Path:
        """What the disk holds when the power goes after `at` operations, as a store in `folder`.

        Of what was not synchronised nothing is there, or, by `chance`, any part of it.
        """
        folder.mkdir()
        for name in _KEPT:
            content = _survivors([each for each in self.record[:at] if each.file == name], chance)
            if content is not None:
                (folder / name).write_bytes(content)
        return folder / "accord.db"


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(path).name if path else ""
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.note("write", Operation(self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.note("truncate", Operation(self._name, size, None))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.note("sync", Operation(self._name, None, None))
        super().xSync(flags)


def _survivors(record: Sequence[Operation], chance: random.Random | None) -> bytes | None:
    last_sync = max((place for place, each in enumerate(record) if each.offset is None), default=-1)
    content: bytearray | None = None
    for place, each in enumerate(record):
        if each.offset is None or (place > last_sync and not (chance and chance.random() < 0.5)):
            continue
        content = bytearray() if content is None else content
        if each.data is None:
            del content[each.offset :]
            continue
        content.extend(bytes(max(0, each.offset - len(content))))
        content[each.offset : each.offset + len(each.data)] = each.data
    return None if content is None else bytes(content)


class FaultySqlite(sqlite_store.SqliteEngine):
    """The SQLite engine as it is, on a simulated disk."""

    def __init__(self, path: Path, disk: Disk) -> None:
        super().__init__(path)
        self.engine = create_engine(
            "sqlite://",
            creator=lambda: _Connection(path, disk),
            poolclass=QueuePool,
            hide_parameters=True,
        )
        event.listen(self.engine, "connect", sqlite_store._prepare)


_CODES: dict[type[Exception], int] = {
    apsw.FullError: sqlite3.SQLITE_FULL,
    apsw.IOError: sqlite3.SQLITE_IOERR,
    apsw.ReadOnlyError: sqlite3.SQLITE_READONLY,
}


def _as_sqlite3(error: apsw.Error) -> sqlite3.OperationalError:
    raised = sqlite3.OperationalError(str(error))
    raised.sqlite_errorcode = _CODES.get(type(error), sqlite3.SQLITE_ERROR)
    return raised


class _Cursor:
    """As much of the DB-API as SQLAlchemy asks of a cursor."""

    rowcount = -1
    lastrowid = 0
    arraysize = 1

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.description: Any = None

    def execute(self, text: str, values: Any = ()) -> _Cursor:
        cursor = self._connection.cursor()
        cursor.exec_trace = self._describe
        try:
            self._rows = cursor.execute(text, tuple(values)).fetchall()
        except apsw.Error as error:
            raise _as_sqlite3(error) from error
        self.rowcount = self._connection.changes()
        return self

    def _describe(self, cursor: apsw.Cursor, _text: str, _values: Any) -> bool:
        """What the statement returns; asked before it runs, when it is known of every one."""
        columns = cursor.get_description()
        self.description = [(name, *[None] * 6) for name, *_ in columns] or None
        return True

    def executemany(self, text: str, rows: Any) -> None:
        for row in rows:
            self.execute(text, row)

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows, []
        return rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def close(self) -> None:
        self._rows = []


class _Connection:
    """As much of the DB-API as SQLAlchemy asks of a connection."""

    isolation_level: str | None = None

    def __init__(self, path: Path, disk: Disk) -> None:
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        try:
            self._connection = apsw.Connection(str(path), flags=flags, vfs=disk.name)
        except apsw.Error as error:
            raise _as_sqlite3(error) from error

    def cursor(self) -> _Cursor:
        return _Cursor(self._connection)

    def execute(self, text: str, values: Any = ()) -> _Cursor:
        return self.cursor().execute(text, values)

    def create_function(self, *_given: Any, **_named: Any) -> None:
        """SQLAlchemy offers functions that the store does not use."""

    def commit(self) -> None:
        if self._connection.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self._connection.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()
