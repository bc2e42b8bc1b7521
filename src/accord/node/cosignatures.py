"""What witnesses saw of a ledger, ours or one we follow, held against our own view of it.

A co-signature of a size that we have not seen yet waits until we have. Two histories of one ledger
are kept as evidence, and following the member that signed both stops.
"""

from __future__ import annotations

from collections.abc import Sequence

from accord.base.errors import MachineFault
from accord.ledger import witness
from accord.ledger.card import MemberCard, decode_card
from accord.ledger.checkpoint import Checkpoint, open_checkpoint
from accord.ledger.faults import ForkedHistory, Misconduct
from accord.ledger.notes import Verifier
from accord.ledger.tiles import node_reader
from accord.ledger.tree import range_root
from accord.store.records import Cosignature, LedgerRow, PeerRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .following import bare_note, convict, tile_reader
from .history import note_fork, note_seen
from .node import Node

_SECOND = 1_000_000


def root_at(tx: Transaction, row: LedgerRow, size: int) -> bytes:
    """The root that a followed or own ledger had at an earlier size, from its stored tiles."""
    return range_root(node_reader(tile_reader(tx, row.id)), 0, size)


def take_cosignature(node: Node, witness_peer: PeerRow, origin: str, signed: bytes) -> None:
    """Take in what a peer, as witness, co-signed of a ledger (ours, or one we follow).

    The checkpoint must be signed by that ledger and co-signed by this witness. It is compared with
    our own view: now if we have seen that much, else when we have. Raises `LedgerFault`;
    `ForkedHistory` when the ledger showed the two of us different histories.
    """
    witness_card = decode_card(witness_peer.card, node.limits)
    now = node.now()

    def job(tx: Transaction) -> tuple[LedgerRow, list[Cosignature]] | None:
        row = tx.ledgers.of_origin(origin)
        if row is None:
            return None
        known = [
            each for each in tx.ledgers.cosignatures(row.id) if each.witness == witness_card.member
        ]
        return row, known

    found = node.read(job)
    if found is None:
        return
    row, known = found
    verifier = verifier_of(node, row)
    opened = open_checkpoint(signed, verifier, node.limits)
    if opened.checkpoint.size == 0:
        return
    note = bare_note(opened.note, verifier, witness_card.witness_verifier)
    seen = witness.read_cosignatures(
        opened,
        [witness_card.witness_verifier],
        now=int(now.timestamp()),
        skew=node.limits.clock_skew_seconds,
    )
    for each in seen:
        if any((old.size, old.at, old.root) == _kept_as(each) for old in known):
            continue  # asked again before the witness had seen more
        _check_witness(node, witness_card, each, known, note)
        _keep_cosignature(node, row, witness_card.member, each, note)


def _kept_as(seen: witness.Cosignature) -> tuple[int, int, bytes]:
    return seen.checkpoint.size, seen.time * _SECOND, seen.checkpoint.root


def verifier_of(node: Node, row: LedgerRow) -> Verifier:
    """The key that signs a ledger's checkpoints, ours or a peer's, as its card says now."""
    if row.origin == node.origin:
        return node.ledger_verifier
    peer = node.read(lambda tx: tx.peers.get(row.member))
    if peer is None:
        raise MachineFault("node.ledger-missing", origin=row.origin)
    return decode_card(peer.card, node.limits).ledger_verifier


def _check_witness(
    node: Node,
    card: MemberCard,
    new: witness.Cosignature,
    known: Sequence[Cosignature],
    note: bytes,
) -> None:
    """A witness whose times or sizes go backwards convicts itself: both notes are kept."""
    for old in known:
        before = witness.Cosignature(
            card.witness_verifier,
            Checkpoint(new.checkpoint.origin, old.size, old.root),
            old.at // _SECOND,
        )
        try:
            witness.check_record([before], new)
        except Misconduct as fault:
            convict(node, card.member, fault, old.note, note)
            raise


def _keep_cosignature(
    node: Node,
    row: LedgerRow,
    member: str,
    seen: witness.Cosignature,
    note: bytes,
) -> None:
    size = seen.checkpoint.size

    def job(tx: Transaction) -> bytes | None:
        now_row = tx.ledgers.get(row.id)
        covered = now_row is not None and size <= now_row.size
        if row.id == OWN_LEDGER and not covered:
            note_seen(tx, size, node.micros())  # our own key signed more than this store holds
        ours = root_at(tx, row, size) if covered else None
        if ours is not None and ours != seen.checkpoint.root:
            if row.id == OWN_LEDGER:
                note_fork(tx, node.micros())
            return ours
        tx.ledgers.put_cosignature(
            Cosignature(
                ledger=row.id,
                witness=member,
                size=size,
                root=seen.checkpoint.root,
                at=seen.time * _SECOND,
                note=note,
                checked=covered,
            )
        )
        return None

    if node.write(job) is not None:
        fault = ForkedHistory("ledger.forked", origin=row.origin, size=size)
        convict(node, row.member, fault, row.checkpoint, note)
        raise fault


def check_waiting_cosignatures(node: Node, peer: PeerRow) -> None:
    """Compare what witnesses saw beyond our view with what we have verified since.

    Raises `ForkedHistory`, with both notes kept, when the peer showed others another history.
    """

    def waits(tx: Transaction) -> bool:
        row = tx.ledgers.of_member(peer.member)
        return row is not None and bool(tx.ledgers.unchecked(row.id, row.size))

    def job(tx: Transaction) -> tuple[LedgerRow, Cosignature] | None:
        row = tx.ledgers.of_member(peer.member)
        if row is None:
            return None
        for waiting in tx.ledgers.unchecked(row.id, row.size):
            if root_at(tx, row, waiting.size) != waiting.root:
                return row, waiting
            tx.ledgers.mark_checked(waiting)
        return None

    found = node.write(job) if node.read(waits) else None
    if found is not None:
        row, contradicting = found
        fault = ForkedHistory("ledger.forked", origin=row.origin, size=contradicting.size)
        convict(node, row.member, fault, row.checkpoint, contradicting.note)
        raise fault
