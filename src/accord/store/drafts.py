"""Objects that wait for a releaser before they may be published."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from .records import DraftRow
from .rows import fetch, fetch_one, values
from .tables import drafts


class Drafts:
    """Drafts are not in the ledger and cross no border."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: DraftRow) -> None:
        self._connection.execute(insert(drafts).values(**values(row)))

    def get(self, draft: str) -> DraftRow | None:
        return fetch_one(self._connection, DraftRow, select(drafts).where(drafts.c.id == draft))

    def all(self) -> list[DraftRow]:
        return fetch(
            self._connection, DraftRow, select(drafts).order_by(drafts.c.created, drafts.c.id)
        )

    def waits(self, draft: str) -> bool:
        """Whether nobody has released or discarded it yet."""
        return self._connection.scalar(select(drafts.c.id).where(drafts.c.id == draft)) is not None

    def remove(self, draft: str) -> None:
        self._connection.execute(delete(drafts).where(drafts.c.id == draft))
