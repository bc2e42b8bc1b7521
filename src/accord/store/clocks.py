"""Retention clocks: when an entry is to be looked at, hidden and erased."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import astuple
from sqlalchemy import Connection, select, update

from .bulk import insert_rows
from .recall_tables import clocks
from .records import ClockRow
from .rows import among, fetch


class Clocks:
    """A row for each entry that may not be kept for ever."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start(self, rows: Iterable[ClockRow]) -> None:
        if found := [astuple(row) for row in rows]:
            insert_rows(self._connection, clocks, found)

    def of_entries(self, seqs: Sequence[int]) -> dict[int, ClockRow]:
        """The clocks of these entries."""
        query = select(clocks).where(among(self._connection, clocks.c.entry, seqs))
        return {row.entry: row for row in fetch(self._connection, ClockRow, query)}

    def to_review(self, until: int, limit: int) -> list[ClockRow]:
        """What is running and to be looked at by `until`, the earliest end first."""
        query = (
            select(clocks)
            .where(clocks.c.state == "running", clocks.c.review <= until)
            .order_by(clocks.c.ends, clocks.c.entry)
            .limit(limit)
        )
        return fetch(self._connection, ClockRow, query)

    def ended(self, now: int, limit: int) -> list[ClockRow]:
        """What is running and has ended."""
        query = select(clocks).where(clocks.c.state == "running", clocks.c.ends <= now)
        return fetch(self._connection, ClockRow, query.order_by(clocks.c.ends).limit(limit))

    def hidden(self, after: int = 0, limit: int = 1000) -> list[ClockRow]:
        """What is hidden and not erased yet, by entry."""
        query = select(clocks).where(clocks.c.state == "hidden", clocks.c.entry > after)
        return fetch(self._connection, ClockRow, query.order_by(clocks.c.entry).limit(limit))

    def move(self, seqs: Sequence[int], state: str) -> None:
        """running → hidden → erased."""
        named = among(self._connection, clocks.c.entry, seqs)
        self._connection.execute(update(clocks).where(named).values(state=state))
