"""The fold of decisions as it is kept, motion by motion."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, select

from .bulk import insert_rows
from .council_tables import motions
from .rows import among, fetch_plain


class Councils:
    """A gist and a record of each motion, as bytes: what they say is the rules' business."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def gists(self) -> dict[str, bytes]:
        """Of every motion that is kept."""
        rows = fetch_plain(self._connection, select(motions.c.motion, motions.c.gist), {})
        return {row[0]: row[1] for row in rows}

    def record(self, motion: str) -> bytes:
        """All that is kept of one motion; `KeyError` when nothing is."""
        query = select(motions.c.record).where(motions.c.motion == motion)
        found: bytes | None = self._connection.scalar(query)
        if found is None:
            raise KeyError(motion)
        return found

    def put(self, rows: Iterable[tuple[str, bytes, bytes]]) -> None:
        """Keep motions (hash, gist, record) in place of what was kept of them."""
        fresh = list(rows)
        if not fresh:
            return
        known = among(self._connection, motions.c.motion, [row[0] for row in fresh])
        self._connection.execute(delete(motions).where(known))
        insert_rows(self._connection, motions, fresh)

    def clear(self) -> None:
        """Keep nothing: the fold begins again."""
        self._connection.execute(delete(motions))
