"""PostgreSQL behind the engine port: many workers and hosts on one store, one writer at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from accord.base.errors import AccordError, MachineFault

# Names the writer's lock among the advisory locks of the database: "accord" in ASCII.
WRITER_LOCK = 0x6163636F7264

# By SQLSTATE, or its class; the longest that fits counts (PostgreSQL manual, appendix A).
_MACHINE_STATES = {
    "08": "store.unreachable",
    "25006": "store.read-only",
    "28": "store.cannot-open",
    "3D000": "store.cannot-open",
    "40001": "store.locked",
    "40P01": "store.locked",
    "42501": "store.cannot-open",
    "53": "store.busy-server",
    "53100": "store.disk-full",
    "55P03": "store.locked",
    "57014": "store.locked",
    "57P": "store.unreachable",
    "58": "store.disk-fault",
    "XX": "store.damaged",
}


class PostgresEngine:
    """A store on a PostgreSQL server.

    Writers queue on an advisory lock that the server gives back at the end of the transaction, or
    when the connection is lost. They read what is committed when they have it (READ COMMITTED);
    readers see one state throughout (REPEATABLE READ).
    """

    def __init__(self, url: URL) -> None:
        self._shown = url.render_as_string(hide_password=True)
        self.engine: Engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            poolclass=QueuePool,
            pool_size=8,
            max_overflow=8,
            pool_timeout=30,
            connect_args={"connect_timeout": 10, "application_name": "accord"},
            isolation_level="READ COMMITTED",
            hide_parameters=True,  # objects stay out of error messages and logs
        )
        event.listen(self.engine, "connect", _prepare)

    @contextmanager
    def writer_lock(self) -> Iterator[None]:
        yield  # the lock is the transaction's own: `begin_write` takes it

    def begin_write(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")

    def begin_read(self, connection: Connection) -> None:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def change_number(self) -> int:
        # What a new snapshot sees differs after every commit, and never returns to what it was.
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT hashtextextended(pg_current_snapshot()::text, 0)"
            )
            return int(found.scalar_one())

    def translate(self, error: Exception) -> AccordError | None:
        original = error.orig if isinstance(error, DBAPIError) else error
        if not isinstance(original, psycopg.Error):
            return None
        state = original.sqlstate
        if state is None:
            lost = isinstance(original, psycopg.OperationalError | psycopg.InterfaceError)
            return self._fault("store.unreachable", original) if lost else None
        for length in (5, 3, 2):
            if key := _MACHINE_STATES.get(state[:length]):
                return self._fault(key, original)
        return None

    def close(self) -> None:
        self.engine.dispose()

    def _fault(self, key: str, problem: Exception) -> MachineFault:
        return MachineFault(key, path=self._shown, problem=str(problem).strip())


def _prepare(connection: Any, _record: Any) -> None:
    """Every connection of the pool gets the same settings, however the server is set."""
    connection.execute("SET lock_timeout = '30s'")
    # Pages are read along an index and cut short. After a bulk load, before its statistics are
    # renewed, the server would rather collect everything that follows and sort it.
    connection.execute("SET enable_bitmapscan = off")
    if connection.execute("SHOW synchronous_commit").fetchone()[0] == "off":
        connection.execute("SET synchronous_commit = on")
    for name in ("fsync", "full_page_writes"):
        if connection.execute(f"SHOW {name}").fetchone()[0] != "on":
            raise MachineFault("store.unsafe-server", setting=name)
    connection.commit()
