"""The store: jobs that read or write in one transaction, whichever database is behind.

Writing is done by one thread. It takes what has queued up while the last commit was on its way to
the disk, runs each job under its own savepoint and commits them together: one synchronisation
serves them all, and a job that fails takes nothing of the others with it.

A crash before the commit leaves nothing of any job in the group; after it, all of them. A job's
caller is answered only after the commit.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from accord.base.errors import MachineFault

from . import schema
from .engine import Lead, ReplicaState, StoreEngine
from .indexes import Indexes
from .transaction import Transaction

T = TypeVar("T")
Job = Callable[[Transaction], T]

_Queued = tuple[Job[Any], "Future[Any]"]

GROUP_SECONDS = 0.05  # a group takes no further job after this: an urgent one never waits long
_WATCH_SECONDS = 5.0  # the longest wait for a commit of another process before we look ourselves
_REST_SECONDS = 1.0  # after a fault in watching

log = logging.getLogger(__name__)


class Store:
    """A node's durable state. `write` returns after the commit is on the disk."""

    def __init__(self, engine: StoreEngine, *, group: int = 64) -> None:
        self._engine = engine
        self._group = group
        self._queue: queue.SimpleQueue[_Queued | None] = queue.SimpleQueue()
        self._listeners: list[Callable[[], None]] = []
        self._timers: list[Callable[[int, float], None]] = []
        self._watchers: list[Callable[[], None]] = []
        self._counters: list[Callable[[bool], None]] = []
        self._writer: threading.Thread | None = None
        self._watcher: threading.Thread | None = None
        self._door = threading.Lock()  # between submitting and closing
        self._here = threading.local()  # `transaction`: the one that this thread is reading in
        self._closed = False
        self._ended = threading.Event()
        self.indexes = Indexes(engine, self.read, self.write)

    def write(self, job: Job[T]) -> T:
        """Run `job` in the writer, commit, and return its result.

        Raises what the job raised (then nothing of it was kept), or `MachineFault`: then nothing
        was kept either, unless the machine failed in the very commit. Whoever tries again looks
        first at what is there.
        """
        if threading.current_thread() is self._writer:
            raise RuntimeError("a job waits for another job: use the transaction it was given")
        return self.submit(job).result()

    def submit(self, job: Job[T]) -> Future[T]:
        """Queue `job` for the writer; the future is done when its commit is on the disk.

        A future that is cancelled before its turn is passed over.
        """
        done: Future[T] = Future()
        with self._door:
            if self._closed:
                raise MachineFault("store.closed")
            if self._writer is None:
                self._writer = threading.Thread(target=self._run, name="store-writer", daemon=True)
                self._writer.start()
            self._queue.put((job, done))
        return done

    def read(self, job: Job[T], *, bulk: bool = False) -> T:
        """Run `job` on one unchanging state, in which all is that was committed before this call.

        It must not write, and may be run again. With `bulk` a replica may answer: for a large read
        that decides about nothing.
        """
        if bulk and self._engine.replica is not None:
            found = self._read_replica(job)
            for counter in self._counters:
                counter(found is not None)
            if found is not None:
                return found[0]
        if self._under_way is not None:
            return job(self._under_way)
        try:
            return self._read(job)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise self._fault(error) from error
        except (SQLAlchemyError, OSError) as error:
            raise self._fault(error) from error
        # The server was restarted or is another by now: all old connections are gone with this one.
        with self._faults_named():
            return self._read(job)

    def read_together(self, job: Callable[[], T]) -> T:
        """Run `job`; all that it reads is of one state, and taken in one transaction.

        It must not write, and may be run again. Three reads cost ten exchanges with a server, but
        six together.
        """

        def together(tx: Transaction) -> T:
            self._here.transaction = tx
            try:
                return job()
            finally:
                self._here.transaction = None

        return job() if self._under_way else self.read(together)

    @property
    def _under_way(self) -> Transaction | None:
        """What `read_together` has begun in this thread."""
        found: Transaction | None = getattr(self._here, "transaction", None)
        return found

    def _read(self, job: Job[T]) -> T:
        with self._engine.engine.connect() as connection:
            return self._run_read(connection, job)

    def _run_read(self, connection: Connection, job: Job[T]) -> T:
        self._engine.begin_read(connection)
        try:
            return job(Transaction(connection, reads_only=True))
        finally:
            connection.rollback()

    def _read_replica(self, job: Job[T]) -> tuple[T] | None:
        """What the replica says; null when the store itself has to be asked."""
        replica = self._engine.replica
        connection = replica.connect() if replica is not None else None
        if replica is None or connection is None:
            return None
        try:
            with connection:
                return (self._run_read(connection, job),)
        except SQLAlchemyError as error:
            if self._engine.translate(error) is None:
                raise
            replica.failed(error)
            return None

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener`, in the writer's thread, after each commit of this process."""
        self._listeners.append(listener)

    def on_timed(self, timer: Callable[[int, float], None]) -> None:
        """Call `timer`, in the writer's thread, with the jobs of each commit and its seconds."""
        self._timers.append(timer)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener`, from a thread of ours, after commits of this process and of all others.

        It may be called more often than that. Once at least, soon after this.
        """
        self._watchers.append(listener)
        with self._door:
            if self._watcher is None and not self._closed:
                self._watcher = threading.Thread(target=self._watch, name="store-watcher")
                self._watcher.daemon = True
                self._watcher.start()
            else:
                listener()

    def on_bulk_read(self, counter: Callable[[bool], None]) -> None:
        """Call `counter` for each bulk read where there is a replica, with whether it answered."""
        self._counters.append(counter)

    def try_lead(self) -> Lead | None:
        """Become the one process that leads, of all that share the store; null while another does.

        Raises `MachineFault`.
        """
        with self._faults_named():
            return self._engine.try_lead()

    def attach_replica(self, url: str) -> None:
        """Answer bulk reads from the replica at `url`. Raises `InputError` where it is none."""
        self._engine.attach_replica(url)

    def look_at_replica(self) -> ReplicaState | None:
        """How the replica stands; null where there is none."""
        return None if self._engine.replica is None else self._engine.replica.look()

    def check_version(self) -> None:
        """Raises `InputError` when an upgrade has meanwhile put the store beyond this program."""
        with self._faults_named(), self._engine.engine.connect() as connection:
            self._engine.begin_read(connection)
            try:
                found = schema.version_of(connection)
                if found is not None:
                    schema.check_usable(found)
            finally:
                connection.rollback()

    def change_number(self) -> int:
        """Differs after a commit of another process (see `StoreEngine.change_number`)."""
        with self._faults_named():
            return self._engine.change_number()

    def scrub(self) -> None:
        """After an erasure: let go of what the database keeps of it beside its tables."""
        with self._faults_named():
            self._engine.scrub()

    def close(self) -> None:
        """Finish what is queued, then give the database back."""
        with self._door:
            self._closed = True
            self._queue.put(None)
        self._ended.set()
        self._engine.wake()
        for thread in (self._writer, self._watcher):
            if thread is not None:
                thread.join()
        self.indexes.close()
        self._engine.close()

    def _run(self) -> None:
        """The outermost loop of the writer's thread: it ends only when the store is closed."""
        while (first := self._queue.get()) is not None:
            taken: list[Future[Any]] = [first[1]]
            if not first[1].set_running_or_notify_cancel():
                continue
            try:
                self._commit_group(first, taken)
            except Exception as error:
                fault = self._fault(error)
                log.error("the writer's group of %d jobs failed: %s", len(taken), fault)
                for done in taken:
                    if not done.done():
                        done.set_exception(fault)

    def _watch(self) -> None:
        """The outermost loop of the watcher's thread: it ends only when the store is closed."""
        well = True
        while not self._ended.is_set():
            try:
                if self._engine.wait_for_change(_WATCH_SECONDS) or not well:
                    for listener in self._watchers:
                        listener()
                well = True
            except Exception as error:
                if well:
                    log.warning("watching for commits of others failed: %s", self._fault(error))
                well = False
                self._ended.wait(_REST_SECONDS)

    def _commit_group(self, first: _Queued, taken: list[Future[Any]]) -> None:
        """Run `first` and what has queued up in one transaction; `taken` grows by their futures."""
        answers: list[tuple[Future[Any], Any]] = []
        with self._engine.writer_lock(), self._begin_write() as connection:
            for job, done in self._group_from(first):
                if done is not first[1]:
                    taken.append(done)
                self._run_one(connection, job, done, answers)
            started = time.monotonic()
            connection.commit()
            seconds = time.monotonic() - started
        for timer in self._timers:
            timer(len(taken), seconds)
        for done, result in answers:
            done.set_result(result)
        for listener in (*self._listeners, *self._watchers):
            listener()

    def _begin_write(self) -> Connection:
        """A connection that holds the writer's lock.

        As when reading: the server may be another by now, and nothing was asked of it yet.
        """
        try:
            return self._begun()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return self._begun()

    def _begun(self) -> Connection:
        connection = self._engine.engine.connect()
        try:
            self._engine.begin_write(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _group_from(self, first: _Queued) -> Iterator[_Queued]:
        """`first` and what is queued behind it, until the group is large or old enough."""
        until = time.monotonic() + GROUP_SECONDS
        yield first
        for _ in range(self._group - 1):
            if self._queue.empty() or time.monotonic() > until:
                return
            item = self._queue.get()  # this thread alone takes from the queue
            if item is None:
                self._queue.put(None)  # the store is being closed: `_run` is to see it
                return
            if item[1].set_running_or_notify_cancel():
                yield item

    def _run_one(
        self,
        connection: Connection,
        job: Job[Any],
        done: Future[Any],
        answers: list[tuple[Future[Any], Any]],
    ) -> None:
        """One job under its savepoint. A fault of the machine ends the whole group instead."""
        connection.exec_driver_sql("SAVEPOINT job")
        try:
            result = job(Transaction(connection))
        except Exception as error:  # the job's own error belongs to its caller
            if isinstance(error, SQLAlchemyError) and self._engine.translate(error) is not None:
                raise
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
            done.set_exception(error)
        else:
            answers.append((done, result))
        connection.exec_driver_sql("RELEASE SAVEPOINT job")

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> Exception:
        """The machine's fault that a driver's error means; a bug's error stays as it is."""
        if isinstance(error, PoolTimeout):
            return MachineFault("store.busy")
        return self._engine.translate(error) or error
