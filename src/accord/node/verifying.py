"""Verifying ledgers: ours and those we follow, from the stored bytes up, trusting none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from accord.base.errors import AccordError, NotFoundError
from accord.base.messages import Message, say
from accord.ledger.card import decode_card
from accord.ledger.checkpoint import open_checkpoint
from accord.ledger.notes import Verifier
from accord.ledger.tiles import ENTRIES, HASH, WIDTH, hashes_of, tiles_after_append
from accord.ledger.tree import Frontier
from accord.store.records import EntryRow, LedgerRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .held import opening_of
from .members import find_peer
from .node import Node

Progress = Callable[[int], None]


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in one ledger. `faults` is empty when everything holds."""

    origin: str
    member: str
    own: bool
    size: int
    openings: int
    witnesses: tuple[str, ...]  # other members who co-signed the present size
    faults: tuple[Message, ...]


def verify_ledgers(
    node: Node, member: str | None = None, progress: Progress = lambda done: None
) -> list[Verified]:
    """Verify our ledger and all followed ones, or that of one member (`NotFoundError`)."""
    rows = node.read(lambda tx: _ledgers(node, tx, member))
    return [node.read(lambda tx: _verify(node, tx, row, progress)) for row in rows]  # noqa: B023


def _ledgers(node: Node, tx: Transaction, member: str | None) -> list[LedgerRow]:
    if member is None:
        return tx.ledgers.all()
    wanted = node.member if member == node.member else find_peer(tx, member).member
    row = tx.ledgers.of_member(wanted)
    if row is None:
        raise NotFoundError("node.peer-unknown", member=member)
    return [row]


def _verify(node: Node, tx: Transaction, row: LedgerRow, progress: Progress) -> Verified:
    row = tx.ledgers.get(row.id) or row  # as of this transaction
    faults = [*_check_note(node, tx, row), *_check_tree(tx, row, progress)]
    openings = 0
    for fault in _check_openings(tx, row):
        openings += 1
        if fault is not None:
            faults.append(fault)
    faults += [
        say("node.member-convicted", member=each.member, reason=each.reason)
        for each in tx.ledgers.convictions(row.member)
    ]
    return Verified(
        origin=row.origin,
        member=row.member,
        own=row.id == OWN_LEDGER,
        size=row.size,
        openings=openings,
        witnesses=_witnesses(tx, row),
        faults=tuple(faults),
    )


def _witnesses(tx: Transaction, row: LedgerRow) -> tuple[str, ...]:
    seen = tx.ledgers.cosignatures(row.id)
    return tuple(sorted({e.witness for e in seen if e.size == row.size and e.checked}))


def _check_note(node: Node, tx: Transaction, row: LedgerRow) -> Iterator[Message]:
    """The signed checkpoint says what the row says."""
    if row.size == 0 and not row.checkpoint:
        return  # followed, and nothing seen of it yet
    try:
        signed = open_checkpoint(row.checkpoint, _verifier(node, tx, row), node.limits).checkpoint
    except AccordError as error:
        yield error.message
        return
    if (signed.size, signed.root) != (row.size, row.root):
        yield say("node.verify-checkpoint", origin=row.origin, size=row.size)


def _verifier(node: Node, tx: Transaction, row: LedgerRow) -> Verifier:
    if row.id == OWN_LEDGER:
        return node.ledger_verifier
    peer = tx.peers.get(row.member)
    if peer is None:
        raise NotFoundError("node.peer-unknown", member=row.member)
    return decode_card(peer.card, node.limits).ledger_verifier


def _check_tree(tx: Transaction, row: LedgerRow, progress: Progress) -> Iterator[Message]:
    """Every stored tile is the one that the commitments make, and the root is the signed one."""
    frontier = Frontier()
    edge: dict[int, bytes] = {}
    for number in range(-(-row.size // WIDTH)):
        stored = tx.ledgers.tile(row.id, ENTRIES, number) or b""
        width = min(WIDTH, row.size - number * WIDTH)
        if len(stored) < width * HASH:
            yield say("node.verify-tile", level=ENTRIES, number=number)
            return
        commitments = hashes_of(stored[: width * HASH])
        frontier, rows = tiles_after_append(frontier, edge, commitments)
        for tile in rows:
            edge[tile.level] = b"" if tile.width == WIDTH else tile.data
            final = tile.width == WIDTH or frontier.size == row.size
            if final and tx.ledgers.tile(row.id, tile.level, tile.number) != tile.data:
                yield say("node.verify-tile", level=tile.level, number=tile.number)
        progress(width)
    if frontier.root() != row.root:
        yield say("node.verify-root", origin=row.origin, size=row.size)


def _check_openings(tx: Transaction, row: LedgerRow) -> Iterator[Message | None]:
    """Every opening that is held opens the commitment at its place. One value for each opening."""
    number, stored = -1, b""
    for entry in tx.entries.every(row.id):
        if row.id != OWN_LEDGER and entry.number >= row.size:
            continue  # handed over with its own proof; compared when the spine comes so far
        if entry.number // WIDTH != number:
            number = entry.number // WIDTH
            stored = tx.ledgers.tile(row.id, ENTRIES, number) or b""
        place = entry.number % WIDTH
        expected = stored[place * HASH : (place + 1) * HASH]
        good = entry.number < row.size and _commitment(tx, entry) == expected
        yield None if good else say("node.verify-opening", index=entry.number)


def _commitment(tx: Transaction, entry: EntryRow) -> bytes | None:
    """What the held entry commits to; null where neither object nor its half is there."""
    held = tx.holdings.get(entry.holding)
    body = held.body if held is not None else None
    if (entry.salt_o is None or body is None) and entry.object_half is None:
        return None
    return opening_of(entry, body).commitment()
