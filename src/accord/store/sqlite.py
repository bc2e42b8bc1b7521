"""SQLite behind the engine port: write-ahead log, full synchronisation, one writer at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from accord.base.errors import AccordError, InputError, MachineFault

from .engine import Replica

# What a commit then costs and survives is told in docs/reference/store.md.
PRAGMAS = {
    "page_size": "8192",  # bytes; taken when the file is made
    "journal_mode": "WAL",
    "synchronous": "FULL",  # an acknowledged entry survives a power cut
    "foreign_keys": "ON",
    "busy_timeout": "10000",  # milliseconds
    "cache_size": "-16000",  # KiB
    "wal_autocheckpoint": "4000",  # pages
    "journal_size_limit": "67108864",  # bytes
    "secure_delete": "ON",  # erased content is overwritten, not only unlinked
    "temp_store": "MEMORY",
}

LOCK_SECONDS = 30.0  # how long a writer waits for its turn
_LOCK_PAUSE = 0.001  # seconds between two looks
_WATCH_PAUSE = 0.05  # seconds between two looks at whether another process has committed

_MACHINE_CODES = {
    sqlite3.SQLITE_FULL: "store.disk-full",
    sqlite3.SQLITE_READONLY: "store.read-only",
    sqlite3.SQLITE_BUSY: "store.locked",
    sqlite3.SQLITE_LOCKED: "store.locked",
    sqlite3.SQLITE_CANTOPEN: "store.cannot-open",
    sqlite3.SQLITE_IOERR: "store.disk-fault",
    sqlite3.SQLITE_CORRUPT: "store.damaged",
    sqlite3.SQLITE_NOTADB: "store.damaged",
    sqlite3.SQLITE_PERM: "store.cannot-open",
}


class SqliteEngine:
    """A store in one file. Several processes may share it: file locks let writers take turns.

    These locks are beside SQLite's own because that one is unfair: a publishing command would
    otherwise hold up a serving node for as long as it runs. Whoever wants to write first waits for
    the turn, then for the lock; so nobody who has just written can slip in before who waits.
    """

    def __init__(self, path: Path, *, lock_seconds: float = LOCK_SECONDS) -> None:
        self.path = path
        self._lock_seconds = lock_seconds
        # An address, not a path: SQLite would otherwise put an empty file where one is gone.
        self._address = f"file:{quote(str(path))}"
        self.engine: Engine = create_engine(
            URL.create("sqlite", database=self._address, query={"uri": "true", "mode": "rw"}),
            poolclass=QueuePool,
            pool_size=8,
            max_overflow=8,
            pool_timeout=30,
            connect_args={"check_same_thread": False},
            hide_parameters=True,  # objects stay out of error messages and logs
        )
        # Opening another file beside the log of the first would rewrite the index of that log under
        # everybody who has it mapped into memory: they would die of it (SIGBUS).
        event.listen(self.engine, "do_connect", lambda *_: self._check_in_place())
        event.listen(self.engine, "connect", _prepare)
        self.replica: Replica | None = None
        self._watch: sqlite3.Connection | None = None
        self._number: int | None = None  # the last that was waited for
        self._woken = threading.Event()
        self._file: tuple[int, int] | None = None

    @contextmanager
    def writer_lock(self) -> Iterator[None]:
        until = time.monotonic() + self._lock_seconds
        with self._locked("turn", until) as turn, self._locked("lock", until):
            os.close(turn.pop())
            self._check_in_place()
            yield

    def begin_write(self, connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def begin_read(self, connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    def change_number(self) -> int:
        try:
            if self._watch is None:
                self._watch = sqlite3.connect(
                    f"{self._address}?mode=rw", uri=True, check_same_thread=False
                )
            row = self._watch.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error as error:
            raise self.translate(error) or error from error
        return int(row[0])

    def wait_for_change(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not self._woken.is_set():
            before, self._number = self._number, self.change_number()
            if before != self._number:
                return True
            if time.monotonic() >= until or self._woken.wait(_WATCH_PAUSE):
                break
        return False

    def wake(self) -> None:
        self._woken.set()

    def try_lead(self) -> FileLead | None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(f"{self.path}.lead", flags, 0o600)
        if _try_lock(descriptor):
            return FileLead(descriptor)
        os.close(descriptor)
        return None

    def attach_replica(self, url: str) -> None:
        raise InputError("store.replica-of-file", path=str(self.path))

    def scrub(self) -> None:
        # The log still holds pages as they were. A reader that is under way keeps it from being
        # cut; it is cut the next time then.
        with self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()

    def translate(self, error: Exception) -> AccordError | None:
        original = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(original, OSError):
            full = original.errno in (errno.ENOSPC, errno.EDQUOT)
            return self._fault("store.disk-full" if full else "store.cannot-open", original)
        code = getattr(original, "sqlite_errorcode", None)
        if code is None:
            return None
        key = _MACHINE_CODES.get(code & 0xFF)
        return None if key is None else self._fault(key, original)

    def close(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        self.engine.dispose()

    @contextmanager
    def _locked(self, name: str, until: float) -> Iterator[list[int]]:
        """Hold a lock file until the end, or until its descriptor is taken out and closed."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        held = [os.open(f"{self.path}.{name}", flags, 0o600)]
        try:
            while not _try_lock(held[0]):
                if time.monotonic() > until:
                    raise self._fault("store.locked", TimeoutError(f"{self.path}.{name}"))
                time.sleep(_LOCK_PAUSE)
            yield held
        finally:
            for descriptor in held:
                os.close(descriptor)  # gives the lock back; so does the death of the process

    def _check_in_place(self) -> None:
        """The file that is written to is the one at the path: not one moved or deleted since."""
        status = self.path.stat()
        here = (status.st_dev, status.st_ino)
        if self._file is None:
            self._file = here
        elif self._file != here:
            raise MachineFault("store.replaced", path=str(self.path))

    def _fault(self, key: str, problem: object) -> MachineFault:
        return MachineFault(key, path=str(self.path), problem=str(problem))


class FileLead:
    """The lead by a lock on a file, which the system gives back when the process ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def is_held(self) -> bool:
        return self._descriptor is not None

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _prepare(connection: Any, _record: Any) -> None:
    """Every connection of the pool gets the same settings; transactions are begun by us alone."""
    connection.isolation_level = None
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
