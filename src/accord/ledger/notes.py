"""C2SP signed-note: text, an empty line, signature lines; and vkey strings for public keys.

Only two of the signature types are known here: Ed25519 (0x01, for ledgers) and timestamped
Ed25519 co-signatures (0x04, for witnesses). A key is always the whole 32 bytes: the four-byte key
id finds candidates and never decides anything.
"""

from __future__ import annotations

import binascii
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .faults import BadSignature, Malformed, TooLarge

ED25519: Final = 0x01
COSIGNATURE_V1: Final = 0x04
MAX_SIGNATURES = 100  # in one note; the specification wants at least 16
MAX_NAME = 255  # characters
_DASH = "\u2014 "
_COSIGNATURE_BYTES = 8 + 64

# Points of small order, as the y coordinate: with such a key anybody can sign for it.
_P = 2**255 - 19
_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = frozenset({0, 1, _P - 1, _ORDER_8, _P - _ORDER_8})


class Verifier(msgspec.Struct, frozen=True):
    """A public key with its name and the one type of signature it is good for."""

    name: str
    type: int  # ED25519 or COSIGNATURE_V1
    key: bytes  # 32 bytes

    @property
    def key_id(self) -> int:
        """SHA-256(name ‖ 0x0A ‖ type ‖ key), the first four bytes. Never proof of anything."""
        material = self.name.encode() + b"\n" + bytes([self.type]) + self.key
        return int.from_bytes(sha256(material).digest()[:4], "big")

    @property
    def vkey(self) -> str:
        """`<name>+<key id, hex>+<base64 of type and key>`."""
        return f"{self.name}+{self.key_id:08x}+{encode_base64(bytes([self.type]) + self.key)}"

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` (64 bytes) is this key's over `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Signature(msgspec.Struct, frozen=True):
    """One signature line. `blob` is what follows the key id: its form depends on the type."""

    name: str
    key_id: int
    blob: bytes

    def line(self) -> str:
        return f"{_DASH}{self.name} {encode_base64(self.key_id.to_bytes(4, 'big') + self.blob)}\n"


class Note(msgspec.Struct, frozen=True):
    """A text, ending in a newline, and the signatures under it, not yet verified."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        return f"{self.text}\n{''.join(line.line() for line in self.signatures)}".encode()

    def with_signatures(self, added: Iterable[Signature]) -> Note:
        """The same note with signatures added that it does not hold yet."""
        new = [line for line in dict.fromkeys(added) if line not in self.signatures]
        return Note(self.text, (*self.signatures, *new))

    def signatures_of(self, verifier: Verifier) -> list[Signature]:
        """The lines that claim to be of this key: same name, same key id. Not yet verified."""
        wanted = (verifier.name, verifier.key_id)
        return [line for line in self.signatures if (line.name, line.key_id) == wanted]


def parse_note(data: bytes) -> Note:
    """Read a note; `Malformed` unless writing it again gives the same bytes."""
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise Malformed("ledger.note-text") from None
    if any(char < " " and char != "\n" for char in whole):
        raise Malformed("ledger.note-text")
    text, separator, lines = whole.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise Malformed("ledger.note-form")
    rows = lines[:-1].split("\n")
    if len(rows) > MAX_SIGNATURES:
        raise TooLarge("ledger.note-signatures", found=len(rows), limit=MAX_SIGNATURES)
    return Note(text + "\n", tuple(_parse_line(row) for row in rows))


def _parse_line(row: str) -> Signature:
    name, space, encoded = row.removeprefix(_DASH).partition(" ")
    blob = decode_base64(encoded)
    if not row.startswith(_DASH) or not space or not valid_name(name) or len(blob) < 5:
        raise Malformed("ledger.note-line", line=row[:100])
    return Signature(name, int.from_bytes(blob[:4], "big"), blob[4:])


def parse_vkey(text: str) -> Verifier:
    """Read a vkey string; `Malformed` unless every part is as it must be."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    material = decode_base64(encoded)
    if len(material) == 33 and material[0] in (ED25519, COSIGNATURE_V1) and valid_name(name):
        verifier = Verifier(name, material[0], check_public_key(material[1:]))
        if key_id == f"{verifier.key_id:08x}":
            return verifier
    raise Malformed("ledger.vkey", text=text[:100])


