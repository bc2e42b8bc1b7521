"""Reading openings: each must open the verified commitment of its place; then envelope and object.

Bytes and a verified spine in, values out; nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from accord.base.errors import InputError
from accord.base.messages import Message, say
from accord.ledger.envelope import Envelope, EnvelopeReader, decode_envelope
from accord.ledger.evidence import check_authorship
from accord.ledger.faults import Malformed, WrongOrigin
from accord.ledger.opening import Opening
from accord.stix.faults import InvalidObject
from accord.stix.objects import StixObject
from accord.store.transaction import Transaction

from .node import Node


class Read(msgspec.Struct, frozen=True):
    """An opening that was read: its envelope and, if it is valid, its object.

    `problem` says why there is no object; `foreign` that the entry is not its ledger's own.
    """

    opening: Opening
    commitment: bytes
    envelope: Envelope | None
    item: StixObject | None
    problem: Message | None
    foreign: bool = False


def read_openings_of(node: Node, member: str, openings: Sequence[Opening]) -> list[Read]:
    """Check each opening against the verified spine of `member`, and read it.

    Raises `Malformed` for a place beyond the spine, `WrongCommitment` for an opening that is not
    what its place committed to. What is wrong inside an opening becomes its `problem`.
    """
    origin, commitments = node.read(lambda tx: _commitments(tx, member, openings))
    pairs = zip(openings, commitments, strict=True)
    decode = EnvelopeReader().read
    return [read_one(node, each, commitment, origin, member, decode) for each, commitment in pairs]


def _commitments(
    tx: Transaction, member: str, openings: Sequence[Opening]
) -> tuple[str, list[bytes]]:
    row = tx.ledgers.of_member(member)
    size = row.size if row is not None else 0
    for opening in openings:
        if opening.index >= size:
            raise Malformed("node.opening-beyond", index=opening.index, size=size)
    if row is None:
        return "", []
    found = tx.ledgers.commitments(row.id, [opening.index for opening in openings])
    for opening, commitment in zip(openings, found, strict=True):
        opening.check(commitment)
    return row.origin, found


def read_one(
    node: Node,
    opening: Opening,
    commitment: bytes,
    origin: str,
    member: str,
    decode: Callable[[bytes], Envelope] = decode_envelope,
) -> Read:
    """Envelope and object of an opening; what is wrong with them is kept as a reason.

    That it opens the commitment was checked before.
    """
    try:
        envelope = decode(opening.envelope)
    except InputError as error:
        return Read(opening, commitment, None, None, error.message)
    try:
        check_authorship(envelope, origin, member)
    except WrongOrigin as fault:
        return Read(opening, commitment, envelope, None, fault.message, foreign=True)
    if opening.object is None:
        return Read(opening, commitment, envelope, None, say("node.object-withheld"))
    try:
        item = node.checker.check(opening.object).object
    except InvalidObject as error:
        return Read(opening, commitment, envelope, None, error.faults[0].message)
    ref = envelope.object
    if (ref.id, ref.type, ref.modified or "") != (item.id, item.type, item.version):
        problem = say("node.object-other", envelope=ref.id, object=item.id)
        return Read(opening, commitment, envelope, None, problem)
    return Read(opening, commitment, envelope, item, None)
