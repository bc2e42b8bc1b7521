"""How things stand with every peer: what `accord peer list` shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from accord.base.clock import from_micros
from accord.base.messages import Message, say
from accord.store.records import PeerRow
from accord.store.transaction import Transaction

from .contacts import acknowledged, stopped_among
from .node import Node

PENDING = 10_000


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
    pending: int  # grants to it that it has not told us it has kept; `PENDING` of a lane count
    last_fault: Message | None
    fault_at: datetime | None


def peer_overview(node: Node, among: Collection[str] | None = None) -> list[PeerOverview]:
    """Every peer that was not removed, or those `among` them, in the order of their adding."""

    def job(tx: Transaction) -> list[PeerOverview]:
        rows = [row for row in tx.peers.all() if row.state != "removed"]
        wanted = [row for row in rows if among is None or row.member in among]
        return _overviews(tx, wanted, _confirmed(rows))

    return node.read(job)


def one_peer(node: Node, member: str) -> PeerOverview | None:
    """How things stand with one peer; null where it is none, or was removed."""
    return next(iter(peer_overview(node, {member})), None)


def peers_by_name(node: Node) -> list[str]:
    """The members that are peers, in the order of their names."""
    rows = [row for row in node.read(lambda tx: tx.peers.all()) if row.state != "removed"]
    return [row.member for row in sorted(rows, key=lambda row: (row.name.casefold(), row.member))]


def _confirmed(rows: Sequence[PeerRow]) -> set[str]:
    return {row.member for row in rows if row.state == "confirmed"}


def _overviews(tx: Transaction, rows: Sequence[PeerRow], confirmed: set[str]) -> list[PeerOverview]:
    """What is asked of the store is asked for all of them at once: a community has hundreds."""
    ledgers = {row.member: row for row in tx.ledgers.all()}
    known = [ledgers[row.member].id for row in rows if row.member in ledgers]
    witnesses = tx.ledgers.witnesses(known)
    stopped = stopped_among(tx, [row.member for row in rows])
    pending = tx.grants.pending(acknowledged(tx, rows), PENDING)
    found = []
    for row in rows:
        ledger = ledgers.get(row.member)
        others = confirmed - {row.member}
        seen = others & witnesses.get(ledger.id, set()) if ledger is not None else set()
        size = ledger.size if ledger is not None else 0
        found.append(
            PeerOverview(
                member=row.member,
                name=row.name,
                url=row.url,
                state=row.state,
                stopped=row.member in stopped,
                last_contact=_moment(row.last_contact),
                size=size,
                lag=max(0, row.remote_size - size),
                witnesses=len(seen),
                witness_note=None if others else say("peers.no-witness"),
                pending=pending.get(row.id, 0),
                last_fault=row.last_fault,
                fault_at=_moment(row.fault_at),
            )
        )
    return found


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
