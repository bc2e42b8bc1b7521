"""Restrictions to be acknowledged before reading, and who has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, and_, insert, select

from .records import EntryRow, Holding, Restricted
from .restriction_tables import acknowledged, restricted
from .rows import among, chunks
from .tables import entries, holdings

_ENTRY = [entries.c[name] for name in EntryRow.__struct_fields__]
_HOLDING = [holdings.c[name] for name in Holding.__struct_fields__]


class Restrictions:
    """A row for each holding that is restricted, and for each reader who acknowledged that."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def restrict(self, rows: Iterable[tuple[int, int]]) -> None:
        """Holdings and the entries that restrict them; the first entry of a holding stands."""
        wanted = dict(reversed(list(rows)))
        known = self.restricting(list(wanted))
        fresh = [
            {"holding": holding, "entry": entry}
            for holding, entry in wanted.items()
            if holding not in known
        ]
        if fresh:
            self._connection.execute(insert(restricted), fresh)

    def restricting(self, holding_seqs: Sequence[int]) -> dict[int, int]:
        """Which of these holdings are restricted, each with its entry."""
        found: dict[int, int] = {}
        for chunk in chunks(holding_seqs):
            query = select(restricted).where(restricted.c.holding.in_(chunk))
            found.update({row.holding: row.entry for row in self._connection.execute(query)})
        return found

    def readers(self, holding_seqs: Sequence[int]) -> dict[int, dict[str, int]]:
        """Who acknowledged, and when, by holding."""
        found: dict[int, dict[str, int]] = {}
        here = among(self._connection, acknowledged.c.holding, holding_seqs)
        for row in self._connection.execute(select(acknowledged).where(here)):
            found.setdefault(row.holding, {})[row.reader] = row.at
        return found

    def acknowledge(self, holding: int, reader: str, at: int) -> None:
        """Record it; who has acknowledged already must not be given."""
        self._connection.execute(insert(acknowledged).values(holding=holding, reader=reader, at=at))

    def unread(self, reader: str, limit: int) -> list[Restricted]:
        """What this reader has not acknowledged and is still there, the oldest first."""
        by_reader = and_(
            acknowledged.c.holding == restricted.c.holding, acknowledged.c.reader == reader
        )
        query = (
            select(*_HOLDING, *_ENTRY)
            .select_from(
                restricted.join(holdings, holdings.c.seq == restricted.c.holding)
                .join(entries, entries.c.seq == restricted.c.entry)
                .outerjoin(acknowledged, by_reader)
            )
            .where(acknowledged.c.holding.is_(None), holdings.c.body.is_not(None))
            .order_by(restricted.c.holding)
            .limit(limit)
        )
        width = len(_HOLDING)
        return [
            Restricted(
                holding=Holding(**dict(zip(Holding.__struct_fields__, row[:width], strict=True))),
                entry=EntryRow(**dict(zip(EntryRow.__struct_fields__, row[width:], strict=True))),
            )
            for row in map(tuple, self._connection.execute(query))
        ]
