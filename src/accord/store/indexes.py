"""Where search indexes lie, and how one takes the place of another.

On SQLite each index is a file of its own beside the store, attached to connections that nothing
else uses: indexing never holds the store's lock, and an index is thrown away with its file. On
PostgreSQL its tables, with its number in their names, stand among the others and are written
without the writer's lock.

A crash leaves the index that was in service; what was begun beside it is passed over and cleared
away later. A lost or damaged index loses nothing else: it is made anew.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote

from msgspec.structs import replace
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from accord.base.errors import MachineFault

from .engine import StoreEngine
from .index import SearchIndex
from .index_tables import LAYOUT, Index, IndexState
from .sqlite import SqliteEngine
from .transaction import Transaction

T = TypeVar("T")

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN}
_LOST_STATES = ("42P01", "XX001", "XX002")  # no such table, damaged data, damaged index
_LAST_STATE = "search.state"  # of the layout that stood among the store's own tables


class IndexFault(MachineFault):
    """The search index is lost or damaged. Nothing else is: it is made anew."""


class _Damage(Exception):
    """What a look at an index found."""


class Place(Protocol):
    """Where the indexes of a store lie."""

    def connect(self, index: Index | None) -> AbstractContextManager[Connection]:
        """A connection that reaches the store and an index."""
        ...

    def begin_write(self, connection: Connection) -> None:
        """Start a transaction that writes to an index, and waits for no disk."""
        ...

    def create(self, tx: Transaction, number: int) -> None:
        """Make an empty index; what a crash left of this number is overwritten."""
        ...

    def drop(self, tx: Transaction, number: int) -> None:
        """Remove an index and its bytes. Done again after a crash."""
        ...

    def is_damage(self, error: Exception) -> bool:
        """Whether a driver's error means that an index is lost or damaged."""
        ...

    def close(self) -> None: ...


class Indexes:
    """The search indexes of one store. `write` of the store is used to put one in service."""

    def __init__(
        self,
        engine: StoreEngine,
        read: Callable[[Callable[[Transaction], IndexState]], IndexState],
        write: Callable[[Callable[[Transaction], IndexState]], IndexState],
    ) -> None:
        self._engine = engine
        self._read = read
        self._write = write
        self._place: Place = (
            IndexFiles(engine) if isinstance(engine, SqliteEngine) else IndexTables(engine)
        )

    @property
    def on_files(self) -> bool:
        """Whether each index is a file of its own."""
        return isinstance(self._place, IndexFiles)

    def state(self) -> IndexState:
        return self._read(lambda tx: tx.index.state())

    def read(self, job: Callable[[Transaction, Index | None], T], index: Index | None = None) -> T:
        """Run `job` on one unchanging state of the store and of `index`, or the one in service.

        `job` is given that index; null where there is none yet. Raises `IndexFault` when it cannot
        be read; that is put on record, and the next indexer replaces it.
        """
        index = index if index is not None else self._serving()
        with self._connected(index) as connection:
            self._engine.begin_read(connection)
            try:
                return job(Transaction(connection, reads_only=True), index)
            finally:
                connection.rollback()

    def write(self, index: Index, job: Callable[[Transaction], T]) -> T:
        """Run `job`, which writes to `index` and to nothing else, and commit.

        The commit waits for no disk: after a power cut the index may be where it was before.
        """
        with self._connected(index) as connection:
            self._place.begin_write(connection)
            try:
                result = job(Transaction(connection))
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
            return result

    def examine(self, *, whole: bool = True) -> int | None:
        """Look at the index in service; if it is to be `whole`, at every page of it where that
        can be done.

        How many listings it has not reached; null where there is none yet. Raises `IndexFault`.
        """

        def job(tx: Transaction, index: Index | None) -> int | None:
            if index is None:
                return None
            if whole and (problem := tx.index.damage(index)):
                raise _Damage(problem)
            return tx.index.lag(index)

        return self.read(job)

    def build(self, rules: int) -> IndexState:
        """Begin an index by `rules`. It answers at once when none else can."""

        def job(tx: Transaction) -> IndexState:
            state = tx.index.state()
            if state.building is not None:
                self._place.drop(tx, state.building.number)
            _drop_former(tx)
            numbers = [each.number for each in state.all()] + [state.retired or 0]
            index = Index(LAYOUT, rules, max(numbers) + 1)
            self._place.create(tx, index.number)
            old = state.serving
            if old is not None and old.layout == LAYOUT and old.number != state.damaged:
                return _keep(tx, replace(state, building=index))
            for number in {state.retired, None if old is None else old.number} - {None}:
                self._place.drop(tx, number)  # type: ignore[arg-type]
            return _keep(tx, IndexState(index))

        return self._write(job)

    def discard(self, index: Index) -> None:
        """An index is of no use any more: the next indexer makes another in its place."""
        self._write(lambda tx: _damaged(tx, index))

    def swap(self, now: int) -> IndexState:
        """The index that was built answers from now on, if it has all that is listed."""
        built = self.state().building
        if built is None:
            return self.state()
        reached = self.read(lambda tx, _: tx.index.position(built), built)

        def job(tx: Transaction) -> IndexState:
            state = tx.index.state()
            last = tx.index.last_listed()
            if state.building != built or state.serving is None or last > reached:
                return state
            if state.retired is not None:
                self._place.drop(tx, state.retired)
            return _keep(tx, IndexState(built, None, state.serving.number, now))

        return self._write(job)

    def drop_retired(self, before: int) -> None:
        """Drop the index that nobody reads any more: it was replaced before this moment."""

        def job(tx: Transaction) -> IndexState:
            state = tx.index.state()
            if state.retired is None or state.retired_at >= before:
                return state
            self._place.drop(tx, state.retired)
            return _keep(tx, replace(state, retired=None))

        state = self.state()
        if state.retired is not None and state.retired_at < before:
            self._write(job)

    def close(self) -> None:
        self._place.close()

    def _serving(self) -> Index | None:
        """The index that answers; null also for one of another program's layout."""
        serving = self.state().serving
        return serving if serving is not None and serving.layout == LAYOUT else None

    @contextmanager
    def _connected(self, index: Index | None) -> Iterator[Connection]:
        try:
            with self._place.connect(index) as connection:
                yield connection
        except (SQLAlchemyError, OSError, _Damage) as error:
            if index is not None and (isinstance(error, _Damage) or self._place.is_damage(error)):
                self._write(lambda tx: _damaged(tx, index))
                raise IndexFault("store.index-damaged", problem=_problem(error)) from error
            raise self._engine.translate(error) or error from error


