"""What waits for a fact, unread and capped, and what was refused for good."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from accord.base.messages import Message

from .records import QuarantineRow, RefusalRow
from .rows import among, fetch, fetch_one, values
from .settings import Settings
from .tables import quarantine, refusals

_HELD, _REFUSED = "quarantine.last", "refusals.last"


class Quarantine:
    """Openings that wait (`quarantine`) and entries that may not be held (`refusals`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self, row: QuarantineRow) -> None:
        """Let an opening wait, under a new number (`row.seq` is not looked at).

        A second one for the same place replaces the first.
        """
        self.release(row.ledger, [row.number])
        seq = Settings(self._connection).take(_HELD, 1)
        self._connection.execute(insert(quarantine).values({**values(row), "seq": seq}))

    def release(self, ledger: int, numbers: Sequence[int]) -> None:
        """These entries of a ledger wait no more."""
        named = among(self._connection, quarantine.c.number, numbers)
        self._connection.execute(
            delete(quarantine).where(and_(quarantine.c.ledger == ledger, named))
        )

    def get(self, seq: int) -> QuarantineRow | None:
        return fetch_one(
            self._connection, QuarantineRow, select(quarantine).where(quarantine.c.seq == seq)
        )

    def page(
        self, *, after: int = 0, limit: int = 500, ledger: int | None = None
    ) -> list[QuarantineRow]:
        query = select(quarantine).where(quarantine.c.seq > after)
        if ledger is not None:
            query = query.where(quarantine.c.ledger == ledger)
        return fetch(self._connection, QuarantineRow, query.order_by(quarantine.c.seq).limit(limit))

    def by_number(self, ledger: int, start: int, limit: int) -> list[QuarantineRow]:
        """What waits of a ledger, by number from `start`."""
        place = and_(quarantine.c.ledger == ledger, quarantine.c.number >= start)
        query = select(quarantine).where(place).order_by(quarantine.c.number).limit(limit)
        return fetch(self._connection, QuarantineRow, query)

    def ledgers(self) -> set[int]:
        """Of which ledgers something waits."""
        return set(self._connection.scalars(select(quarantine.c.ledger).distinct()))

    def loads(self) -> dict[int, tuple[int, int]]:
        """What waits of each ledger of which something does: (entries, bytes)."""
        size = func.sum(func.length(quarantine.c.opening))
        query = select(quarantine.c.ledger, func.count(), size).group_by(quarantine.c.ledger)
        return {row[0]: (int(row[1]), int(row[2])) for row in self._connection.execute(query)}

    def load(self, ledger: int) -> tuple[int, int]:
        """What of a ledger waits: (entries, bytes)."""
        row = self._connection.execute(
            select(func.count(), func.sum(func.length(quarantine.c.opening))).where(
                quarantine.c.ledger == ledger
            )
        ).one()
        return int(row[0]), int(row[1] or 0)

    def purge(self, before: int) -> list[QuarantineRow]:
        """Take out what has waited since before `before`; the caller records it as refused."""
        old = quarantine.c.recorded < before
        rows = fetch(
            self._connection,
            QuarantineRow,
            select(quarantine).where(old).order_by(quarantine.c.seq),
        )
        self._connection.execute(delete(quarantine).where(old))
        return rows

    def refuse(self, row: RefusalRow) -> None:
        """Put an entry on record as refused, under a new number; the first reason stands."""
        known = self._connection.scalar(
            select(refusals.c.seq).where(
                and_(refusals.c.ledger == row.ledger, refusals.c.number == row.number)
            )
        )
        if known is not None:
            return
        seq = Settings(self._connection).take(_REFUSED, 1)
        self._connection.execute(insert(refusals).values({**values(row), "seq": seq}))

    def ever_refused(self) -> int:
        """How many refusals were ever put on record, those forgiven since included."""
        return int(Settings(self._connection).get(_REFUSED) or 0)

    def forgive(self, ledger: int, numbers: Sequence[int]) -> None:
        """Later grants of these entries were accepted: they are refused no more."""
        here = and_(
            refusals.c.ledger == ledger, among(self._connection, refusals.c.number, numbers)
        )
        self._connection.execute(delete(refusals).where(here))

    def refused(
        self, *, ledger: int | None = None, before: int | None = None, limit: int = 1000
    ) -> list[RefusalRow]:
        """What was refused, newest first; behind `before`, a number of such a row."""
        query = select(refusals).order_by(refusals.c.seq.desc()).limit(limit)
        if ledger is not None:
            query = query.where(refusals.c.ledger == ledger)
        if before is not None:
            query = query.where(refusals.c.seq < before)
        return fetch(self._connection, RefusalRow, query)

    def reasons(self, ledger: int, number: int) -> tuple[Message, ...]:
        """Why an entry is not held: of what waits, or of what was refused. Empty: neither."""
        columns = (
            (each.c.ledger, each.c.number, each.c.reasons) for each in (quarantine, refusals)
        )
        for of, at, why in columns:
            found = self._connection.scalar(select(why).where(and_(of == ledger, at == number)))
            if found is not None:
                return tuple(found)
        return ()

    def unnotified(self, limit: int) -> list[RefusalRow]:
        """Refusals of which the sender was not told yet."""
        return fetch(
            self._connection,
            RefusalRow,
            select(refusals)
            .where(refusals.c.notified.is_(False))
            .order_by(refusals.c.ledger, refusals.c.seq)
            .limit(limit),
        )

    def mark_notified(self, seqs: Sequence[int]) -> None:
        told = among(self._connection, refusals.c.seq, seqs)
        self._connection.execute(update(refusals).where(told).values(notified=True))
