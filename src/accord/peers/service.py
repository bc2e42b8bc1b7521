"""Following all confirmed peers for as long as the node is served.

One task follows each peer; one listens to the store, so that a peer confirmed, suspended or
resumed in another process is taken up or let go at once; one compares notes with the witnesses.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress

from accord.base.errors import AccordError, ConflictError, PeerFault
from accord.base.messages import Message
from accord.ledger.faults import Misconduct
from accord.node.answering import answer_recalls
from accord.node.changes import Changes
from accord.node.contacts import is_stopped, last_heard, note_fault
from accord.node.duties import do_duties
from accord.node.events import reason_of, tell
from accord.node.node import Node
from accord.node.notices import send_notices
from accord.node.retention import run_clocks
from accord.node.waiting import purge_waiting, retry_after_new_facts
from accord.store.transaction import Transaction

from .client import Connect, PeerClient, connect_http
from .faults import NetworkFault, OverQuota, Unwelcome
from .follow import Follower, Stopped
from .pace import Pace
from .witnesses import Witnesses

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LAST_PAUSE = 0.2, 60.0  # seconds after a fault, doubled each time, with jitter
_KICK_SECONDS = 1.0  # a peer that was heard is tried again at once, but not more often than this
_USELESS_PAUSE = 0.05  # seconds; a peer that says "news" and has none is asked ever more slowly
_WITNESS_SECONDS = 1.0  # after a change, how long until witnesses are asked; and between rounds
_WITNESS_REST = 25.0  # they are asked at least this often: others may have come further
_PURGE_SECONDS = 3600.0
_DECIDE_SECONDS = 5.0  # how often motions are looked at: they close by the clock, too
_RESTART_SECONDS = 5.0


class FollowService:
    """Started and stopped with the server, in its event loop."""

    def __init__(self, node: Node, connect: Connect = connect_http) -> None:
        self._node = node
        self._connect = connect
        self._changes = Changes(node.store)
        self._followed: dict[str, _Followed] = {}
        self._pace = Pace()
        self._tasks: list[asyncio.Task[None]] = []
        self._grown = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._seen: tuple[int, dict[str, str]] = (-1, {})
        self._heard_elsewhere = ""

    async def start(self) -> None:
        """Begin to follow. Returns at once; what fails is tried again and told in `peer list`."""
        self._loop = asyncio.get_running_loop()
        for job in (self._watch, self._ask_witnesses, self._purge, self._decide):
            self._tasks.append(asyncio.create_task(_for_ever(job)))

    async def stop(self) -> None:
        """End all tasks; a durable step under way is finished first."""
        for followed in self._followed.values():
            await followed.stop()
        self._followed.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def heard(self, member: str) -> None:
        """A confirmed peer asked us something, so it is up and knows us. From any thread."""
        followed = self._followed.get(member)
        if followed is not None and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(followed.kick)

    async def _watch(self) -> None:
        async for _ in self._changes:
            self._grown.set()
            facts, heard, wanted = await asyncio.to_thread(
                self._node.read, lambda tx: (tx.facts.last(), last_heard(tx), _confirmed(tx))
            )
            if heard != self._heard_elsewhere:
                self._heard_elsewhere = heard
                self.heard(heard.partition(" ")[0])
            if (facts, wanted) == self._seen:
                continue
            self._seen = (facts, wanted)
            await self._reconcile(wanted)
            if self._followed:  # compiled now, so that the first alert does not wait for it
                await asyncio.to_thread(lambda: self._node.checker)
            if (await asyncio.to_thread(retry_after_new_facts, self._node)).refused:
                await asyncio.to_thread(send_notices, self._node)

    async def _reconcile(self, wanted: dict[str, str]) -> None:
        """Follow whom a person confirmed, where its newest card says it is, and nobody else."""
        for member in [member for member in self._followed if member not in wanted]:
            await self._followed.pop(member).stop()
        for member, url in wanted.items():
            known = self._followed.get(member)
            if known is not None and known.url != url:
                await self._followed.pop(member).stop()
                known = None
            if known is None:
                client = self._connect(self._node, url)
                self._followed[member] = _Followed(self._node, member, url, client, self._pace)
            else:
                known.kick(person=True)

    async def _ask_witnesses(self) -> None:
        witnesses = Witnesses(self._node)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_WITNESS_REST):
                    await self._grown.wait()
            await asyncio.sleep(_WITNESS_SECONDS)
            self._grown.clear()
            clients = {m: each.client for m, each in self._followed.items() if each.well}
            if await witnesses.ask(clients):
                self._grown.set()

    async def _decide(self) -> None:
        """What is due about motions, by the clock: they close although nothing comes."""
        while True:
            try:
                await asyncio.to_thread(do_duties, self._node)
            except AccordError as fault:  # this machine's: it is due still, at the next look
                tell(log, logging.WARNING, "machine-fault", reason=reason_of(fault))
            await asyncio.sleep(_DECIDE_SECONDS)

    async def _purge(self) -> None:
        while True:
            await asyncio.to_thread(purge_waiting, self._node, self._node.now())
            await asyncio.to_thread(run_clocks, self._node)
            await asyncio.sleep(_PURGE_SECONDS)


class _Followed:
    """One peer with the task that follows it."""

    def __init__(self, node: Node, member: str, url: str, client: PeerClient, pace: Pace) -> None:
        self.url = url
        self.client = client
        self.well = False  # the last round went well
        self._node = node
        self._turns = pace
        self._follower = Follower(node, member, client)
        self._kicked = asyncio.Event()
        self._kickable = True  # false while the peer itself is at fault: it has to wait
        self._tried = 0.0
        self._pause = _FIRST_PAUSE
        self._useless = 0
        self._told = ""  # reason of the fault that is in the log
        self._task = asyncio.create_task(_for_ever(self._run))

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.client.close()

    def kick(self, *, person: bool = False) -> None:
        """Try again now: the peer was heard, or a person changed something."""
        loop = asyncio.get_running_loop()
        if person:
            self._kicked.set()
        elif self._kickable and not self.well:
            loop.call_at(max(loop.time(), self._tried + _KICK_SECONDS), self._kicked.set)

    async def _run(self) -> None:
        while True:
            if not self.well:
                await asyncio.sleep(self._turns.wait(asyncio.get_running_loop().time()))
            self._tried = asyncio.get_running_loop().time()
            self._kicked.clear()
            try:
                await self._round()
            except Stopped:
                self.well, self._kickable = False, False
                await self._kicked.wait()  # for a person
            except PeerFault as fault:
                await self._fault(fault)
            except AccordError as fault:  # this machine's, or another process was first
                self._tell(logging.WARNING, "machine-fault", reason_of(fault))
                await self._rest(0.0 if isinstance(fault, ConflictError) else None)

    async def _round(self) -> None:
        caught = await self._follower.catch_up()
        self.well, self._kickable, self._pause = True, True, _FIRST_PAUSE
        if self._told:
            self._told = ""
            tell(log, logging.INFO, "peer-well", member=self._follower.member)
        if caught.outcome.refused:
            await asyncio.to_thread(send_notices, self._node)
        if caught.outcome.defined:
            await asyncio.to_thread(retry_after_new_facts, self._node)
        if caught.news:
            await asyncio.to_thread(answer_recalls, self._node)
        self._useless = 0 if caught.news else self._useless + 1
        if self._useless > 1:
            await asyncio.sleep(min(_USELESS_PAUSE * 2**self._useless, 5.0))
        if not await self._follower.wait():
            self._useless = 0

    async def _fault(self, fault: PeerFault) -> None:
        """Put a fault of the peer on record, and let it rest."""
        self.well = False
        grave = isinstance(fault, Misconduct)
        level, event = (logging.ERROR, "misconduct") if grave else (logging.WARNING, "peer-fault")
        self._tell(level, event, reason_of(fault))
        self._kickable = isinstance(fault, NetworkFault | Unwelcome)
        if not isinstance(fault, Misconduct):
            await asyncio.to_thread(self._note, fault.message)
        if isinstance(fault, OverQuota):
            self._pause = _LAST_PAUSE
        await self._rest(fault.retry_after if isinstance(fault, NetworkFault) else None)

    async def _rest(self, seconds: float | None) -> None:
        """Exponential back-off with jitter, ended early by a kick."""
        pause = self._pause if seconds is None else max(seconds, _FIRST_PAUSE)
        self._pause = min(self._pause * 2, _LAST_PAUSE)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause * random.uniform(0.5, 1.5)):
                await self._kicked.wait()

    def _tell(self, level: int, event: str, reason: str) -> None:
        """Log a fault once, until it is another or over."""
        if reason != self._told:
            self._told = reason
            tell(log, level, event, member=self._follower.member, reason=reason)

    def _note(self, fault: Message) -> None:
        row = self._node.read(lambda tx: tx.peers.get(self._follower.member))
        if row is not None and not self._node.read(lambda tx: is_stopped(tx, row.member)):
            note_fault(self._node, row, fault)


async def _for_ever(job: Callable[[], Coroutine[None, None, None]]) -> None:
    """The outermost loop of a task: what nobody foresaw is told, and the task begins anew."""
    while True:
        try:
            await job()
        except Exception:
            log.exception("a task of following failed; it begins anew")
        await asyncio.sleep(_RESTART_SECONDS)


def _confirmed(tx: Transaction) -> dict[str, str]:
    return {row.member: row.url for row in tx.peers.all() if row.state == "confirmed"}
