"""Following one peer: its spine first, then what it opened to us, urgent entries before the rest.

Every durable step is one of the node's, so a round may be broken off anywhere and taken up again:
what was pinned stays pinned, the cursor stands behind what was kept.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from itertools import islice

import msgspec

from accord.base.errors import ConflictError, DeniedError, InputError, PeerFault
from accord.ledger.card import MemberCard, continues, decode_card
from accord.ledger.checkpoint import Checkpoint, open_checkpoint
from accord.ledger.faults import BadSignature
from accord.ledger.notes import parse_note
from accord.ledger.opening import ROUTINE, URGENT, GrantedOpening, read_openings
from accord.ledger.tiles import Tile, TileId, tile_path
from accord.ledger.tree import EMPTY_ROOT
from accord.node.contacts import Taken, is_stopped, note_contact, note_size, taken_from
from accord.node.cosignatures import check_waiting_cosignatures
from accord.node.following import (
    add_bundles,
    begin_step,
    finish_step,
    pinned,
)
from accord.node.history import refuse_while_waiting
from accord.node.members import renew_card, speaks_with, wire_of
from accord.node.node import Node
from accord.node.receiving import Outcome, receive
from accord.node.serving import Cursor
from accord.node.sighting import note_taken
from accord.store.records import LedgerRow, PeerRow
from accord.store.transaction import Transaction

from .client import PeerClient
from .faults import BadAnswer, OverQuota

_TILES_AT_ONCE = 8
_TRIES = 5  # when another process follows the same ledger at the same time
_BUNDLE_BYTES = 256 * 34
_EMPTY_PAGES = 3  # an honest node may answer so while it takes grants back
_GRANTS = 1 << 63
_CARD_SECONDS = 600.0  # how often a peer's card is looked at, beside after every fault


class Stopped(DeniedError):
    """The peer is not, or no longer, one that is followed."""


class Caught(msgspec.Struct, frozen=True):
    """What a round of following brought: the peer's checkpoint as pinned, what was received."""

    checkpoint: Checkpoint
    grown: int
    outcome: Outcome

    @property
    def news(self) -> bool:
        return self.grown > 0 or self.outcome != Outcome()


