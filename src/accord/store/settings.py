"""Named values of the node: who it is, what it last did."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from .rows import among
from .tables import settings

# Asked with every request: built once, since building a statement costs more than running it.
_GET = select(settings.c.value).where(settings.c.name == bindparam("known"))
_SET = update(settings).where(settings.c.name == bindparam("known"))


class Settings:
    """Text values by name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> str | None:
        return self._connection.scalar(_GET, {"known": name})

    def several(self, names: Collection[str]) -> dict[str, str]:
        """Those of these that are set."""
        wanted = among(self._connection, settings.c.name, names)
        rows = self._connection.execute(select(settings.c.name, settings.c.value).where(wanted))
        return dict(map(tuple, rows.all()))

    def set(self, name: str, value: str) -> None:
        changed = self._connection.execute(_SET, {"known": name, "value": value})
        if changed.rowcount == 0:
            self._connection.execute(insert(settings), {"name": name, "value": value})

    def remove(self, name: str) -> None:
        self._connection.execute(delete(settings).where(settings.c.name == name))

    def take(self, counter: str, count: int, *, at_least: int = 1) -> int:
        """The first of `count` numbers that follow each other and are never given out again.

        A counter, not the highest row of a table: rows go, and their numbers must not come back.
        """
        first = max(int(self.get(counter) or 0) + 1, at_least)
        self.set(counter, str(first + count - 1))
        return first
