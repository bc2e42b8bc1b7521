"""C2SP tlog-checkpoint: origin, size and root of a ledger, signed by its key.

Ledgers of this project write no extension lines and refuse them, since what a monitor cannot
audit has no place in a statement that everybody relies on.
"""

from __future__ import annotations

import re

import msgspec

from accord.base.limits import Limits

from .faults import BadSignature, Malformed, TooLarge, WrongOrigin
from .notes import Note, Signer, Verifier, decode_base64, encode_base64, parse_note, verified

MAX_SIZE = 1 << 62
_SIZE = re.compile(r"0|[1-9]\d{0,18}", re.ASCII)


class Checkpoint(msgspec.Struct, frozen=True):
    """The state of a ledger: its name, how many entries, and the root of the tree over them."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """The text that is signed and co-signed: three lines."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


class SignedCheckpoint(msgspec.Struct, frozen=True):
    """A checkpoint whose ledger's signature was verified, with the note it came in."""

    checkpoint: Checkpoint
    note: Note


def parse_body(text: str) -> Checkpoint:
    """Read the three lines of a checkpoint; `Malformed` for any other writing."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise Malformed("ledger.checkpoint-form")
    size, root = int(lines[1]), decode_base64(lines[2])
    if len(root) != 32 or size > MAX_SIZE:
        raise Malformed("ledger.checkpoint-form")
    return Checkpoint(lines[0], size, root)


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """The signed note of a checkpoint. The ledger key's name is the origin."""
    if signer.verifier.name != checkpoint.origin:
        raise ValueError("a ledger signs its own checkpoints only")
    return Note(checkpoint.body(), (signer.sign(checkpoint.body()),)).encode()


def open_checkpoint(signed: bytes, verifier: Verifier, limits: Limits) -> SignedCheckpoint:
    """Read a checkpoint and verify that the ledger `verifier` is of has signed it.

    Raises `TooLarge`, `Malformed`, `WrongOrigin` (another ledger's) or `BadSignature`.
    """
    if len(signed) > limits.checkpoint_bytes:
        raise TooLarge("ledger.checkpoint-bytes", found=len(signed), limit=limits.checkpoint_bytes)
    note = parse_note(signed)
    checkpoint = parse_body(note.text)
    if checkpoint.origin != verifier.name:
        raise WrongOrigin(
            "ledger.checkpoint-origin", found=checkpoint.origin[:100], expected=verifier.name
        )
    if not verified(note, verifier):
        raise BadSignature("ledger.signature-missing", name=verifier.name)
    return SignedCheckpoint(checkpoint, note)
