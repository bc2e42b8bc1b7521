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
from accord.ledger.checkpoint import Checkpoint
from accord.ledger.faults import ForkedHistory, LedgerFault, Misconduct
from accord.ledger.notes import Note, Verifier, parse_note
from accord.ledger.spine import Spine, SpineStep, restore_spine
from accord.ledger.tiles import Tile, TileReader
from accord.store.records import Conviction, Cosignature, LedgerRow, PeerRow
from accord.store.transaction import Transaction

from .ahead import contradicted, covered
from .contacts import stop_following
from .history import refuse_while_waiting
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
        checkpoint=bare_note(step.verifying.signed.note, step.verifying.verifier),
        seen=to_micros(now),
    )

    if (other := node.read(lambda tx: contradicted(tx, row, tiles))) is not None:
        forked = ForkedHistory("ledger.forked", origin=row.origin, size=spine.size)
        convict(node, row.member, forked, other, signed)
        raise forked

    def job(tx: Transaction) -> None:
        node.check_keys(tx)
        refuse_while_waiting(tx)  # the word of a witness does not go back either
        tx.ledgers.advance(row, moved, tiles)
        covered(tx, row, spine.size)
        _cosign(node, tx, row.id, spine, to_micros(now) // _SECOND)

    node.write(job)
    return spine


def bare_note(note: Note, *signers: Verifier) -> bytes:
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
