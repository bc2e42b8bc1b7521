"""Following a peer's ledger: its spine verified and stored, its checkpoint co-signed by us.

Following and witnessing are one durable step: the new state, its tiles and our own co-signature are
committed together, and only then is the co-signature served. A crash before the commit leaves the
old state; the same step is taken again.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from accord.base.clock import to_micros
from accord.base.errors import MachineFault
from accord.ledger import witness
from accord.ledger.card import MemberCard, decode_card
from accord.ledger.checkpoint import Checkpoint, open_checkpoint
from accord.ledger.faults import ForkedHistory, LedgerFault, Misconduct
from accord.ledger.notes import Note, Verifier, parse_note
from accord.ledger.spine import Spine, SpineStep, restore_spine
from accord.ledger.tiles import Tile, TileReader, node_reader
from accord.ledger.tree import range_root
from accord.store.records import Conviction, Cosignature, LedgerRow, PeerRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .append import SEEN_ELSEWHERE
from .contacts import stop_following
from .node import Node

_SECOND = 1_000_000


class Step(msgspec.Struct, frozen=True):
    """A step that was begun: the row it starts from, and what judges the fetched bundles."""

    row: LedgerRow
    verifying: SpineStep


def pinned(node: Node, peer: PeerRow) -> LedgerRow:
    """Where a confirmed peer's ledger stands for us."""
    card = decode_card(peer.card, node.limits)
    return node.read(lambda tx: ledger_of(tx, card))


def begin_step(node: Node, peer: PeerRow, signed: bytes, since: LedgerRow | None = None) -> Step:
    """Judge a newer checkpoint of a peer. `step.verifying.wanted()` says what is to be fetched.

    `since` is the ledger as it stood here when the checkpoint was asked for: what another process
    pinned after that does not turn an honest answer into a rollback. Raises `LedgerFault`;
    misconduct is kept as evidence first.
    """
    card = decode_card(peer.card, node.limits)

    def job(tx: Transaction) -> tuple[LedgerRow, dict[int, bytes]]:
        row = since or ledger_of(tx, card)
        return row, tx.ledgers.edge(row.id, row.size)

    row, edge = node.read(job)
    try:
        step = SpineStep(spine_of(row), edge, signed, card.ledger_verifier, node.limits)
    except Misconduct as fault:
        convict(node, card.member, fault, row.checkpoint, signed)
        raise
    return Step(row, step)


def add_bundles(
    node: Node, step: Step, bundles: Sequence[bytes], signed: bytes
) -> dict[tuple[int, int], Tile]:
    """Add the next entry bundles; the tile rows they make, the last for each place.

    Raises `LedgerFault`; misconduct is kept as evidence first.
    """
    rows: dict[tuple[int, int], Tile] = {}
    try:
        for bundle in bundles:
            rows.update({(row.level, row.number): row for row in step.verifying.add(bundle)})
    except Misconduct as fault:
        convict(node, step.row.member, fault, step.row.checkpoint, signed)
        raise
    return rows


