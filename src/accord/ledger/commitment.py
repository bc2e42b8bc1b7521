"""Commitments: 32 bytes that bind an envelope and an object, and reveal neither.

Two halves with a salt each, so that the basis of a transfer can be shown, or kept after a recall,
without the object. Every part is framed (`u32 big-endian length ‖ bytes`), so that no two lists of
parts share one writing. `docs/reference/wire.md`, section 2.
"""

from __future__ import annotations

from hashlib import sha256
from struct import Struct

SALT_BYTES = 32
HASH_BYTES = 32

_length = Struct(">I").pack


def frame(*parts: bytes) -> bytes:
    """Each part with its length (u32, big-endian) before it, joined."""
    return b"".join([piece for part in parts for piece in (_length(len(part)), part)])


_ENTRY = frame(b"accord/entry/v1") + _length(HASH_BYTES)
_ENVELOPE = frame(b"accord/envelope/v1") + _length(SALT_BYTES)
_OBJECT = frame(b"accord/object/v1") + _length(SALT_BYTES)
_HALF = _length(HASH_BYTES)


def envelope_half(salt: bytes, envelope: bytes) -> bytes:
    """The half of a commitment that binds the envelope's bytes."""
    _check_salt(salt)
    return sha256(_ENVELOPE + salt + _length(len(envelope)) + envelope).digest()


def object_half(salt: bytes, body: bytes) -> bytes:
    """The half of a commitment that binds the object's bytes, `body`."""
    _check_salt(salt)
    return sha256(_OBJECT + salt + _length(len(body)) + body).digest()


def commit_halves(half_e: bytes, half_o: bytes) -> bytes:
    """The commitment of two halves, 32 bytes each."""
    if len(half_e) != HASH_BYTES or len(half_o) != HASH_BYTES:
        raise ValueError("a half is 32 bytes")
    return sha256(_ENTRY + half_e + _HALF + half_o).digest()


def commit(envelope: bytes, body: bytes, salt_e: bytes, salt_o: bytes) -> bytes:
    """The commitment of an entry: 32 bytes, the entry of the tree (not yet its leaf hash)."""
    return commit_halves(envelope_half(salt_e, envelope), object_half(salt_o, body))


def _check_salt(salt: bytes) -> None:
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt is 32 bytes")