class Follower:
    """One peer, followed. Not to be used by two tasks at once; another process may do the same."""

    def __init__(self, node: Node, member: str, client: PeerClient) -> None:
        self.node = node
        self.member = member
        self.client = client
        self._taken = Taken("")
        self._card_seen = -_CARD_SECONDS  # seconds of the monotonic clock
        self._remote = 0  # the size of the newest checkpoint that the peer has signed

    async def catch_up(self) -> Caught:
        """Take all that the peer has for us now.

        Raises `PeerFault`, `Stopped`, or `MachineFault`; what was taken before that is kept.
        """
        peer = await asyncio.to_thread(self._start)
        try:
            return await self._catch_up(await self._with_card_of_now(peer))
        except PeerFault:
            self._card_seen = -_CARD_SECONDS  # when it is back, it may be with another card
            if self._remote > peer.remote_size:
                await asyncio.to_thread(note_size, self.node, peer, self._remote)
            raise

    async def _catch_up(self, peer: PeerRow) -> Caught:
        card = decode_card(peer.card, self.node.limits)
        if not speaks_with(card):  # said of the newest card that it shows
            raise BadAnswer("peers.wire-apart", **wire_of(card))
        before = (await asyncio.to_thread(pinned, self.node, peer)).size
        spine = await self._follow_spine(peer)
        promised, outcome = spine.size, Outcome()
        try:
            async for page, cursor in self._pages(peer):
                if any(each.opening.index >= spine.size for each in page):
                    spine = await self._follow_spine(peer)
                outcome = outcome.plus(await asyncio.to_thread(self._keep, peer, page, cursor))
        finally:
            await asyncio.to_thread(note_contact, self.node, peer, spine.size, self._taken)
        await asyncio.to_thread(check_waiting_cosignatures, self.node, peer)
        # The peer had nothing further to open, and was asked after it had signed this size.
        await asyncio.to_thread(note_taken, self.node, peer, promised)
        return Caught(spine, spine.size - before, outcome)

    async def wait(self) -> bool:
        """Wait until the peer has something new for us; whether it has."""
        node = self.node
        peer = await asyncio.to_thread(self._start)
        size = (await asyncio.to_thread(pinned, node, peer)).size
        cursor = Cursor(peer.urgent_cursor, peer.routine_cursor)
        seconds = node.limits.wait_seconds + node.limits.request_seconds
        reply = await self.client.get(
            f"/log/wait?after={cursor}&size={size}", most=1024, seconds=seconds
        )
        return reply.status == 200

    def _start(self) -> PeerRow:
        """The peer as it stands now. Raises `Stopped`."""
        now = self.node.now()

        def job(tx: Transaction) -> PeerRow:
            row = tx.peers.get(self.member)
            if row is None or row.state != "confirmed":
                raise Stopped("peers.not-followed", member=self.member)
            if is_stopped(tx, self.member):
                raise Stopped("peers.following-stopped", member=self.member)
            refuse_while_waiting(tx)
            self._taken = taken_from(tx, row, now)
            return row

        return self.node.read(job)

    # the spine

    async def _follow_spine(self, peer: PeerRow) -> Checkpoint:
        """Pin the peer's newest checkpoint, verified entry by entry, and co-sign it."""
        for _ in range(_TRIES):
            since = await asyncio.to_thread(pinned, self.node, peer)
            signed = await self._get("/log/checkpoint", self.node.limits.checkpoint_bytes)
            try:
                return await self._step(peer, since, signed)
            except ConflictError:  # another process followed first: look again
                continue
            except BadSignature:
                peer = await self._renewed(peer)
        raise ConflictError("peers.followed-elsewhere", member=peer.member)

    async def _step(self, peer: PeerRow, since: LedgerRow, signed: bytes) -> Checkpoint:
        card = decode_card(peer.card, self.node.limits)
        found = open_checkpoint(signed, card.ledger_verifier, self.node.limits).checkpoint
        self._check_growth(found.size - since.size)
        if _is_known(found, since, card):
            return found
        self._remote = found.size
        step = await asyncio.to_thread(begin_step, self.node, peer, signed, since)
        rows: dict[tuple[int, int], Tile] = {}
        for tiles in _batches(step.verifying.wanted(), _TILES_AT_ONCE):
            bundles = await asyncio.gather(*[self._bundle(tile) for tile in tiles])
            rows |= await asyncio.to_thread(add_bundles, self.node, step, bundles, signed)
        await asyncio.to_thread(finish_step, self.node, step, list(rows.values()), signed)
        self._taken = self._taken.plus(entries=found.size - since.size)
        return found

    async def _bundle(self, tile: TileId) -> bytes:
        return await self._get(f"/log/{tile_path(tile)}", _BUNDLE_BYTES)

    def _check_growth(self, entries: int) -> None:
        """Before anything is fetched: a signed size costs its author nothing."""
        found, limit = self._taken.entries + entries, self.node.limits.peer_entries_per_day
        if entries > 0 and found > limit:
            raise OverQuota("peers.quota-entries", found=str(found), limit=limit)

    async def _renewed(self, peer: PeerRow) -> PeerRow:
        """The peer with the card it shows now, if that continues the confirmed one with new keys.

        Raises `BadSignature` when it shows no new keys: then the signature was simply wrong.
        """
        shown = await self._get("/.well-known/accord", self.node.limits.card_bytes)
        confirmed = decode_card(peer.card, self.node.limits)
        if not continues(confirmed, decode_card(shown, self.node.limits)):
            raise BadSignature("ledger.signature-missing", name=confirmed.origin)
        return await asyncio.to_thread(renew_card, self.node, peer, shown)

    async def _with_card_of_now(self, peer: PeerRow) -> PeerRow:
        """The peer with the card it shows now: once in a while, its name or address may be new.

        A card that cannot be had or does not continue the confirmed one changes nothing: what
        rests on the keys says so itself.
        """
        if time.monotonic() < self._card_seen + _CARD_SECONDS:
            return peer
        with suppress(PeerFault, InputError):
            shown = await self._get("/.well-known/accord", self.node.limits.card_bytes)
            if shown != peer.card:
                confirmed = decode_card(peer.card, self.node.limits)
                continues(confirmed, decode_card(shown, self.node.limits))
                peer = await asyncio.to_thread(renew_card, self.node, peer, shown)
            self._card_seen = time.monotonic()
        return peer

    # the openings

    async def _pages(self, peer: PeerRow) -> AsyncIterator[tuple[list[GrantedOpening], Cursor]]:
        """Pages of openings, each with the cursor before it, until there are no further ones."""
        limits = self.node.limits
        cursor = Cursor(peer.urgent_cursor, peer.routine_cursor)
        empty = 0
        while empty < _EMPTY_PAGES:
            if self._taken.bytes > limits.peer_bytes:
                raise OverQuota("peers.quota-bytes", limit=limits.peer_bytes)
            reply = await self.client.get(
                f"/log/openings?after={cursor}&limit={limits.openings_page}",
                most=limits.openings_page_bytes,
                seconds=limits.request_seconds,
            )
            page = await asyncio.to_thread(read_openings, reply.body, limits)
            if page:
                _check_page(page, cursor)
                self._taken = self._taken.plus(size=_size(page))
                yield page, cursor
                for each in page:
                    cursor = cursor.moved(each)
            empty = 0 if page else empty + 1
            if not reply.more:
                return

    def _keep(self, peer: PeerRow, page: Sequence[GrantedOpening], cursor: Cursor) -> Outcome:
        """Receive a page; its urgent part first and by itself, so that it never waits."""
        outcome = Outcome()
        for lane in (URGENT, ROUTINE):
            part = [each for each in page if each.lane == lane]
            if part:
                done, cursor = receive(self.node, peer, part, cursor)
                outcome = outcome.plus(done)
        return outcome

    async def _get(self, path: str, most: int) -> bytes:
        seconds = self.node.limits.request_seconds
        return (await self.client.get(path, most=most, seconds=seconds)).body


def _is_known(found: Checkpoint, since: LedgerRow, card: MemberCard) -> bool:
    """Whether this is what is pinned, under the key in use: then there is nothing to do."""
    if (found.size, found.root) != (since.size, since.root):
        return False
    if not since.checkpoint:
        return found.root == EMPTY_ROOT
    return bool(parse_note(since.checkpoint).signatures_of(card.ledger_verifier))


def _check_page(page: Sequence[GrantedOpening], cursor: Cursor) -> None:
    """Grants lie behind the cursor and rise in each lane, or following would never end."""
    last = {URGENT: cursor.urgent, ROUTINE: cursor.routine}
    for each in page:
        if not last[each.lane] < each.grant < _GRANTS:
            raise BadAnswer("peers.grants-order", grant=str(each.grant))
        last[each.lane] = each.grant


def _size(page: Sequence[GrantedOpening]) -> int:
    return sum(len(each.opening.envelope) + len(each.opening.object or b"") for each in page)


def _batches(tiles: Sequence[TileId], width: int) -> Iterable[list[TileId]]:
    left = iter(tiles)
    while batch := list(islice(left, width)):
        yield batch
