"""A fault-injecting engine port: the SQLite engine as it is, but a commit can be made to fail.

Every durable step of a node ends in a commit of its store, so the table of faults is the table of
commits: the n-th commit of a use case fails before it happened, or after it happened and without
its caller being told.
"""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, Engine, event

from accord.base.clock import Clock
from accord.base.errors import AccordError
from accord.node.home import Home
from accord.node.node import Node
from accord.store.engine import Lead, Replica
from accord.store.sqlite import SqliteEngine
from accord.store.store import Store
from tests.store.faults.disk import Disk, FaultySqlite, Operation

Fault = Literal["failed", "failed-but-done"]

FILES = ("accord.db", "accord.db-wal")


class FaultyEngine:
    """Passes everything on; once armed, the commit that is counted out fails."""

    def __init__(self, path: Path) -> None:
        self._real = SqliteEngine(path)
        self.engine: Engine = self._real.engine
        self.replica: Replica | None = None
        self.commits = 0
        self._fault: Fault | None = None
        self._at = 0
        event.listen(self.engine, "commit", self._on_commit)

    def arm(self, fault: Fault, at: int) -> None:
        """Let the `at`-th commit from now on (0: the next) fail, once."""
        self._fault, self._at, self.commits = fault, at, 0

    @property
    def fired(self) -> bool:
        return self._fault is None

    def _on_commit(self, connection: Connection) -> None:
        fault, number = self._fault, self.commits
        self.commits += 1
        if fault is None or number != self._at:
            return
        self._fault = None
        if fault == "failed-but-done":
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.execute("COMMIT")
        raise _disk_error()

    def writer_lock(self) -> AbstractContextManager[None]:
        return self._real.writer_lock()

    def begin_write(self, connection: Connection) -> None:
        self._real.begin_write(connection)

    def begin_read(self, connection: Connection) -> None:
        self._real.begin_read(connection)

    def change_number(self) -> int:
        return self._real.change_number()

    def wait_for_change(self, seconds: float) -> bool:
        return self._real.wait_for_change(seconds)

    def wake(self) -> None:
        self._real.wake()

    def try_lead(self) -> Lead | None:
        return self._real.try_lead()

    def attach_replica(self, url: str) -> None:
        self._real.attach_replica(url)

    def scrub(self) -> None:
        self._real.scrub()

    def translate(self, error: Exception) -> AccordError | None:
        return self._real.translate(error)

    def close(self) -> None:
        self._real.close()


def faulty_node(folder: Path, clock: Clock) -> tuple[Node, FaultyEngine]:
    """The node at `folder` on a fault-injecting engine."""
    engine = FaultyEngine(folder / "accord.db")
    home = Home(folder)
    return Node(home, home.settings(), home.keys(), Store(engine), clock), engine


def node_on_disk(folder: Path, clock: Clock) -> tuple[Node, Disk]:
    """The node at `folder` on a disk whose power can be cut; what is there is synchronised."""
    disk = Disk(f"disk-{uuid.uuid4().hex}")
    for name in FILES:
        if (folder / name).exists():
            disk.record.append(Operation(name, 0, (folder / name).read_bytes()))
            disk.record.append(Operation(name, None, None))
    home = Home(folder)
    store = Store(FaultySqlite(folder / "accord.db", disk))
    return Node(home, home.settings(), home.keys(), store, clock), disk


def _disk_error() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    return error
