"""The log of facts: what this node learnt, in the order it learnt it. It is only added to."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from .tables import facts

_LAST = select(func.max(facts.c.seq))


class FactLog:
    """Numbered facts as bytes; every verdict names the number it rested on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last(self) -> int:
        return self._connection.scalar(_LAST) or 0

    def append(self, seq: int, fact: bytes) -> None:
        """The next fact; `seq` is `last() + 1`, which the fact itself carries."""
        self._connection.execute(insert(facts).values(seq=seq, fact=fact))

    def between(self, after: int, until: int | None = None) -> list[bytes]:
        """The facts numbered `after + 1` to `until` (or all), in order."""
        query = select(facts.c.fact).where(facts.c.seq > after).order_by(facts.c.seq)
        if until is not None:
            query = query.where(facts.c.seq <= until)
        return list(self._connection.scalars(query))
