"""The record of transfers: every entry that crossed the border, out and in, with its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import astuple
from sqlalchemy import Connection, and_, func, select

from .bulk import insert_rows
from .records import TransferRow
from .tables import transfers

_COLUMNS = [transfers.c[name] for name in TransferRow.__struct_fields__]


class Transfers:
    """Written in the transaction of the transfer itself. Carries no content."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, rows: Sequence[TransferRow]) -> None:
        """Put lines on record, in this order. Lines are never taken out, so they number on."""
        if not rows:
            return
        last = self._connection.scalar(select(func.max(transfers.c.seq))) or 0
        insert_rows(
            self._connection,
            transfers,
            ((seq, *astuple(row)) for seq, row in enumerate(rows, start=last + 1)),
        )

    def get(self, seq: int) -> TransferRow | None:
        """One line by its number."""
        row = self._connection.execute(
            select(transfers.c.seq, *_COLUMNS).where(transfers.c.seq == seq)
        ).first()
        return None if row is None else _line(row)[1]

    def page(
        self,
        *,
        after: int = 0,
        limit: int = 1000,
        peer: int | None = None,
        direction: str | None = None,
        agreement: str | None = None,
    ) -> list[tuple[int, TransferRow]]:
        """Lines of the record with their numbers, oldest first, after `after`."""
        conditions = [transfers.c.seq > after]
        if peer is not None:
            conditions.append(transfers.c.peer == peer)
        if direction is not None:
            conditions.append(transfers.c.direction == direction)
        if agreement is not None:
            conditions.append(transfers.c.agreement == agreement)
        rows = self._connection.execute(
            select(transfers.c.seq, *_COLUMNS)
            .where(and_(*conditions))
            .order_by(transfers.c.seq)
            .limit(limit)
        )
        return [_line(row) for row in rows]

    def last(self) -> int:
        """The number of the newest line."""
        return self._connection.scalar(select(func.max(transfers.c.seq))) or 0

    def verdicts(self, after: int, limit: int) -> list[tuple[int, str, bytes]]:
        """Number, direction and recorded verdict of the lines after `after`, oldest first."""
        rows = self._connection.execute(
            select(transfers.c.seq, transfers.c.direction, transfers.c.verdict)
            .where(transfers.c.seq > after)
            .order_by(transfers.c.seq)
            .limit(limit)
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def of_entry(self, ledger: int, number: int) -> list[tuple[int, TransferRow]]:
        """Everything on record about one entry."""
        rows = self._connection.execute(
            select(transfers.c.seq, *_COLUMNS)
            .where(and_(transfers.c.ledger == ledger, transfers.c.number == number))
            .order_by(transfers.c.seq)
        )
        return [_line(row) for row in rows]

    def counts(self) -> list[tuple[int, str, int]]:
        """How many lines there are: (peer, direction, lines)."""
        rows = self._connection.execute(
            select(transfers.c.peer, transfers.c.direction, func.count())
            .group_by(transfers.c.peer, transfers.c.direction)
            .order_by(transfers.c.peer, transfers.c.direction)
        )
        return [(row[0], row[1], row[2]) for row in rows]


def _line(row: Sequence[Any]) -> tuple[int, TransferRow]:
    seq, *rest = row
    return seq, TransferRow(**dict(zip(TransferRow.__struct_fields__, rest, strict=True)))