def check_public_key(key: bytes) -> bytes:
    """The same 32 bytes, or `Malformed` for a key that others could sign for.

    RFC 8032 lets a public key be a point of small order, under which one signature fits many
    messages, and lets one point be written in two ways; neither can identify a member.
    """
    y = int.from_bytes(key, "little") & ((1 << 255) - 1)
    if len(key) != 32 or y >= _P or y in _SMALL_ORDER:
        raise Malformed("ledger.public-key")
    return key


def valid_name(name: str) -> bool:
    """A key name: not empty, no space of any script, no plus, no control character."""
    return 0 < len(name) <= MAX_NAME and not any(
        char == "+" or char.isspace() or unicodedata.category(char) in ("Cc", "Zs", "Zl", "Zp")
        for char in name
    )


def verified(note: Note, verifier: Verifier) -> bool:
    """Whether the note carries an Ed25519 signature of this key.

    False when no line claims to be of it. A line that claims to be and is not: `BadSignature`.
    """
    lines = note.signatures_of(verifier)
    if verifier.type != ED25519:
        raise ValueError("a witness key signs with a time: use `cosigned_at`")
    message = note.text.encode()
    for line in lines:
        if not verifier.verify(message, line.blob):
            raise BadSignature("ledger.signature-bad", name=verifier.name)
    return bool(lines)


def cosigned_at(note: Note, verifier: Verifier) -> tuple[int, ...]:
    """The POSIX times (seconds) at which this witness key co-signed the note (cosignature/v1).

    A line that claims to be of the key and is not raises `BadSignature`.
    """
    if verifier.type != COSIGNATURE_V1:
        raise ValueError("a ledger key does not co-sign: use `verified`")
    times: list[int] = []
    for line in note.signatures_of(verifier):
        seconds = int.from_bytes(line.blob[:8], "big")
        well_formed = len(line.blob) == _COSIGNATURE_BYTES and seconds < 1 << 63
        if not well_formed or not verifier.verify(
            _cosigned_message(note.text, seconds), line.blob[8:]
        ):
            raise BadSignature("ledger.signature-bad", name=verifier.name)
        times.append(seconds)
    return tuple(times)


class Signer:
    """A private key under its name. Give it to what signs, and nothing else."""

    def __init__(self, verifier: Verifier, private: Ed25519PrivateKey) -> None:
        if private.public_key().public_bytes_raw() != verifier.key:
            raise ValueError("the private key is not of this verifier")
        self.verifier = verifier
        self._private = private

    def sign(self, text: str) -> Signature:
        """An Ed25519 signature over the text of a note."""
        if self.verifier.type != ED25519:
            raise ValueError("a witness key only co-signs")
        return self._line(self._private.sign(text.encode()))

    def cosign(self, text: str, seconds: int) -> Signature:
        """A cosignature/v1 over the text of a checkpoint, at a POSIX time."""
        if self.verifier.type != COSIGNATURE_V1:
            raise ValueError("a ledger key does not co-sign")
        signed = self._private.sign(_cosigned_message(text, seconds))
        return self._line(seconds.to_bytes(8, "big") + signed)

    def _line(self, blob: bytes) -> Signature:
        return Signature(self.verifier.name, self.verifier.key_id, blob)


def _cosigned_message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding, RFC 4648, section 4."""
    return b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """The bytes of standard base64 in its one canonical writing; `Malformed` otherwise."""
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("ledger.base64", text=text[:100]) from None
    if encode_base64(data) != text:
        raise Malformed("ledger.base64", text=text[:100])
    return data
