"""Figures of a node at one moment, for whoever runs it: peers, ledgers, what waits.

Member ids and counts, no names and no content. Each figure costs an index look-up or a few, however
much the store holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from accord.store.records import LedgerRow, PeerRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .contacts import acknowledged, stopped_among
from .node import Node

_TALLY_PAGE = 10_000  # lines of the record of transfers that are counted in one transaction
_MICROS = 1e6


class PeerFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One peer. `silent` is in seconds since it last answered; null when it never did."""

    member: str
    state: str
    stopped: bool
    lag: int
    silent: float | None
    fault: str | None  # key of its last fault, if it is at fault
    pending: int


class LedgerFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One ledger, ours included. `witnesses`: other confirmed peers that signed its newest size."""

    member: str
    size: int
    witnesses: int
    waiting: int  # entries in quarantine
    waiting_bytes: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """All of a node at one moment."""

    appended: int
    refused: int  # ever
    convictions: int
    peers: tuple[PeerFigures, ...]
    ledgers: tuple[LedgerFigures, ...]


def figures_of(node: Node) -> Figures:
    """The figures as committed."""
    now = node.micros()

    def job(tx: Transaction) -> Figures:
        rows = [row for row in tx.peers.all() if row.state != "removed"]
        ledgers = tx.ledgers.all()
        own = next((row for row in ledgers if row.id == OWN_LEDGER), None)
        return Figures(
            appended=own.size if own is not None else 0,
            refused=tx.quarantine.ever_refused(),
            convictions=len(tx.ledgers.convictions()),
            peers=tuple(_peers(tx, rows, {row.member: row.size for row in ledgers}, now)),
            ledgers=tuple(_ledgers(tx, rows, ledgers)),
        )

    return node.read(job)


def _peers(
    tx: Transaction, rows: Sequence[PeerRow], sizes: Mapping[str, int], now: int
) -> Iterator[PeerFigures]:
    stopped = stopped_among(tx, [row.member for row in rows])
    pending = tx.grants.pending(acknowledged(tx, rows))
    for row in rows:
        last, fault = row.last_contact, row.last_fault
        yield PeerFigures(
            member=row.member,
            state=row.state,
            stopped=row.member in stopped,
            lag=max(0, row.remote_size - sizes.get(row.member, 0)),
            silent=None if last is None else max(0.0, (now - last) / _MICROS),
            fault=None if fault is None else fault.key,
            pending=pending.get(row.id, 0),
        )


def _ledgers(
    tx: Transaction, peers: Sequence[PeerRow], ledgers: Sequence[LedgerRow]
) -> Iterator[LedgerFigures]:
    confirmed = {row.member for row in peers if row.state == "confirmed"}
    witnesses, loads = tx.ledgers.witnesses(), tx.quarantine.loads()
    for row in ledgers:
        entries, size = loads.get(row.id, (0, 0))
        yield LedgerFigures(
            member=row.member,
            size=row.size,
            witnesses=len(witnesses.get(row.id, set()) & (confirmed - {row.member})),
            waiting=entries,
            waiting_bytes=size,
        )


class Tally:
    """Counts the lines of the record of transfers behind `since`, whoever writes them.

    Null: behind the last there is now. Not to be used by two threads at once.
    """

    def __init__(self, node: Node, since: int | None = None) -> None:
        self._node = node
        self._last = node.read(lambda tx: tx.transfers.last()) if since is None else since
        self.directions: Counter[str] = Counter()
        self.denied: Counter[tuple[str, str]] = Counter()  # direction, key of the reason

    def catch_up(self) -> None:
        """Count what has come since."""
        while lines := self._node.read(lambda tx: tx.transfers.verdicts(self._last, _TALLY_PAGE)):
            self._last = lines[-1][0]
            self.directions.update(direction for _, direction, _ in lines)
            for _, direction, verdict in lines:
                if direction in ("held", "refused"):
                    self.denied.update((direction, key) for key in _keys(verdict))


def _keys(verdict: bytes) -> list[str]:
    """The keys of a recorded verdict's reasons; where none was reached the entry was no entry."""
    found: Any = msgspec.json.decode(verdict)
    if found is None:
        return ["no-verdict"]
    return [reason["message"]["key"] for reason in found["reasons"]]
