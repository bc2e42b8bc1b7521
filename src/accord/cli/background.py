"""The work that one process does for all that share a store: following, sources, index, purging.

Who leads holds a lock of the store's. When it dies, or loses the line to the store, another leads
within seconds. For as long as the loser has not noticed, both work: that costs requests and no
harm, because everything durable is a compare-and-swap.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

from accord.base.errors import AccordError
from accord.monitoring.board import Board
from accord.node.contacts import note_heard
from accord.node.events import reason_of, tell
from accord.node.indexer import Indexer
from accord.node.node import Node
from accord.node.starting import take_up
from accord.peers.service import FollowService
from accord.store.engine import Lead
from accord.taxii.service import SourceService

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0  # between two looks at whether we may lead, or still do
_ANSWER_SECONDS = 5.0  # a store that does not say within this time whether we lead has lost us
_HEARD_SECONDS = 1.0  # how often the leader is told at most that one peer was heard


class Background:
    """Leads whenever nobody else does. Started with the server, in its event loop."""

    def __init__(self, node: Node, board: Board) -> None:
        self._node = node
        self._board = board
        self._service: FollowService | None = None
        self._heard: dict[str, float] = {}
        self._alone = board.workers == 1

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`. What is under way then is finished first."""
        told = ""
        while not stop.is_set():
            try:
                await self._lead_if_free(stop)
                told = ""
            except AccordError as fault:
                if told != (told := reason_of(fault)):
                    tell(log, logging.WARNING, "machine-fault", reason=told)
            await _pause(stop)

    def heard(self, member: str) -> None:
        """A confirmed peer asked us something: who follows it need not wait. From any thread."""
        if self._service is not None:
            self._service.heard(member)
            return
        now = time.monotonic()
        if now - self._heard.get(member, float("-inf")) >= _HEARD_SECONDS:
            self._heard[member] = now
            note_heard(self._node, member)

    async def _lead_if_free(self, stop: asyncio.Event) -> None:
        lead = await asyncio.to_thread(self._node.store.try_lead)
        if lead is None:
            self._alone = False
            return
        level = logging.DEBUG if self._alone else logging.INFO  # who is alone leads, of course
        tell(log, level, "leading", member=self._node.member)
        self._board.lead(True)
        try:
            await asyncio.to_thread(take_up, self._node)
            await self._work(lead, stop)
        finally:
            self._board.lead(False)
            await asyncio.to_thread(lead.release)

    async def _work(self, lead: Lead, stop: asyncio.Event) -> None:
        service, indexer = FollowService(self._node), Indexer(self._node)
        sources = SourceService(self._node)
        await service.start()
        self._service = service
        indexer.start()
        await sources.start()
        try:
            while not stop.is_set() and await _holds(lead):
                await _pause(stop)
        finally:
            self._service = None
            await asyncio.to_thread(indexer.stop)
            await sources.stop()
            await service.stop()
        if not stop.is_set():
            tell(log, logging.WARNING, "lead-lost", member=self._node.member)


async def _holds(lead: Lead) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(_ANSWER_SECONDS):
            return await asyncio.to_thread(lead.is_held)
    return False


async def _pause(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_LOOK_SECONDS):
            await stop.wait()
