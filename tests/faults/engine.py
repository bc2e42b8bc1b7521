"""A fault-injecting engine port: either engine as it is, but a commit can be made to fail.

Every durable step of a node ends in a commit of its store, so the table of faults is the table of
commits: the n-th commit of a use case fails before it happened, or after it happened and without
its caller being told. On SQLite the disk fails; on PostgreSQL the line to the server is cut, or the
server dies.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal

import msgspec
import psycopg
from sqlalchemy import Connection, Engine, event

from accord.base.clock import Clock
from accord.base.errors import AccordError
from accord.node.home import Home
from accord.node.node import Node
from accord.store.copying import load_store
from accord.store.engine import Lead, Replica, StoreEngine
from accord.store.opening import engine_of
from accord.store.store import Store
from tests.store.faults.disk import Disk, FaultySqlite, Operation

Fault = Literal["failed", "failed-but-done"]

FILES = ("accord.db", "accord.db-wal")


class FaultyEngine:
    """Passes everything on; once armed, the commit that is counted out fails."""

    def __init__(self, real: StoreEngine, cut: Callable[[], None] | None = None) -> None:
        """`cut` takes the server away; otherwise the connection to it is lost."""
        self._real = real
        self._cut = cut
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
        driver: Any = connection.connection.driver_connection
        if fault == "failed-but-done":
            driver.commit()
        if isinstance(driver, sqlite3.Connection):
            raise _disk_error()
        assert isinstance(driver, psycopg.Connection)
        if self._cut is None:
            driver.close()
        else:
            self._cut()  # the commit that follows asks a server that is gone

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


def faulty_node(
    folder: Path, clock: Clock, cut: Callable[[], None] | None = None
) -> tuple[Node, FaultyEngine]:
    """The node at `folder` on a fault-injecting engine."""
    home = Home(folder)
    engine = FaultyEngine(engine_of(home.database, create=False), cut)
    return Node(home, home.settings(), home.keys(), Store(engine), clock), engine


def move_store(folder: Path, url: str) -> None:
    """The store of the closed node at `folder` moves from its file to a server."""
    home = Home(folder)
    load_store(folder / "accord.db", url)
    home.write_settings(msgspec.structs.replace(home.settings(), db=url))
    for path in folder.glob("accord.db*"):
        path.unlink()


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
