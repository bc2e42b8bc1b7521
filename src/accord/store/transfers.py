"""The record of transfers: every entry that crossed the border, out and in, with its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import astuple
from sqlalchemy import Connection, and_, func, select

from accord.ledger.record import START, Basis, link_of

from .bulk import insert_rows
from .records import TransferRow
from .tables import entries, ledgers, peers, transfers

_COLUMNS = [transfers.c[name] for name in TransferRow.__struct_fields__]


class Crossing(msgspec.Struct, frozen=True):
    """A line with the envelope of its entry; null where the entry is not held."""

    seq: int
    at: int
    direction: str
    member: str
    envelope: bytes | None


class Transfers:
    """Written in the transaction of the transfer itself. Carries no content."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, rows: Sequence[TransferRow]) -> None:
        """Put lines on record, in this order. Lines are never taken out, so they number on."""
        if not rows:
            return
        names = self._names()
        seq, link = self.head()
        chained: list[tuple[Any, ...]] = []
        for row in rows:
            seq += 1
            link = link_of(link, _basis(seq, row, names), row.verdict)
            chained.append((seq, *astuple(row), link))
        insert_rows(self._connection, transfers, chained)

    def head(self) -> tuple[int, bytes]:
        """How many lines there are, and the link of the last."""
        newest = select(transfers.c.seq, transfers.c.link).order_by(transfers.c.seq.desc()).limit(1)
        row = self._connection.execute(newest).first()
        return (0, START) if row is None else (row.seq, row.link)

    def lines(self, after: int, limit: int) -> list[tuple[Basis, bytes, bytes]]:
        """Lines as they are chained: basis, verdict and link, in order."""
        names = self._names()
        rows = self._connection.execute(
            select(transfers.c.seq, *_COLUMNS, transfers.c.link)
            .where(transfers.c.seq > after)
            .order_by(transfers.c.seq)
            .limit(limit)
        )
        found: list[tuple[Basis, bytes, bytes]] = []
        for seq, *rest, link in rows:
            row = TransferRow(**dict(zip(TransferRow.__struct_fields__, rest, strict=True)))
            found.append((_basis(seq, row, names), row.verdict, link))
        return found

    def _names(self) -> _Names:
        members = self._connection.execute(select(peers.c.id, peers.c.member))
        origins = self._connection.execute(select(ledgers.c.id, ledgers.c.origin))
        return _Names(
            {row.id: row.member for row in members}, {row.id: row.origin for row in origins}
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
        before: int | None = None,
    ) -> list[tuple[int, TransferRow]]:
        """Lines of the record with their numbers: oldest first, after `after`.

        With `before`: newest first, before that one.
        """
        conditions = [transfers.c.seq > after]
        if before is not None:
            conditions.append(transfers.c.seq < before)
        if peer is not None:
            conditions.append(transfers.c.peer == peer)
        if direction is not None:
            conditions.append(transfers.c.direction == direction)
        if agreement is not None:
            conditions.append(transfers.c.agreement == agreement)
        rows = self._connection.execute(
            select(transfers.c.seq, *_COLUMNS)
            .where(and_(*conditions))
            .order_by(transfers.c.seq if before is None else transfers.c.seq.desc())
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

    def crossings(self, after: int, limit: int) -> list[Crossing]:
        """What crossed, out or in, of the lines after `after`, oldest first; all kinds count."""
        rows = self._connection.execute(
            select(
                transfers.c.seq,
                transfers.c.at,
                transfers.c.direction,
                peers.c.member,
                entries.c.envelope,
            )
            .join(peers, peers.c.id == transfers.c.peer)
            .outerjoin(
                entries,
                and_(
                    entries.c.ledger == transfers.c.ledger,
                    entries.c.number == transfers.c.number,
                ),
            )
            .where(transfers.c.seq > after)
            .order_by(transfers.c.seq)
            .limit(limit)
        )
        return [Crossing(*row) for row in rows]

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


class _Names(msgspec.Struct, frozen=True):
    members: dict[int, str]
    origins: dict[int, str]


def _basis(seq: int, row: TransferRow, names: _Names) -> Basis:
    return Basis(
        seq=seq,
        at=row.at,
        direction=row.direction,
        peer=names.members[row.peer],
        origin=names.origins[row.ledger],
        index=row.number,
        commitment=row.commitment.hex(),
        agreement=row.agreement,
        tlp=row.tlp,
        facts=row.facts,
    )


def _line(row: Sequence[Any]) -> tuple[int, TransferRow]:
    seq, *rest = row
    return seq, TransferRow(**dict(zip(TransferRow.__struct_fields__, rest, strict=True)))
