"""The record of transfers as a chain: each line binds all lines before it.

Whoever noted the last link once can tell later whether a line was changed, taken out or put in
before it. The lines tell who was given which place, and why; never content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

import msgspec

from accord.base.errors import InputError

from .commitment import frame

START = bytes(32)  # the link before the first line
_LABEL = b"accord/transfer/v1"
_LINK = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Basis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line without its verdict. `at` is in microseconds since 1970, `commitment` hex."""

    seq: int
    at: int
    direction: str  # out, in, refused or held
    peer: str
    origin: str
    index: int
    commitment: str
    agreement: str | None
    tlp: str | None
    facts: int


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line as it is exported: with the verdict, byte for byte, and the link (hex)."""

    basis: Basis
    verdict: msgspec.Raw
    link: str


class Head(msgspec.Struct, frozen=True):
    """How far a chain goes: its lines, and the last link. An inspector notes it down."""

    lines: int = 0
    link: bytes = START

    def __str__(self) -> str:
        return f"{self.lines}:{self.link.hex()}"

    @staticmethod
    def parse(text: str) -> Head:
        """Read what `str` wrote. Raises `InputError`."""
        lines, _, link = text.partition(":")
        if not lines.isdecimal() or not _LINK.fullmatch(link):
            raise InputError("ledger.record-head", found=text[:100])
        return Head(int(lines), bytes.fromhex(link))

    def next(self, basis: Basis, verdict: bytes, noted: Head | None = None) -> Head:
        """The head after one more line.

        Raises `InputError` when the line is out of turn, or the chain is not the one of which
        `noted` was the head once.
        """
        head = Head(self.lines + 1, link_of(self.link, basis, verdict))
        if basis.seq != head.lines:
            raise InputError("ledger.record-broken", line=head.lines)
        if noted is not None and noted.lines == head.lines and noted.link != head.link:
            raise InputError("ledger.record-other", line=head.lines)
        return head

    def reaches(self, noted: Head | None) -> None:
        """Raise `InputError` when the chain ends before the noted head."""
        if noted is not None and noted.lines > self.lines:
            raise InputError("ledger.record-short", lines=self.lines, noted=noted.lines)


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Line)


def link_of(previous: bytes, basis: Basis, verdict: bytes) -> bytes:
    """The link of a line: SHA-256 over the link before it, its basis and its verdict."""
    return sha256(frame(_LABEL, previous, _encoder.encode(basis), verdict)).digest()


def write_line(basis: Basis, verdict: bytes, link: bytes) -> bytes:
    """A line of an export, with its newline."""
    return _encoder.encode(Line(basis, msgspec.Raw(verdict), link.hex())) + b"\n"


def check_lines(lines: Iterable[bytes], noted: Head | None = None) -> Head:
    """Check an export from its first line to its last, and against a head noted before.

    Raises `InputError` that names the first line that is not what the one before it leads to.
    """
    head = Head()
    for number, raw in enumerate(lines, start=1):
        try:
            line = _decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            problem = str(error)[:100]
            raise InputError("ledger.record-line", line=number, problem=problem) from None
        head = head.next(line.basis, bytes(line.verdict), noted)
        if head.link.hex() != line.link:
            raise InputError("ledger.record-broken", line=number)
    head.reaches(noted)
    return head
