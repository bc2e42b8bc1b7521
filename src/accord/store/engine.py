"""The port under the store: what differs between one database and another.

`SqliteEngine` is the default; a larger site's PostgreSQL stands behind the same few methods.
Nothing above this port knows which one it is.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection, Engine

from accord.base.errors import AccordError


class StoreEngine(Protocol):
    """A database that can be read by many and written by one at a time."""

    engine: Engine

    def writer_lock(self) -> AbstractContextManager[None]:
        """Held while one process writes, across all processes that share this store."""
        ...

    def begin_write(self, connection: Connection) -> None:
        """Start a transaction that no other writer can interleave with."""
        ...

    def begin_read(self, connection: Connection) -> None:
        """Start a transaction that sees one unchanging state."""
        ...

    def change_number(self) -> int:
        """A number that differs after another process committed. Cheap: asked 20 times a second.

        (A database that can wake its clients may come to do so; the number stays the truth.)
        """
        ...

    def translate(self, error: Exception) -> AccordError | None:
        """The `MachineFault` that an error of the driver means; null where it is a bug of ours."""
        ...

    def close(self) -> None:
        """Give all connections back."""
        ...
