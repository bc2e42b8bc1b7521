"""Figures of a node at one moment, for whoever runs it: peers, ledgers, what waits.

Member ids and counts, no names and no content. Each figure costs an index look-up or a few, however
much the store holds.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from accord.store.records import PeerRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .contacts import acknowledged, is_stopped
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
        confirmed = frozenset(row.member for row in rows if row.state == "confirmed")
        own = tx.ledgers.get(OWN_LEDGER)
        return Figures(
            appended=own.size if own is not None else 0,
            refused=tx.quarantine.ever_refused(),
            convictions=len(tx.ledgers.convictions()),
            peers=tuple(_peer(tx, row, now) for row in rows),
            ledgers=_ledgers(tx, confirmed),
        )

    return node.read(job)


def _peer(tx: Transaction, row: PeerRow, now: int) -> PeerFigures:
    ledger = tx.ledgers.of_member(row.member)
    cursor = acknowledged(tx, row)
    last, fault = row.last_contact, row.last_fault
    return PeerFigures(
        member=row.member,
        state=row.state,
        stopped=is_stopped(tx, row.member),
        lag=max(0, row.remote_size - (ledger.size if ledger is not None else 0)),
        silent=None if last is None else max(0.0, (now - last) / _MICROS),
        fault=None if fault is None else fault.key,
        pending=tx.grants.pending(row.id, cursor.urgent, cursor.routine),
    )


def _ledgers(tx: Transaction, confirmed: frozenset[str]) -> tuple[LedgerFigures, ...]:
    found = []
    for row in tx.ledgers.all():
        others = confirmed - {row.member}
        seen = tx.ledgers.cosignatures(row.id)
        witnesses = {each.witness for each in seen if each.checked and each.size == row.size}
        entries, size = tx.quarantine.load(row.id)
        found.append(
            LedgerFigures(
                member=row.member,
                size=row.size,
                witnesses=len(witnesses & others),
                waiting=entries,
                waiting_bytes=size,
            )
        )
    return tuple(found)


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
