"""The port under the store: what differs between one database and another.

`SqliteEngine` is the default; a larger site's PostgreSQL stands behind the same few methods.
Nothing above this port knows which one it is.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Literal, Protocol

import msgspec
from sqlalchemy import Connection, Engine

from accord.base.errors import AccordError
from accord.base.messages import Message


class Lead(Protocol):
    """That this process is the one which does the background work for all who share the store."""

    def is_held(self) -> bool:
        """Whether it still is. May take seconds to answer when the store cannot be reached."""
        ...

    def release(self) -> None:
        """Let another lead. Raises nothing: what cannot be reached has been let go."""
        ...


class ReplicaState(msgspec.Struct, frozen=True):
    """How a replica stands: `behind` what was acknowledged, `down`, or `foreign` to this store."""

    state: Literal["well", "behind", "down", "foreign"]
    lag: int | None = None  # bytes of the journal that it has not replayed; null: unknown
    problem: Message | None = None


class Replica(Protocol):
    """A copy of the store that trails it by a moment and answers large reads."""

    def connect(self) -> Connection | None:
        """A connection that sees all that was committed before this call.

        Null when there is none to be had within milliseconds: the store itself is asked then.
        """
        ...

    def failed(self, error: Exception) -> None:
        """A read on such a connection failed: rest until the replica answers again."""
        ...

    def look(self) -> ReplicaState:
        """How it stands now. Raises nothing that a state could say; may block for seconds."""
        ...

    def close(self) -> None:
        """Give its connections back."""
        ...


class StoreEngine(Protocol):
    """A database that can be read by many and written by one at a time."""

    engine: Engine
    replica: Replica | None

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
        """A number that differs after another process committed: the truth behind every wake-up."""
        ...

    def wait_for_change(self, seconds: float) -> bool:
        """Wait until another process has committed, for so long at most; whether one may have.

        Asked by one thread, again and again; a commit between two calls is not missed. It may
        return early, and may tell of a commit more than once.
        """
        ...

    def wake(self) -> None:
        """End the wait under way, and every later one, at once. From any thread."""
        ...

    def try_lead(self) -> Lead | None:
        """Become the one process that leads; null while another does. Never waits for it."""
        ...

    def attach_replica(self, url: str) -> None:
        """Read what is large from the replica at `url` from now on, whenever it is fresh enough.

        Raises `InputError` for what is known not to be a replica of this store.
        """
        ...

    def scrub(self) -> None:
        """Let go, as far as the database can, of what it keeps beside the tables of erased rows."""
        ...

    def translate(self, error: Exception) -> AccordError | None:
        """The `MachineFault` that an error of the driver means; null where it is a bug of ours."""
        ...

    def close(self) -> None:
        """Give all connections back."""
        ...
