"""Asking all peers what they remember of us: `accord recover`.

A peer that lies, is slow or never ends costs nothing but its own word. What it shows is used only
as far as it proves itself; whether it must have answered is for the operator to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from accord.base.errors import AccordError, ConflictError, PeerFault
from accord.base.messages import Message
from accord.ledger.checkpoint import Checkpoint
from accord.ledger.faults import LedgerFault
from accord.ledger.opening import Opening, read_openings
from accord.ledger.tiles import tile_path
from accord.node.granting import settle_grants
from accord.node.members import find_peer
from accord.node.node import Node
from accord.node.recovering import (
    Extension,
    Recovered,
    finish_recovery,
    first_missing,
    prove_fork,
    read_memory,
    take_own_words,
    waits,
)
from accord.node.remembering import Memory
from accord.node.returning import replay_statements, take_back
from accord.node.serving import Cursor
from accord.store.records import PeerRow
from accord.store.tables import OWN_LEDGER

from .client import Connect, PeerClient, connect_http
from .cursors import read_cursor
from .faults import BadAnswer

MEMORY_BYTES = 4 * 1024 * 1024  # of what a peer says it remembers
_BUNDLE_BYTES = 256 * 34
_EMPTY_PAGES = 3
_LOOK_SECONDS = 3.0  # at the start nobody waits longer for peers that do not answer

_memory = msgspec.json.Decoder(Memory)


class Answered(msgspec.Struct, kw_only=True):
    """What became of asking one peer: how much of our ledger it saw, what it gave back."""

    member: str
    name: str
    seen: int | None = None  # entries; null when it remembers nothing of ours
    given: int = 0  # entries that were new to this store
    fault: Message | None = None

    @property
    def answered(self) -> bool:
        return self.fault is None


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """How a recovery ended. `done` is null while peers that must answer have not."""

    peers: tuple[Answered, ...]
    missing: tuple[str, ...]  # names of the peers that must answer and have not
    done: Recovered | None


def recover_once(
    node: Node, quorum: Sequence[str] = (), connect: Connect = connect_http
) -> Recovery:
    """Ask every confirmed peer; all of them must answer, or those of `quorum` (ids or names).

    Raises `ConflictError` when this store waits for nothing, `NotFoundError` for an unknown peer,
    `MachineFault` when two histories bear our signature.
    """
    return asyncio.run(recover_with(node, quorum, connect))


async def recover_with(
    node: Node, quorum: Sequence[str] = (), connect: Connect = connect_http
) -> Recovery:
    """The same inside an event loop."""
    if await asyncio.to_thread(waits, node) is None:
        raise ConflictError("node.recovery-needless")
    needed = {node.read(lambda tx: find_peer(tx, each)).member for each in quorum}  # noqa: B023
    rows = [row for row in node.read(lambda tx: tx.peers.all()) if row.state == "confirmed"]
    asked = [_Asked(node, row, connect(node, row.url)) for row in rows]
    try:
        await asyncio.gather(*[each.ask() for each in asked])
        for each in sorted(asked, key=lambda one: -one.size):  # the longest history first
            await each.follow()
        start = await asyncio.to_thread(first_missing, node)
        for each in asked:
            await each.take(start)
    finally:
        await asyncio.gather(*[each.client.close() for each in asked])
    missing = tuple(
        each.answer.name
        for each in asked
        if not each.answer.answered and (not needed or each.answer.member in needed)
    )
    done = None
    if not missing:
        done = await asyncio.to_thread(finish_recovery, node, [each.cursor for each in asked])
        await asyncio.to_thread(replay_statements, node)
        await asyncio.to_thread(settle_grants, node)
        await asyncio.to_thread(node.store.scrub)  # of what our recalls erased again
    return Recovery(peers=tuple(each.answer for each in asked), missing=missing, done=done)


class _Asked:
    """One peer while it is being asked. Its faults are put down, not raised."""

    def __init__(self, node: Node, peer: PeerRow, client: PeerClient) -> None:
        self.node, self.peer, self.client = node, peer, client
        self.answer = Answered(member=peer.member, name=peer.name)
        self.cursor = Cursor()
        self._note = b""
        self._seen: Checkpoint | None = None

    @property
    def size(self) -> int:
        return 0 if self._seen is None else self._seen.size

    async def ask(self) -> None:
        """What it remembers."""
        try:
            raw = await self._get("/memory/state", MEMORY_BYTES)
            memory = _decoded(raw)
            self.cursor = _cursor(memory.cursor)
            self._seen = await asyncio.to_thread(read_memory, self.node, memory)
            await asyncio.to_thread(take_own_words, self.node, memory.cosigned)
        except PeerFault as fault:
            self.answer.fault = fault.message
            return
        if self._seen is not None:
            self._note = (memory.checkpoint or "").encode()
            self.answer.seen = self._seen.size

    async def follow(self) -> None:
        """Lead our ledger to what it saw, if that is more than we hold."""
        own = await asyncio.to_thread(_own_size, self.node)
        if not self.answer.answered or self.size <= own:
            return await self._compare()
        try:
            await self._extend(anew=False)
        except LedgerFault:
            await self._examine()
        except PeerFault as fault:
            self.answer.fault = fault.message

    async def take(self, start: int) -> None:
        """Take the openings that it gives back, from this place on."""
        empty = 0
        try:
            while self.answer.answered and start < self.size and empty < _EMPTY_PAGES:
                page, more = await self._page(start)
                if page:
                    given = await asyncio.to_thread(take_back, self.node, self.peer, page)
                    self.answer.given += given
                    start = page[-1].index + 1
                empty = 0 if page else empty + 1
                if not more:
                    return
        except PeerFault as fault:
            self.answer.fault = fault.message

    async def _compare(self) -> None:
        """What it saw, we hold by now: then it is the same, or two histories bear our signature."""
        if self._note:
            memory = Memory(checkpoint=self._note.decode(), ahead=None, cursor=str(self.cursor))
            await asyncio.to_thread(read_memory, self.node, memory)

    async def _extend(self, *, anew: bool) -> None:
        extension = await asyncio.to_thread(Extension, self.node, self._note, anew=anew)
        for tile in extension.wanted():
            bundle = await self._get(f"/memory/{tile_path(tile)}", _BUNDLE_BYTES)
            await asyncio.to_thread(extension.add, bundle)
        if anew:
            await asyncio.to_thread(extension.finish)
        else:
            await asyncio.to_thread(extension.keep)

    async def _examine(self) -> None:
        """What it gave does not lead from our history to the checkpoint that we once signed.

        If it leads there from the beginning, that is another history of ours; else it is false.
        """
        try:
            await self._extend(anew=True)
        except PeerFault as fault:
            self.answer.fault = fault.message
            return
        await asyncio.to_thread(prove_fork, self.node, self._note)

    async def _page(self, start: int) -> tuple[list[Opening], bool]:
        limits = self.node.limits
        reply = await self.client.get(
            f"/memory/openings?start={start}&limit={limits.openings_page}",
            most=limits.openings_page_bytes,
            seconds=limits.request_seconds,
        )
        granted = await asyncio.to_thread(read_openings, reply.body, limits)
        page = [each.opening for each in granted]
        for before, each in zip([start - 1, *(o.index for o in page)], page, strict=False):
            if each.index <= before:
                raise BadAnswer("peers.openings-order", index=str(each.index))
        return page, reply.more

    async def _get(self, path: str, most: int) -> bytes:
        seconds = self.node.limits.request_seconds
        return (await self.client.get(path, most=most, seconds=seconds)).body


def _decoded(raw: bytes) -> Memory:
    try:
        return _memory.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswer("peers.memory-form", problem=str(error)) from None


def _cursor(text: str) -> Cursor:
    try:
        return read_cursor(text)
    except AccordError as error:
        raise BadAnswer("peers.memory-form", problem=str(error)) from None


def _own_size(node: Node) -> int:
    row = node.read(lambda tx: tx.ledgers.get(OWN_LEDGER))
    return 0 if row is None else row.size


def look_back(node: Node, connect: Connect = connect_http) -> None:
    """Ask the peers at the start, before anything of ours is shown, whether they saw more of it.

    A machine that was led back to an earlier state is noticed so, if a peer can be reached in a few
    seconds; then the store waits for recovery. Who does not answer holds up nothing.
    """
    rows = [row for row in node.read(lambda tx: tx.peers.all()) if row.state == "confirmed"]
    if rows and _own_size(node):
        asyncio.run(_look_back([_Asked(node, row, connect(node, row.url)) for row in rows]))


async def _look_back(asked: Sequence[_Asked]) -> None:
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            await asyncio.gather(*[each.ask() for each in asked], return_exceptions=True)
    except TimeoutError:
        pass  # what was noticed until now stands
    finally:
        await asyncio.gather(*[each.client.close() for each in asked])