def finish_step(node: Node, step: Step, tiles: Sequence[Tile], signed: bytes) -> Spine:
    """Pin the new state with its tiles and our co-signature, in one commit.

    `tiles` are the rows that `SpineStep.add` gave, the last for each place. Raises `ForkedHistory`
    when the tree over all entries has not the signed root, `ConflictError` when another process
    has followed this ledger meanwhile.
    """
    row = step.row
    try:
        spine = step.verifying.finish()
    except Misconduct as fault:
        convict(node, row.member, fault, row.checkpoint, signed)
        raise
    now = node.now()
    moved = msgspec.structs.replace(
        row,
        size=spine.size,
        root=spine.root,
        frontier=b"".join(spine.frontier.hashes),
        checkpoint=_bare(step.verifying.signed.note, step.verifying.verifier),
        seen=to_micros(now),
    )

    def job(tx: Transaction) -> None:
        node.check_keys(tx)
        tx.ledgers.advance(row, moved, tiles)
        _cosign(node, tx, row.id, spine, to_micros(now) // _SECOND)

    node.write(job)
    return spine


def _bare(note: Note, *signers: Verifier) -> bytes:
    """A note with one signature of each of these and none else: what we pin, keep and pass on.

    The other lines are whatever a peer put there, up to as many as a note may hold.
    """
    lines = [line for signer in signers for line in note.signatures_of(signer)[:1]]
    return Note(note.text, tuple(lines)).encode()


def spine_of(row: LedgerRow) -> Spine:
    """The pinned state of a ledger. `MachineFault` when the stored one is damaged."""
    hashes = tuple(row.frontier[at : at + 32] for at in range(0, len(row.frontier), 32))
    try:
        return restore_spine(row.origin, row.size, row.root, hashes)
    except ValueError as error:
        raise MachineFault("node.spine-damaged", origin=row.origin, problem=str(error)) from None


def ledger_of(tx: Transaction, card: MemberCard) -> LedgerRow:
    """The ledger of a confirmed member."""
    row = tx.ledgers.of_origin(card.origin)
    if row is None:
        raise MachineFault("node.ledger-missing", origin=card.origin)
    return row


def root_at(tx: Transaction, row: LedgerRow, size: int) -> bytes:
    """The root that a followed or own ledger had at an earlier size, from its stored tiles."""
    return range_root(node_reader(tile_reader(tx, row.id)), 0, size)


def tile_reader(tx: Transaction, ledger: int) -> TileReader:
    """Read stored tiles of a ledger; a missing one is a damaged store."""

    def read(level: int, number: int) -> bytes:
        data = tx.ledgers.tile(ledger, level, number)
        if data is None:
            raise MachineFault("node.tile-missing", level=level, number=number)
        return data

    return read


def _cosign(node: Node, tx: Transaction, ledger: int, spine: Spine, seconds: int) -> None:
    """Our word, as a witness, that we saw this state now; kept before anyone is shown it."""
    if spine.size == 0:
        return
    last = tx.ledgers.cosignature(ledger, node.member)
    state = None
    if last is not None:
        before = Checkpoint(spine.origin, last.size, last.root)
        state = witness.WitnessState(before, last.at // _SECOND)
    _, signature = witness.cosign(state, spine, seconds, node.witness_signer)
    note = parse_note(tx.ledgers.get(ledger).checkpoint)  # type: ignore[union-attr]
    tx.ledgers.put_cosignature(
        Cosignature(
            ledger=ledger,
            witness=node.member,
            size=spine.size,
            root=spine.root,
            at=seconds * _SECOND,
            note=note.with_signatures([signature]).encode(),
            checked=True,
        )
    )


def convict(node: Node, member: str, fault: LedgerFault, first: bytes, second: bytes) -> None:
    """Keep the two signed notes that contradict each other; following the member stops."""
    now = node.now()
    proved = Conviction(
        member=member, reason=fault.message.key, first=first, second=second, at=to_micros(now)
    )

    def job(tx: Transaction) -> None:
        tx.ledgers.convict(proved)
        stop_following(tx, member, fault.message, now)

    node.write(job)


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
    verifier = _verifier_of(node, row)
    opened = open_checkpoint(signed, verifier, node.limits)
    if opened.checkpoint.size == 0:
        return
    note = _bare(opened.note, verifier, witness_card.witness_verifier)
    seen = witness.read_cosignatures(
        opened,
        [witness_card.witness_verifier],
        now=int(now.timestamp()),
        skew=node.limits.clock_skew_seconds,
    )
    for each in seen:
        _check_witness(node, witness_card, each, known, note)
        _keep_cosignature(node, row, witness_card.member, each, note)


def _verifier_of(node: Node, row: LedgerRow) -> Verifier:
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
            # Our own key signed more than this store holds: it is an older copy. See `append`.
            tx.settings.set(SEEN_ELSEWHERE, str(size))
        ours = root_at(tx, row, size) if covered else None
        if ours is not None and ours != seen.checkpoint.root:
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