class IndexFiles:
    """Indexes in files beside a store on SQLite: `NAME.search-NUMBER`."""

    def __init__(self, engine: SqliteEngine) -> None:
        self._path = engine.path
        # Of its own: to begin writing on a connection with files attached locks them all.
        self._engine = SqliteEngine(engine.path)

    @contextmanager
    def connect(self, index: Index | None) -> Iterator[Connection]:
        wanted = None if index is None else index.number
        with self._engine.engine.connect() as connection:
            attached = connection.info.get("index")
            if attached != wanted:
                if attached is not None:
                    connection.exec_driver_sql(f"DETACH search_{attached}")
                    del connection.info["index"]
                if wanted is not None:
                    try:
                        self._attach(connection, wanted)
                    except BaseException:
                        connection.invalidate()  # it may be half attached
                        raise
                    connection.info["index"] = wanted
            yield connection

    def begin_write(self, connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")  # the index is locked by what is written first

    def create(self, tx: Transaction, number: int) -> None:
        self._remove(number)
        with self._faults_named():
            os.close(os.open(self._file(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with self._engine.engine.connect() as connection:
            connection.detach()  # it is closed in the end, with all that is attached to it
            self._attach(connection, number)
            schema = f"search_{number}"
            connection.exec_driver_sql(f"PRAGMA {schema}.page_size=8192")
            connection.exec_driver_sql(f"PRAGMA {schema}.journal_mode=WAL")
            connection.exec_driver_sql("BEGIN")
            SearchIndex(connection).create(number, schema)
            connection.commit()

    def drop(self, tx: Transaction, number: int) -> None:
        self._remove(number)

    def is_damage(self, error: Exception) -> bool:
        original = error.orig if isinstance(error, DBAPIError) else error
        code = getattr(original, "sqlite_errorcode", None)
        return code is not None and (
            code & 0xFF in _DAMAGE or "no such table: index_" in str(original)
        )

    def close(self) -> None:
        self._engine.close()

    def _file(self, number: int) -> str:
        return f"{self._path}.search-{number}"

    def _attach(self, connection: Connection, number: int) -> None:
        address = f"file:{quote(self._file(number))}?mode=rw"  # never an empty file for a lost one
        connection.exec_driver_sql(f"ATTACH ? AS search_{number}", (address,))
        for setting in ("synchronous=NORMAL", "secure_delete=OFF", "cache_size=-8000"):
            connection.exec_driver_sql(f"PRAGMA search_{number}.{setting}")

    def _remove(self, number: int) -> None:
        """Take the files away; emptied first, for who still has them open keeps the bytes."""
        for suffix in ("", "-wal", "-shm"):
            file = Path(self._file(number) + suffix)
            with self._faults_named():
                if suffix != "-shm" and file.exists():  # it is mapped: cutting it kills readers
                    os.truncate(file, 0)
                file.unlink(missing_ok=True)

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._engine.translate(error) or error from error


class IndexTables:
    """Indexes among the tables of a store on PostgreSQL."""

    def __init__(self, engine: StoreEngine) -> None:
        self._engine = engine

    def connect(self, index: Index | None) -> AbstractContextManager[Connection]:
        return self._engine.engine.connect()

    def begin_write(self, connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

    def create(self, tx: Transaction, number: int) -> None:
        self.drop(tx, number)
        tx.index.create(number)

    def drop(self, tx: Transaction, number: int) -> None:
        tx.index.drop(number)

    def is_damage(self, error: Exception) -> bool:
        original = error.orig if isinstance(error, DBAPIError) else error
        return getattr(original, "sqlstate", None) in _LOST_STATES

    def close(self) -> None:
        """The connections are the store's."""


def _keep(tx: Transaction, state: IndexState) -> IndexState:
    tx.index.keep(state)
    return state


def _damaged(tx: Transaction, index: Index) -> IndexState:
    """Put on record that an index cannot be read, unless it was replaced meanwhile."""
    state = tx.index.state()
    if index == state.serving:
        return _keep(tx, replace(state, damaged=index.number))
    if index == state.building:
        return _keep(tx, replace(state, building=None))
    return state


def _problem(error: Exception) -> str:
    return str(error.orig if isinstance(error, DBAPIError) else error).strip()


def _drop_former(tx: Transaction) -> None:
    """An index of the first layout: its tables stand among the store's own."""
    if tx.settings.get(_LAST_STATE) is not None:
        tx.index.drop_former()
        tx.settings.remove(_LAST_STATE)
