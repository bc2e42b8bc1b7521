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
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from accord.base.errors import MachineFault

from . import schema
from .engine import StoreEngine
from .transaction import Transaction

T = TypeVar("T")
Job = Callable[[Transaction], T]

_Queued = tuple[Job[Any], "Future[Any]"]

GROUP_SECONDS = 0.05  # a group takes no further job after this: an urgent one never waits long

log = logging.getLogger(__name__)


class Store:
    """A node's durable state. `write` returns after the commit is on the disk."""

    def __init__(self, engine: StoreEngine, *, group: int = 64) -> None:
        self._engine = engine
        self._group = group
        self._queue: queue.SimpleQueue[_Queued | None] = queue.SimpleQueue()
        self._listeners: list[Callable[[], None]] = []
        self._timers: list[Callable[[int, float], None]] = []
        self._writer: threading.Thread | None = None
        self._door = threading.Lock()  # between submitting and closing
        self._closed = False

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

    def read(self, job: Job[T]) -> T:
        """Run `job` on one unchanging state. It must not write."""
        with self._faults_named(), self._engine.engine.connect() as connection:
            self._engine.begin_read(connection)
            try:
                return job(Transaction(connection, reads_only=True))
            finally:
                connection.rollback()

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener`, in the writer's thread, after each commit of this process."""
        self._listeners.append(listener)

    def on_timed(self, timer: Callable[[int, float], None]) -> None:
        """Call `timer`, in the writer's thread, with the jobs of each commit and its seconds."""
        self._timers.append(timer)

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

    def close(self) -> None:
        """Finish what is queued, then give the database back."""
        with self._door:
            self._closed = True
            self._queue.put(None)
        if self._writer is not None:
            self._writer.join()
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

    def _commit_group(self, first: _Queued, taken: list[Future[Any]]) -> None:
        """Run `first` and what has queued up in one transaction; `taken` grows by their futures."""
        answers: list[tuple[Future[Any], Any]] = []
        with self._engine.writer_lock(), self._engine.engine.connect() as connection:
            self._engine.begin_write(connection)
            for job, done in self._group_from(first):
                taken.append(done)
                self._run_one(connection, job, done, answers)
            started = time.monotonic()
            connection.commit()
            seconds = time.monotonic() - started
        for timer in self._timers:
            timer(len(taken) - 1, seconds)  # the first stands in it twice
        for done, result in answers:
            done.set_result(result)
        for listener in self._listeners:
            listener()

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
