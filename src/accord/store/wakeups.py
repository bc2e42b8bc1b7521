"""Hearing of commits by PostgreSQL's LISTEN and NOTIFY; by looking, while that does not work."""

from __future__ import annotations

import os
import select
import time
import uuid
from collections.abc import Callable
from contextlib import suppress

import psycopg

CHANNEL = "accord"
_LOOK_SECONDS = 0.25  # between two looks at the change number while nobody can call us
_RETRY_SECONDS = 1.0  # between two tries to be called again


class Wakeups:
    """One connection that listens; for one waiting thread, and woken from any.

    Notifications are advice: a pooler may lose them, a server may be another after a failover. So
    whenever a wait passes in silence, the change number is looked at as well.
    """

    def __init__(
        self, connect: Callable[[], psycopg.Connection], number: Callable[[], int]
    ) -> None:
        self.name = uuid.uuid4().hex  # what this process signs its own notifications with
        self._connect = connect
        self._read_number = number
        self._number: int | None = None
        self._connection: psycopg.Connection | None = None
        self._tried = float("-inf")
        self._ended, self._end = os.pipe()

    @property
    def listens(self) -> bool:
        """Whether commits are told to us at once."""
        return self._connection is not None

    def wait(self, seconds: float) -> bool:
        """As `StoreEngine.wait_for_change`. Raises the driver's error when the server is gone."""
        if self._connection is None and time.monotonic() - self._tried >= _RETRY_SECONDS:
            self._tried = time.monotonic()
            if self._listen():
                return self._changed()  # what was committed before nobody told us
        if self._connection is None:
            ended, _, _ = select.select([self._ended], [], [], min(seconds, _LOOK_SECONDS))
            return not ended and self._changed()
        try:
            return self._hear(self._connection, seconds)
        except (psycopg.Error, OSError):
            self._drop()
            return True  # it may have been told while the connection broke

    def wake(self) -> None:
        """End the wait under way and all later ones."""
        with suppress(OSError):
            os.write(self._end, b"\0")

    def close(self) -> None:
        """To be called when nobody waits any more."""
        self._drop()
        for descriptor in (self._ended, self._end):
            with suppress(OSError):
                os.close(descriptor)

    def _hear(self, connection: psycopg.Connection, seconds: float) -> bool:
        ready, _, _ = select.select([connection.fileno(), self._ended], [], [], seconds)
        if self._ended in ready:
            return False
        if not ready:
            return self._changed()
        # All that has come by now; their own names are on those that are news to nobody here.
        heard = [each.payload for each in connection.notifies(timeout=0)]
        return any(name != self.name for name in heard)

    def _changed(self) -> bool:
        before, self._number = self._number, self._read_number()
        return before != self._number

    def _listen(self) -> bool:
        with suppress(psycopg.Error, OSError):
            connection = self._connect()
            try:
                connection.autocommit = True
                connection.execute(f"LISTEN {CHANNEL}")
            except psycopg.Error:
                connection.close()
            else:
                self._connection = connection
        return self._connection is not None

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error, OSError):
                self._connection.close()
            self._connection = None
