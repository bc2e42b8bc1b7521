"""One full catch-up with peers, for a person who asks for it: `accord peer sync`."""

from __future__ import annotations

import asyncio

import msgspec

from accord.base.errors import AccordError, DeniedError, PeerFault
from accord.base.messages import Message
from accord.ledger.faults import Misconduct
from accord.node.answering import answer_recalls
from accord.node.contacts import is_stopped, note_fault
from accord.node.duties import do_duties
from accord.node.members import find_peer
from accord.node.node import Node
from accord.node.notices import send_notices
from accord.node.receiving import Outcome
from accord.node.waiting import retry_after_new_facts
from accord.store.records import PeerRow

from .client import Connect, connect_http
from .follow import Caught, Follower
from .witnesses import Witnesses

_ROUNDS = 10  # a peer that publishes all the while is never caught up with for long


class SyncReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a catch-up with one peer ended.

    `converged`: our pinned size and root are those of the checkpoint it signed last, and it has
    nothing further for us.
    """

    member: str
    name: str
    converged: bool
    size: int
    root: str  # hex
    outcome: Outcome
    fault: Message | None


def sync_once(
    node: Node, member: str | None = None, connect: Connect = connect_http
) -> list[SyncReport]:
    """Catch up with one confirmed peer (by id or name), or with all of them.

    Faults of peers are in the reports. Raises `NotFoundError`, `DeniedError` (the peer is not
    confirmed) or `MachineFault`.
    """
    return asyncio.run(sync_with(node, member, connect))


async def sync_with(
    node: Node, member: str | None = None, connect: Connect = connect_http
) -> list[SyncReport]:
    """The same inside an event loop."""
    rows = await asyncio.to_thread(_wanted, node, member)
    reports = [await _sync_peer(node, row, connect) for row in rows]
    await asyncio.to_thread(retry_after_new_facts, node)
    await asyncio.to_thread(send_notices, node)
    await asyncio.to_thread(answer_recalls, node)
    await asyncio.to_thread(do_duties, node)
    return reports


def _wanted(node: Node, member: str | None) -> list[PeerRow]:
    if member is None:
        rows = node.read(lambda tx: tx.peers.all())
        return [row for row in rows if row.state == "confirmed"]
    row = node.read(lambda tx: find_peer(tx, member))
    if row.state != "confirmed":
        raise DeniedError("peers.not-followed", member=row.member)
    return [row]


async def _sync_peer(node: Node, row: PeerRow, connect: Connect) -> SyncReport:
    client = connect(node, row.url)
    follower = Follower(node, row.member, client)
    outcome = Outcome()
    fault: Message | None = None
    converged = False
    try:
        for _ in range(_ROUNDS):
            caught: Caught = await follower.catch_up()
            outcome = outcome.plus(caught.outcome)
            if not caught.news:  # the round found the ledger as pinned, and nothing to take
                converged = True
                break
        await Witnesses(node).ask({row.member: client})
    except (PeerFault, DeniedError) as error:
        fault = error.message
        if isinstance(error, PeerFault) and not isinstance(error, Misconduct):
            await asyncio.to_thread(_note, node, row, error)
    finally:
        await client.close()
    return await asyncio.to_thread(_report, node, row, converged, outcome, fault)


def _note(node: Node, row: PeerRow, fault: AccordError) -> None:
    if not node.read(lambda tx: is_stopped(tx, row.member)):
        note_fault(node, row, fault.message)


def _report(
    node: Node, row: PeerRow, converged: bool, outcome: Outcome, fault: Message | None
) -> SyncReport:
    ledger = node.read(lambda tx: tx.ledgers.of_member(row.member))
    return SyncReport(
        member=row.member,
        name=row.name,
        converged=converged,
        size=ledger.size if ledger is not None else 0,
        root=ledger.root.hex() if ledger is not None else "",
        outcome=outcome,
        fault=fault,
    )
