"""How things stand with every peer: what `accord peer list` shows."""

from __future__ import annotations

from datetime import datetime

import msgspec

from accord.base.clock import from_micros
from accord.base.messages import Message, say
from accord.store.records import PeerRow
from accord.store.transaction import Transaction

from .contacts import acknowledged, is_stopped
from .node import Node


class PeerOverview(msgspec.Struct, frozen=True, kw_only=True):
    """One peer. `lag` is in entries: what its ledger had when last asked, less what is verified.

    `witnesses` counts the other members, us not among them, whose co-signature of its newest state
    we hold; `witness_note` says when none could exist, so that a fork would go unseen.
    """

    member: str
    name: str
    url: str
    state: str
    stopped: bool  # following stopped for proved misconduct
    last_contact: datetime | None
    size: int
    lag: int
    witnesses: int
    witness_note: Message | None
    pending: int  # grants to it that it has not told us it has kept
    last_fault: Message | None
    fault_at: datetime | None


def peer_overview(node: Node) -> list[PeerOverview]:
    """Every peer that was not removed, in the order in which they were added."""

    def job(tx: Transaction) -> list[PeerOverview]:
        rows = [row for row in tx.peers.all() if row.state != "removed"]
        confirmed = [row.member for row in rows if row.state == "confirmed"]
        return [_overview(tx, row, confirmed) for row in rows]

    return node.read(job)


def _overview(tx: Transaction, row: PeerRow, confirmed: list[str]) -> PeerOverview:
    ledger = tx.ledgers.of_member(row.member)
    size = ledger.size if ledger is not None else 0
    others = {member for member in confirmed if member != row.member}
    seen = tx.ledgers.cosignatures(ledger.id) if ledger is not None else []
    witnesses = {each.witness for each in seen if each.checked and each.size == size} & others
    cursor = acknowledged(tx, row)
    return PeerOverview(
        member=row.member,
        name=row.name,
        url=row.url,
        state=row.state,
        stopped=is_stopped(tx, row.member),
        last_contact=_moment(row.last_contact),
        size=size,
        lag=max(0, row.remote_size - size),
        witnesses=len(witnesses),
        witness_note=None if others else say("peers.no-witness"),
        pending=tx.grants.pending(row.id, cursor.urgent, cursor.routine),
        last_fault=row.last_fault,
        fault_at=_moment(row.fault_at),
    )


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
