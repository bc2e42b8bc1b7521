"""C2SP tlog-proof: one entry's place in a signed tree, in a text file that is checked offline."""

from __future__ import annotations

import re

import msgspec

from .checkpoint import Checkpoint
from .faults import Malformed, TooLarge
from .notes import decode_base64, encode_base64
from .tree import leaf_hash, verify_inclusion

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9]\d{0,18})", re.ASCII)
MAX_HASHES = 63


class TlogProof(msgspec.Struct, frozen=True, kw_only=True):
    """An inclusion proof with the checkpoint note it leads to, not yet verified."""

    extra: bytes | None
    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes  # the signed note, verbatim

    def verify(self, commitment: bytes, checkpoint: Checkpoint) -> None:
        """Raise `BadProof` unless `commitment` is the entry at `index` under `checkpoint`."""
        leaf = leaf_hash(commitment)
        verify_inclusion(leaf, self.index, checkpoint.size, self.hashes, checkpoint.root)


def write_proof(proof: TlogProof) -> bytes:
    """The text of a proof."""
    lines = [_HEADER]
    if proof.extra is not None:
        lines.append(f"extra {encode_base64(proof.extra)}")
    lines.append(f"index {proof.index}")
    lines += [encode_base64(sibling) for sibling in proof.hashes]
    return "\n".join([*lines, "", ""]).encode() + proof.checkpoint


def parse_proof(data: bytes, max_bytes: int) -> TlogProof:
    """Read a proof; `Malformed` or `TooLarge` unless writing it again gives the same bytes."""
    if len(data) > max_bytes:
        raise TooLarge("ledger.proof-bytes", found=len(data), limit=max_bytes)
    head, separator, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Malformed("ledger.proof-form") from None
    if not separator or lines.pop(0) != _HEADER or not lines:
        raise Malformed("ledger.proof-form")
    extra = None
    if lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra "))
    index = _INDEX.fullmatch(lines[0]) if lines else None
    if index is None or len(lines) - 1 > MAX_HASHES:
        raise Malformed("ledger.proof-form")
    hashes = tuple(decode_base64(line) for line in lines[1:])
    if any(len(sibling) != 32 for sibling in hashes):
        raise Malformed("ledger.proof-form")
    return TlogProof(extra=extra, index=int(index[1]), hashes=hashes, checkpoint=checkpoint)
