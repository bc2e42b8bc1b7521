"""TAXII status resources (TAXII 2.1 section 4.3), kept so that a client may ask later."""

from __future__ import annotations

from sqlalchemy import Connection, and_, delete, insert, select, update

from .tables import statuses


class Statuses:
    """A status belongs to the token that made the request; no other sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, status: str, token: str, created: int, document: bytes) -> None:
        self._connection.execute(
            insert(statuses).values(id=status, token=token, created=created, document=document)
        )

    def of_draft(self, status: str) -> bytes | None:
        """A status whoever asks: for the releaser, who settles what it left pending."""
        return self._connection.scalar(select(statuses.c.document).where(statuses.c.id == status))

    def settle(self, status: str, document: bytes) -> None:
        self._connection.execute(
            update(statuses).where(statuses.c.id == status).values(document=document)
        )

    def get(self, status: str, token: str) -> bytes | None:
        return self._connection.scalar(
            select(statuses.c.document).where(
                and_(statuses.c.id == status, statuses.c.token == token)
            )
        )

    def purge(self, before: int) -> None:
        self._connection.execute(delete(statuses).where(statuses.c.created < before))
