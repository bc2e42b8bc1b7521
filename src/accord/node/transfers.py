"""The record of transfers as an inspector reads it: who, what place, why; never content.

Any line's verdict can be recomputed on the facts it rested on (*as known then*) and on today's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from accord.base.clock import from_micros, parse_time
from accord.base.errors import NotFoundError
from accord.base.messages import Message
from accord.ledger.envelope import reread_envelope
from accord.rules.release import Verdict, release
from accord.store.records import TransferRow
from accord.store.transaction import Transaction

from .factlog import facts_until
from .members import find_peer
from .node import Node
from .summary import decode_summary, entry_of

NEWEST = (1 << 53) - 1  # above every line
_PAGE = 1000


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the record."""

    seq: int
    at: datetime
    direction: str  # out, in, refused or held
    peer: str
    origin: str
    index: int
    commitment: str
    agreement: str | None
    tlp: str | None
    facts: int
    verdict: Any  # as recorded; null where none was reached


class Recomputed(msgspec.Struct, frozen=True):
    """The verdict of a line on the facts it rested on, and on those of today."""

    then: Verdict
    now: Verdict


def list_transfers(
    node: Node,
    *,
    peer: str | None = None,
    direction: str | None = None,
    agreement: str | None = None,
    after: int = 0,
    limit: int | None = None,
) -> Iterator[Transfer]:
    """Lines of the record, oldest first; each page is read by itself."""
    wanted = node.read(lambda tx: find_peer(tx, peer).id) if peer is not None else None
    left = limit
    while left is None or left > 0:
        size = _PAGE if left is None else min(left, _PAGE)
        page = node.read(
            lambda tx: _page(tx, after, size, wanted, direction, agreement)  # noqa: B023
        )
        yield from page
        if len(page) < size:
            return
        after = page[-1].seq
        left = None if left is None else left - len(page)


def newest_transfers(
    node: Node,
    *,
    before: int = NEWEST,
    limit: int,
    peer: str | None = None,
    direction: str | None = None,
    agreement: str | None = None,
) -> list[Transfer]:
    """Lines of the record, newest first, before line `before`. Raises `NotFoundError`."""

    def job(tx: Transaction) -> list[Transfer]:
        wanted = find_peer(tx, peer).id if peer is not None else None
        rows = tx.transfers.page(
            before=before, limit=limit, peer=wanted, direction=direction, agreement=agreement
        )
        return _shown(tx, rows)

    return node.read(job)


def find_transfer(node: Node, seq: int) -> Transfer:
    """One line of the record. Raises `NotFoundError`."""
    found = newest_transfers(node, before=seq + 1, limit=1)
    if not found or found[0].seq != seq:
        raise NotFoundError("node.transfer-unknown", seq=seq)
    return found[0]


def recorded(line: Transfer) -> Verdict | None:
    """The verdict as it stands in the record; null where none was reached, or it is lost."""
    return None if line.verdict is None else msgspec.convert(line.verdict, Verdict)


def put_aside(node: Node, line: Transfer) -> tuple[Message, ...]:
    """Why the entry of a line is not held here: refused, or waiting. Empty where neither is so."""

    def job(tx: Transaction) -> tuple[Message, ...]:
        row = tx.transfers.get(line.seq)
        return () if row is None else tx.quarantine.reasons(row.ledger, row.number)

    return node.read(job)


def recompute(node: Node, seq: int) -> Recomputed | None:
    """Judge again what a line records, then and now. Null: its entry is not held here.

    That is so of what was refused, of what still waits, and of what has been erased since.
    Raises `NotFoundError` where there is no such line.
    """

    def job(tx: Transaction) -> Recomputed | None:
        line = tx.transfers.get(seq)
        if line is None:
            raise NotFoundError("node.transfer-unknown", seq=seq)
        entry, peer = tx.entries.get(line.ledger, line.number), tx.peers.by_id(line.peer)
        if entry is None or peer is None:
            return None
        case = entry_of(reread_envelope(entry.envelope), decode_summary(entry.summary))
        recipient = peer.member if line.direction == "out" else node.member
        then, as_of = facts_until(tx, line.facts), judged_as_of(line)
        return Recomputed(
            release(case, recipient, then, from_micros(line.at), as_of),
            release(case, recipient, node.facts(tx), node.now(), as_of),
        )

    return node.read(job)


def judged_as_of(line: TransferRow) -> datetime | None:
    """The witnessed time of issue on which a verdict rested; null for the one the author stated."""
    verdict = msgspec.json.decode(line.verdict)
    text = verdict.get("judged_as_of") if isinstance(verdict, dict) else None
    return None if text is None else parse_time(text)


def _page(
    tx: Transaction,
    after: int,
    limit: int,
    peer: int | None,
    direction: str | None,
    agreement: str | None,
) -> list[Transfer]:
    rows = tx.transfers.page(
        after=after, limit=limit, peer=peer, direction=direction, agreement=agreement
    )
    return _shown(tx, rows)


def _shown(tx: Transaction, rows: list[tuple[int, TransferRow]]) -> list[Transfer]:
    members = {row.id: row.member for row in tx.peers.all()}
    origins = {row.id: row.origin for row in tx.ledgers.all()}
    return [_transfer(seq, row, members, origins) for seq, row in rows]


def _transfer(
    seq: int, row: TransferRow, members: dict[int, str], origins: dict[int, str]
) -> Transfer:
    return Transfer(
        seq=seq,
        at=from_micros(row.at),
        direction=row.direction,
        peer=members.get(row.peer, ""),
        origin=origins.get(row.ledger, ""),
        index=row.number,
        commitment=row.commitment.hex(),
        agreement=row.agreement,
        tlp=row.tlp,
        facts=row.facts,
        verdict=msgspec.json.decode(row.verdict),
    )
