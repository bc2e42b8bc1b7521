"""What we remember of a peer's ledger, for that peer when it lost its own memory.

Only what it had itself: its signed checkpoint, its commitments, the openings it gave us, how far we
took its grants, and its own words as a witness. It is asked for by the author, so nothing of it is
news to whoever may ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import groupby, islice

import msgspec

from accord.base.errors import NotFoundError
from accord.ledger.opening import ROUTINE, GrantedOpening, Opening, read_opening
from accord.store.records import LedgerRow, PeerRow
from accord.store.transaction import Transaction

from .ahead import notes_ahead
from .held import opening_of
from .node import Node
from .serving import Cursor, Page
from .witnessing import size_of

_OVERHEAD = 256  # bytes of framing, salts and lengths of one opening


class Memory(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a peer remembers of the asker.

    `checkpoint`: the largest checkpoint of the asker's ledger that it verified, null for none;
    `ahead`: a larger one that it was shown, by a witness or as evidence, and could not follow;
    `cursor`: how far it took the asker's grants; `cosigned`: for each ledger it knows, the
    checkpoint with the asker's newest co-signature.
    """

    checkpoint: str | None
    ahead: str | None
    cursor: str
    cosigned: tuple[str, ...] = ()


def memory_of(node: Node, peer: PeerRow) -> Memory:
    """What we remember of `peer`."""

    def job(tx: Transaction) -> Memory:
        row = _ledger(tx, peer)
        now_peer = tx.peers.by_id(peer.id) or peer
        seen = (tx.ledgers.cosignature(each.id, peer.member) for each in tx.ledgers.all())
        return Memory(
            checkpoint=row.checkpoint.decode() if row.size else None,
            ahead=_ahead(tx, row),
            cursor=str(Cursor(now_peer.urgent_cursor, now_peer.routine_cursor)),
            cosigned=tuple(each.note.decode() for each in seen if each is not None),
        )

    return node.read(job)


def openings_given_by(node: Node, peer: PeerRow, start: int, limit: int) -> Page:
    """What `peer` opened to us of its ledger, by place from `start`; what waits here included."""
    limits = node.limits
    wanted = max(1, min(limit, limits.openings_page))

    def job(tx: Transaction) -> Page:
        row = _ledger(tx, peer)
        found: list[GrantedOpening] = []
        size = 0
        for opening in islice(_openings(node, tx, row, start, wanted + 1), wanted + 1):
            size += len(opening.envelope) + len(opening.object or b"") + _OVERHEAD
            if len(found) == wanted or (found and size > limits.openings_page_bytes):
                return Page(tuple(found), True)
            found.append(GrantedOpening(0, ROUTINE, opening))
        return Page(tuple(found), False)

    return node.read(job)


def ledger_given_by(node: Node, peer: PeerRow) -> LedgerRow:
    """The peer's ledger as we follow it."""
    return node.read(lambda tx: _ledger(tx, peer))


def _openings(
    node: Node, tx: Transaction, row: LedgerRow, start: int, limit: int
) -> Iterator[Opening]:
    """In order of their places, each place once."""
    rows = list(islice(tx.entries.every(row.id, limit, start), limit))
    held = tx.erasure.holdings(entry.holding for entry in rows)
    kept = (
        (entry.number, opening_of(entry, held[entry.holding].body))
        for entry in rows
        if entry.number < row.size
    )
    waiting = (
        (each.number, read_opening(each.opening, node.limits))
        for each in tx.quarantine.by_number(row.id, start, limit)
        if each.number < row.size
    )
    both = merge(kept, waiting, key=lambda pair: pair[0])
    for _, same in groupby(both, key=lambda pair: pair[0]):
        yield next(same)[1]


def _ahead(tx: Transaction, row: LedgerRow) -> str | None:
    """The largest checkpoint that the asker signed and we know of, beyond what we verified."""
    notes = [each.note for each in tx.ledgers.cosignatures(row.id, 1)]
    notes += notes_ahead(tx, row)
    largest = max(notes, key=size_of, default=b"")
    return largest.decode() if largest and size_of(largest) > row.size else None


def _ledger(tx: Transaction, peer: PeerRow) -> LedgerRow:
    row = tx.ledgers.of_member(peer.member)
    if row is None:
        raise NotFoundError("node.not-witnessed", origin=peer.member)
    return row
