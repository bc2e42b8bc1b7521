"""PostgreSQL behind the engine port: many workers and hosts on one store, one writer at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from accord.base.errors import AccordError, InputError, MachineFault

from .addresses import shown
from .engine import Replica
from .replica import PostgresReplica, closed_on_error
from .wakeups import CHANNEL, Wakeups

# Names the writer's lock among the advisory locks of the database: "accord" in ASCII.
WRITER_LOCK = 0x6163636F7264
# The leader's: "lead", and which of the schemas of a database is led.
LEAD_LOCK = 0x6C656164

# What an address may say otherwise. A server that is gone without a word is noticed in ten seconds.
_DEFAULTS: dict[str, Any] = {
    "application_name": "accord",
    "connect_timeout": 10,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

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

    `url` goes to libpq as it is, so it may name several hosts.
    """

    def __init__(self, url: str) -> None:
        self._shown = shown(url)
        self._connect = _connector(url)
        self.engine: Engine = create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            poolclass=QueuePool,
            pool_size=8,
            max_overflow=8,
            pool_timeout=30,
            isolation_level="READ COMMITTED",
            use_native_hstore=False,  # each new connection would be asked for a type that we lack
            hide_parameters=True,  # objects stay out of error messages and logs
        )
        event.listen(self.engine, "connect", _prepare)
        self.replica: Replica | None = None
        self._wakeups = Wakeups(self._connect, self.change_number)

    @contextmanager
    def writer_lock(self) -> Iterator[None]:
        yield  # the lock is the transaction's own: `begin_write` takes it

    def begin_write(self, connection: Connection) -> None:
        # The notification goes out with the commit, and with nothing else.
        connection.exec_driver_sql(
            f"SELECT pg_advisory_xact_lock({WRITER_LOCK}),"
            f" pg_notify('{CHANNEL}', '{self._wakeups.name}')"
        )

    def begin_read(self, connection: Connection) -> None:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def change_number(self) -> int:
        # What a new snapshot sees differs after every commit, and never returns to what it was.
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT hashtextextended(pg_current_snapshot()::text, 0)"
            )
            return int(found.scalar_one())

    def wait_for_change(self, seconds: float) -> bool:
        return self._wakeups.wait(seconds)

    def wake(self) -> None:
        self._wakeups.wake()

    def try_lead(self) -> SessionLead | None:
        connection = self.engine.connect()
        try:
            name = f"{LEAD_LOCK}, hashtext(current_schema())"
            taken = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({name})").scalar_one()
            connection.commit()
            if taken:
                connection.detach()  # the lock is the session's: from here it serves nothing else
                return SessionLead(connection)
        except SQLAlchemyError:
            connection.invalidate()
            raise
        connection.close()
        return None

    def attach_replica(self, url: str) -> None:
        self.replica = PostgresReplica(_connector(url), shown(url), self.engine)

    def scrub(self) -> None:
        pass  # the server's vacuum overwrites dead rows in its own time: docs/reference/recall.md

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
        self._wakeups.close()
        if self.replica is not None:
            self.replica.close()
        self.engine.dispose()

    def _fault(self, key: str, problem: Exception) -> MachineFault:
        return MachineFault(
            key, path=self._shown, problem=" ".join(str(problem).split()).rstrip(".")
        )


class SessionLead:
    """The lead by a session's advisory lock: the server gives it back when the session ends.

    Not behind a pooler that hands one session to several clients: there nobody would lead for long.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_held(self) -> bool:
        try:
            self._connection.exec_driver_sql("SELECT 1")
            self._connection.commit()
        except SQLAlchemyError:
            return False
        return True

    def release(self) -> None:
        with suppress(SQLAlchemyError):
            self._connection.close()


def _connector(url: str) -> Any:
    """Makes connections to `url`. Raises `InputError` where libpq does not understand it."""
    try:
        given = conninfo_to_dict(url)
        for port in str(given.get("port", "")).split(","):
            int(port or 0)
    except (psycopg.Error, ValueError):
        raise InputError("store.url-unknown", url=shown(url)) from None
    settings: dict[str, Any] = {**_DEFAULTS, **given}
    return partial(psycopg.connect, **settings, cursor_factory=_BinaryCursor)


class _BinaryCursor(psycopg.Cursor[Any]):
    """Rows come as PostgreSQL has them: as text an object is twice as long and read anew."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.format = psycopg.pq.Format.BINARY


def _prepare(connection: Any, _record: Any) -> None:
    """Every connection of the pool gets the same settings, however the server is set."""
    with closed_on_error(connection):
        connection.execute("SET lock_timeout = '30s'")
        # A client that is gone without a word gives its locks back after ten seconds as well.
        connection.execute("SET tcp_keepalives_idle = 5")
        connection.execute("SET tcp_keepalives_interval = 2")
        connection.execute("SET tcp_keepalives_count = 3")
        # Pages are read along an index and cut short. After a bulk load, before its statistics are
        # renewed, the server would rather collect everything that follows and sort it.
        connection.execute("SET enable_bitmapscan = off")
        # They are short: to start other processes for one takes ten times as long as to read it.
        connection.execute("SET max_parallel_workers_per_gather = 0")
        if connection.execute("SHOW synchronous_commit").fetchone()[0] == "off":
            connection.execute("SET synchronous_commit = on")
        for name in ("fsync", "full_page_writes"):
            if connection.execute(f"SHOW {name}").fetchone()[0] != "on":
                raise MachineFault("store.unsafe-server", setting=name)
        connection.commit()
