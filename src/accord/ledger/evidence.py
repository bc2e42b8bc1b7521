"""Evidence files: one opened entry, its proof, its checkpoint and the cards of all who signed.

An evidence file is a C2SP `.tlog-proof` whose `extra` line holds the opening and the cards, so
that standard tools can verify its proof and this module everything. It needs nothing else, no
network and no node; whom the fingerprints belong to is for the reader to know.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from accord.base.limits import Limits

from .card import MemberCard, decode_card
from .checkpoint import SignedCheckpoint, open_checkpoint
from .commitment import frame
from .envelope import Envelope, decode_envelope
from .faults import Malformed, TooLarge, WrongOrigin
from .opening import Opening, read_opening, write_opening
from .proof import TlogProof, parse_proof, write_proof
from .witness import Cosignature, read_cosignatures

MAX_BYTES = 4 * 1024 * 1024
MAX_WITNESSES = 33
_TAG = b"accord/evidence/v1"


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A checked evidence file: all signatures and proofs in it hold."""

    opening: Opening
    envelope: Envelope
    author: MemberCard
    signed: SignedCheckpoint
    cosignatures: tuple[Cosignature, ...]
    witnesses: tuple[MemberCard, ...]  # whose cards are in the file, signed or not


def write_evidence(
    opening: Opening,
    hashes: Sequence[bytes],
    checkpoint: bytes,
    author: bytes,
    witnesses: Sequence[bytes] = (),
) -> bytes:
    """The text of an evidence file.

    `hashes` is the inclusion proof of `opening.index` under `checkpoint` (the signed note with its
    co-signatures); `author` and `witnesses` are cards as served.
    """
    extra = frame(_TAG, write_opening(opening), author, *witnesses)
    return write_proof(
        TlogProof(extra=extra, index=opening.index, hashes=tuple(hashes), checkpoint=checkpoint)
    )


def check_evidence(data: bytes, limits: Limits, *, now: int) -> Evidence:
    """Read an evidence file and check all that can be checked without knowing anybody.

    The opening opens the commitment that the proof places under the root which the author's
    ledger signed, and every co-signature is by a card in the file. `now` is in POSIX seconds.
    Raises a `LedgerFault`, or `InputError` for an envelope of a later version.
    """
    proof = parse_proof(data, MAX_BYTES)
    tag, *parts = _unframe(proof.extra or b"")
    if tag != _TAG or not 2 <= len(parts) <= 2 + MAX_WITNESSES:
        raise Malformed("ledger.evidence-form")
    opening = read_opening(parts[0], limits)
    author, *witnesses = [decode_card(part, limits) for part in parts[1:]]
    signed = open_checkpoint(proof.checkpoint, author.ledger_verifier, limits)
    if opening.index != proof.index:
        raise Malformed("ledger.evidence-form")
    proof.verify(opening.commitment(), signed.checkpoint)
    envelope = decode_envelope(opening.envelope)
    check_authorship(envelope, author.origin, author.member)
    if len({card.origin for card in (author, *witnesses)}) != 1 + len(witnesses):
        raise Malformed("ledger.evidence-form")
    seen = read_cosignatures(
        signed,
        [card.witness_verifier for card in witnesses],
        now=now,
        skew=limits.clock_skew_seconds,
    )
    return Evidence(
        opening=opening,
        envelope=envelope,
        author=author,
        signed=signed,
        cosignatures=seen,
        witnesses=tuple(witnesses),
    )


def check_authorship(envelope: Envelope, origin: str, member: str) -> None:
    """Raise `WrongOrigin` unless the envelope was written for this ledger, by its member.

    Without this, a member could append another's opening, or its commitment, as its own.
    """
    if envelope.origin != origin or envelope.author != member:
        raise WrongOrigin("ledger.envelope-origin", found=envelope.origin[:100], expected=origin)


def _unframe(data: bytes) -> list[bytes]:
    parts: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + 4
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or start > len(data):
            raise Malformed("ledger.evidence-form")
        if len(parts) > MAX_WITNESSES + 2:
            raise TooLarge("ledger.evidence-parts", limit=MAX_WITNESSES)
        parts.append(data[start:at])
    return parts or [b""]
