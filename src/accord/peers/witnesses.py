"""Asking peers what they, as witnesses, saw of our ledger and of those we follow.

A ledger that shows two members two histories is found out when they compare. What was seen is
asked for again only when a ledger has grown, a bounded number of times, and ever more rarely of a
witness that stays behind.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Mapping

import msgspec

from accord.base.errors import PeerFault
from accord.ledger.faults import Misconduct
from accord.node.cosignatures import take_cosignature
from accord.node.node import Node
from accord.store.records import LedgerRow, PeerRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .client import PeerClient
from .faults import NotThere

_AT_ONCE = 32  # questions in one round, over all witnesses
_FIRST_PAUSE, _LAST_PAUSE = 1.0, 60.0  # seconds until a witness that is behind is asked again


class _Asked(msgspec.Struct):
    """One witness and one ledger: when to ask again, and at which of our sizes it was asked."""

    size: int = -1
    pause: float = _FIRST_PAUSE
    due: float = 0.0


class Witnesses:
    """The questions to all witnesses. Used from one event loop."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._asked: dict[tuple[str, str], _Asked] = {}

    async def ask(self, clients: Mapping[str, PeerClient]) -> int:
        """Ask these peers (by member id) what is due; how many co-signatures came.

        A peer that does not answer is passed over: its own follower says what ails it.
        """
        found = 0
        for peer, ledger in await asyncio.to_thread(self._due, list(clients)):
            self._note_asked(peer, ledger)
            try:
                await self._ask_one(peer, ledger, clients[peer.member])
                found += 1
            except NotThere:
                continue  # it has not followed that ledger yet, or never will
            except Misconduct:
                continue  # put on record where it was found, and following that member stops
            except PeerFault:
                continue
        return found

    async def _ask_one(self, peer: PeerRow, ledger: LedgerRow, client: PeerClient) -> None:
        limits = self._node.limits
        path = f"/witness/{ledger.origin.removeprefix('accord/')}/checkpoint"
        seconds = limits.request_seconds
        reply = await client.get(path, most=limits.checkpoint_bytes, seconds=seconds)
        await asyncio.to_thread(take_cosignature, self._node, peer, ledger.origin, reply.body)

    def _due(self, members: list[str]) -> list[tuple[PeerRow, LedgerRow]]:
        """What to ask whom now: our own ledger first, the others in no order."""
        now = time.monotonic()

        def job(tx: Transaction) -> list[tuple[PeerRow, LedgerRow]]:
            peers = [row for row in tx.peers.all() if row.member in members]
            wanted = list(_pairs(peers, tx.ledgers.all()))
            random.shuffle(wanted)
            wanted.sort(key=lambda pair: pair[1].id != OWN_LEDGER)
            found = []
            for peer, ledger in wanted:
                asked = self._asked.get((peer.member, ledger.origin), _Asked())
                if asked.size == ledger.size and asked.due > now:
                    continue
                seen = tx.ledgers.cosignature(ledger.id, peer.member)
                if seen is not None and seen.size >= ledger.size:
                    self._asked[peer.member, ledger.origin] = _Asked(ledger.size, due=float("inf"))
                    continue
                found.append((peer, ledger))
                if len(found) == _AT_ONCE:
                    break
            return found

        return self._node.read(job)

    def _note_asked(self, peer: PeerRow, ledger: LedgerRow) -> None:
        asked = self._asked.setdefault((peer.member, ledger.origin), _Asked())
        same = asked.size == ledger.size
        asked.pause = min(asked.pause * 2, _LAST_PAUSE) if same else _FIRST_PAUSE
        asked.size, asked.due = ledger.size, time.monotonic() + asked.pause


def _pairs(peers: list[PeerRow], ledgers: list[LedgerRow]) -> Iterator[tuple[PeerRow, LedgerRow]]:
    for ledger in ledgers:
        for peer in peers:
            if ledger.size and peer.member != ledger.member:
                yield peer, ledger
