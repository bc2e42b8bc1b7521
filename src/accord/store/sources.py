"""The sources objects are taken from, how far each was read, and which object came from which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from accord.base.messages import Message

from .bulk import insert_rows
from .records import Provenance, SourceRow
from .rows import chunks, fetch, fetch_one, values
from .tables import OWN_LEDGER, holdings, provenance, sources


class Sources:
    """One row for each source ever added: removal is a state, provenance needs the name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: SourceRow) -> None:
        self._connection.execute(insert(sources).values(**values(row)))

    def next_id(self) -> int:
        return (self._connection.scalar(select(func.max(sources.c.id))) or 0) + 1

    def get(self, source: int) -> SourceRow | None:
        return fetch_one(self._connection, SourceRow, select(sources).where(sources.c.id == source))

    def named(self, name: str) -> SourceRow | None:
        """The source of this name that is not removed."""
        wanted = and_(sources.c.name == name, sources.c.removed.is_(None))
        return fetch_one(self._connection, SourceRow, select(sources).where(wanted))

    def all(self) -> list[SourceRow]:
        """Those that are not removed, in the order in which they were added."""
        query = select(sources).where(sources.c.removed.is_(None)).order_by(sources.c.id)
        return fetch(self._connection, SourceRow, query)

    def remove(self, source: int, at: int) -> None:
        self._set(source, removed=at)

    def advance(self, known: SourceRow, moved: SourceRow) -> bool:
        """Swap position and counts; false when somebody else has moved it since `known` was read.

        Moves in one transaction with what was kept.
        """
        still = and_(
            sources.c.id == known.id, sources.c.pages == known.pages, sources.c.removed.is_(None)
        )
        names = ("pages", "since", "next", "last", "objects", "bytes", "invalid")
        changed = {name: getattr(moved, name) for name in names}
        return self._connection.execute(update(sources).where(still).values(**changed)).rowcount > 0

    def note_try(self, source: int, at: int) -> None:
        self._set(source, tried=at)

    def note_contact(self, source: int, at: int, fault: Message | None) -> None:
        """It was read to its end; `fault` is of objects that were passed over."""
        fault_at = None if fault is None else at
        self._set(source, last_contact=at, last_fault=fault, fault_at=fault_at)

    def note_fault(self, source: int, at: int, fault: Message) -> None:
        self._set(source, last_fault=fault, fault_at=at)

    def given(self, source: int, object_ids: Sequence[str]) -> set[tuple[str, str]]:
        """Which versions of these objects came from this source before: (object id, version)."""
        found: set[tuple[str, str]] = set()
        for part in chunks(object_ids):
            rows = self._connection.execute(
                select(holdings.c.object_id, holdings.c.version)
                .join(provenance, provenance.c.holding == holdings.c.seq)
                .where(
                    and_(
                        holdings.c.object_id.in_(part),
                        holdings.c.ledger == OWN_LEDGER,
                        provenance.c.source == source,
                    )
                )
            )
            found.update((object_id, version) for object_id, version in rows)
        return found

    def trace(self, rows: Iterable[Provenance]) -> None:
        """Put on record where holdings came from, each once (see `given`).

        What was erased since it was taken is passed over.
        """
        fresh = {row.holding: (row.holding, row.source, row.at, row.added) for row in rows}
        held: list[int] = []
        for part in chunks(list(fresh)):
            held += self._connection.scalars(
                select(holdings.c.seq).where(holdings.c.seq.in_(part))
            ).all()
        if held:
            insert_rows(self._connection, provenance, [fresh[seq] for seq in held])

    def of_holding(self, holding: int) -> list[tuple[Provenance, SourceRow]]:
        """Who gave a holding, first first."""
        rows = fetch(
            self._connection,
            Provenance,
            select(provenance)
            .where(provenance.c.holding == holding)
            .order_by(provenance.c.at, provenance.c.source),
        )
        return [(row, found) for row in rows if (found := self.get(row.source)) is not None]

    def _set(self, source: int, **changed: Any) -> None:
        self._connection.execute(update(sources).where(sources.c.id == source).values(**changed))
