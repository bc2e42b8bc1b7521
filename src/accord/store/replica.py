"""A streaming replica that answers large reads, and never shows less than was acknowledged.

Before a read the primary is asked how far its journal is on the disk: whatever was acknowledged to
anybody lies before that place. The replica answers once it has replayed the journal up to there; it
gets a few milliseconds for it, else the primary answers. Both must be on one timeline: after a
failover a place in the journal says nothing about a replica that has not followed yet.

Whatever a reader does next, on whichever host, it sees at least what it saw here; what it could see
earlier than at the primary is a commit that is on the primary's disk already.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from accord.base.errors import AccordError, InputError
from accord.base.messages import say

from .engine import ReplicaState

_CATCH_UP_SECONDS = 0.01  # what a read waits for a replica, at most
_CATCH_UP_PAUSE = 0.001
_REST_SECONDS = 1.0  # a replica that was behind is not waited for again within this time
_DOWN_SECONDS = 2.0  # between two tries to reach one that failed; no read waits for these

_PLACE = (
    "SELECT pg_current_wal_flush_lsn()::text,"
    " ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int"
)
_IDENTITY = "SELECT (pg_control_system()).system_identifier::text, current_database()"
_REPLAYED = (
    "SELECT pg_is_in_recovery(), greatest(0, pg_wal_lsn_diff(%s, pg_last_wal_replay_lsn()))::bigint"
)
_TIMELINE = "SELECT (pg_control_checkpoint()).timeline_id"
_ERRORS = (SQLAlchemyError, psycopg.Error, AccordError, OSError)


@contextmanager
def closed_on_error(connection: Any) -> Iterator[None]:
    """The pool forgets a new connection that cannot be prepared, and does not close it."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


class _Place(msgspec.Struct, frozen=True):
    """How far the primary's journal is on its disk, and on which timeline."""

    lsn: str
    timeline: int


class PostgresReplica:
    """Reads of a store that a replica answers. Safe to share between threads."""

    def __init__(self, connect: Callable[[], Any], shown: str, primary: Engine) -> None:
        self._shown = shown
        self._primary = primary
        self._identity: Any = None
        self._engine: Engine = create_engine(
            "postgresql+psycopg://",
            creator=connect,
            poolclass=QueuePool,
            pool_size=8,
            max_overflow=8,
            pool_timeout=0.05,  # then the primary answers
            isolation_level="AUTOCOMMIT",
            use_native_hstore=False,
            hide_parameters=True,
        )
        event.listen(self._engine, "connect", self._prepare)
        self._rests_until = 0.0
        self._down = False
        self._closed = threading.Event()
        self._waiting: threading.Thread | None = None
        with suppress(*_ERRORS):
            self._identify()
        found = self.look()
        if found.state == "foreign" and found.problem is not None:
            self.close()
            raise InputError(found.problem.key, **found.problem.args)
        if found.state == "down":
            self._rest_long()

    def connect(self) -> Connection | None:
        if self._down or time.monotonic() < self._rests_until:
            return None
        connection = None
        try:
            place = self._ask_place()
            connection = self._engine.connect()
            until = time.monotonic() + _CATCH_UP_SECONDS
            while self._lag(connection, place) != 0:
                if time.monotonic() >= until:
                    self._rests_until = time.monotonic() + _REST_SECONDS
                    connection.close()
                    return None
                time.sleep(_CATCH_UP_PAUSE)
            connection.rollback()  # nothing is open: the snapshot is taken after this
        except _ERRORS as error:
            if connection is not None:
                connection.close()
            self.failed(error)
            return None
        return connection

    def failed(self, error: Exception) -> None:
        self._rest_long()

    def look(self) -> ReplicaState:
        try:
            place = self._ask_place()
            with self._engine.connect() as connection:
                lag = self._lag(connection, place)
        except InputError as error:
            return ReplicaState("foreign", problem=error.message)
        except _ERRORS as error:
            problem = str(getattr(error, "orig", None) or error).strip()
            message = say("store.replica-down", url=self._shown, problem=problem)
            return ReplicaState("down", problem=message)
        if lag == 0:
            return ReplicaState("well", 0)
        message = say("store.replica-behind", url=self._shown, bytes=lag or 0)
        return ReplicaState("behind", lag, message)

    def close(self) -> None:
        self._closed.set()
        if self._waiting is not None:
            self._waiting.join()
        self._engine.dispose()

    def _ask_place(self) -> _Place:
        with self._primary.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")  # one round trip
            lsn, timeline = connection.exec_driver_sql(_PLACE).one()
        return _Place(lsn, timeline)

    def _lag(self, connection: Connection, place: _Place) -> int | None:
        """Bytes that are not replayed yet; null where that cannot be said."""
        replica, lag = connection.exec_driver_sql(_REPLAYED, (place.lsn,)).one()
        if not replica:  # its connections have outlived that it was made the primary
            raise InputError("store.replica-is-primary", url=self._shown)
        if connection.info.get("timeline") != place.timeline:
            connection.info["timeline"] = connection.exec_driver_sql(_TIMELINE).scalar_one()
        return lag if connection.info["timeline"] == place.timeline else None

    def _prepare(self, connection: Any, _record: Any) -> None:
        """Each new connection is looked at: an address may lead to another server by now."""
        with closed_on_error(connection):
            if self._identity is None:
                self._identify()
            (replica,) = connection.execute("SELECT pg_is_in_recovery()").fetchone()
            found = connection.execute(_IDENTITY).fetchone()
            if not replica:
                raise InputError("store.replica-is-primary", url=self._shown)
            if tuple(found) != self._identity:
                raise InputError("store.replica-foreign", url=self._shown)
            connection.execute("SET enable_bitmapscan = off")
            connection.commit()

    def _identify(self) -> None:
        with self._primary.connect() as connection:
            self._identity = tuple(connection.exec_driver_sql(_IDENTITY).one())

    def _rest_long(self) -> None:
        """Leave the replica alone, and look in the background until it is there again."""
        if not self._down:
            self._down = True
            self._waiting = threading.Thread(target=self._until_back, name="replica", daemon=True)
            self._waiting.start()

    def _until_back(self) -> None:
        while not self._closed.wait(_DOWN_SECONDS):
            if self.look().state in ("well", "behind"):
                self._down = False
                return
