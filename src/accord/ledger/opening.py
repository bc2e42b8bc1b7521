"""Openings: what turns a commitment into an entry, for those it is granted to.

A full opening holds both salts, the envelope and the object. A basis opening holds the envelope
and, in place of the object, its half of the commitment: enough to check on what basis something
was passed, after the object was recalled or without showing it. `docs/reference/wire.md`,
section 4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

import msgspec

from accord.base.limits import Limits

from .commitment import HASH_BYTES, SALT_BYTES, commit_halves, envelope_half, frame, object_half
from .faults import Malformed, TooLarge, WrongCommitment

URGENT = 0
ROUTINE = 1
_FULL = 1
_BASIS = 2

_length = struct.Struct(">I")
_granted = struct.Struct(">BQQB")  # form, index, grant, lane
_plain = struct.Struct(">BQ")  # form, index


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """One entry, opened. Either `salt_o` and `object` are there, or `object_half` is."""

    index: int
    salt_e: bytes
    envelope: bytes
    salt_o: bytes | None = None
    object: bytes | None = None
    object_half: bytes | None = None

    def __post_init__(self) -> None:
        full = self.salt_o is not None and self.object is not None
        none = self.salt_o is None and self.object is None
        if (self.object_half is None) != full or not (full or none):
            raise ValueError("an opening holds its object with the salt, or the object's half")

    def commitment(self) -> bytes:
        """The commitment that this opening opens."""
        half = self.object_half
        if self.object is not None and self.salt_o is not None:
            half = object_half(self.salt_o, self.object)
        return commit_halves(envelope_half(self.salt_e, self.envelope), half or b"")

    def basis(self) -> Opening:
        """The same without the object: what a recall leaves, and what an inspector needs."""
        if self.object is None or self.salt_o is None:
            return self
        half = object_half(self.salt_o, self.object)
        return Opening(
            index=self.index, salt_e=self.salt_e, envelope=self.envelope, object_half=half
        )

    def check(self, commitment: bytes) -> None:
        """Raise `WrongCommitment` unless this opens `commitment`, the verified one at `index`."""
        if self.commitment() != commitment:
            raise WrongCommitment("ledger.opening-commitment", index=self.index)


class GrantedOpening(msgspec.Struct, frozen=True):
    """An opening on its way to a peer: its place in the peer's grants, and the lane."""

    grant: int
    lane: int  # URGENT or ROUTINE
    opening: Opening


def write_openings(granted: Iterable[GrantedOpening]) -> bytes:
    """Records, each with its length (u32, big-endian) before it."""
    records: list[bytes] = []
    for item in granted:
        opening = item.opening
        head = _granted.pack(_form(opening), opening.index, item.grant, item.lane)
        record = head + _parts(opening)
        records += _length.pack(len(record)), record
    return b"".join(records)


def read_openings(data: bytes, limits: Limits) -> list[GrantedOpening]:
    """Read what `write_openings` wrote; anything else is `Malformed` or `TooLarge`."""
    if len(data) > limits.openings_page_bytes:
        raise TooLarge("ledger.openings-bytes", found=len(data), limit=limits.openings_page_bytes)
    granted: list[GrantedOpening] = []
    at, end = 0, len(data)
    while at < end:
        if len(granted) == limits.openings_page:
            raise TooLarge("ledger.openings-count", limit=limits.openings_page)
        try:
            (length,) = _length.unpack_from(data, at)
            form, index, grant, lane = _granted.unpack_from(data, at + 4)
        except struct.error:
            raise Malformed("ledger.opening-cut", at=at) from None
        stop = at + 4 + length
        if stop > end or lane not in (URGENT, ROUTINE):
            raise Malformed("ledger.opening-cut", at=at)
        opening = _read_parts(data, at + 4 + _granted.size, stop, form, index, limits)
        granted.append(GrantedOpening(grant, lane, opening))
        at = stop
    return granted


def write_opening(opening: Opening) -> bytes:
    """One opening by itself, as evidence files hold it: form, index, parts."""
    return _plain.pack(_form(opening), opening.index) + _parts(opening)


def read_opening(data: bytes, limits: Limits) -> Opening:
    """Read what `write_opening` wrote; anything else is `Malformed` or `TooLarge`."""
    if len(data) < _plain.size:
        raise Malformed("ledger.opening-cut", at=0)
    form, index = _plain.unpack_from(data)
    return _read_parts(data, _plain.size, len(data), form, index, limits)


def _form(opening: Opening) -> int:
    return _BASIS if opening.object is None else _FULL


def _parts(opening: Opening) -> bytes:
    if opening.object is not None and opening.salt_o is not None:
        return frame(opening.salt_e, opening.envelope, opening.salt_o, opening.object)
    return frame(opening.salt_e, opening.envelope, opening.object_half or b"")


def _read_parts(data: bytes, at: int, stop: int, form: int, index: int, limits: Limits) -> Opening:
    """The framed parts of `data[at:stop]`, each within its own limit, and nothing after them."""
    if form == _FULL:
        bounds: tuple[int, ...] = (
            SALT_BYTES,
            limits.envelope_bytes,
            SALT_BYTES,
            limits.object_bytes,
        )
    elif form == _BASIS:
        bounds = (SALT_BYTES, limits.envelope_bytes, HASH_BYTES)
    else:
        raise Malformed("ledger.opening-form", found=form)
    parts: list[bytes] = []
    for bound in bounds:
        start = at + 4
        if start > stop:
            raise Malformed("ledger.opening-cut", at=at)
        length = int.from_bytes(data[at:start], "big")
        at = start + length
        if length > bound:
            raise TooLarge("ledger.opening-part", found=length, limit=bound)
        if at > stop or (bound == SALT_BYTES and length != SALT_BYTES):
            raise Malformed("ledger.opening-cut", at=start)
        parts.append(data[start:at])
    if at != stop or index >= 1 << 63:
        raise Malformed("ledger.opening-cut", at=at)
    if form == _FULL:
        return Opening(
            index=index, salt_e=parts[0], envelope=parts[1], salt_o=parts[2], object=parts[3]
        )
    return Opening(index=index, salt_e=parts[0], envelope=parts[1], object_half=parts[2])
