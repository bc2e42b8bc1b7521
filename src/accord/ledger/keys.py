"""The four keys of a member, never shared between uses, and the identity that follows from two.

Ledger, witness and transport keys serve every day; the recovery key is made at `init`, kept
offline, and only announces new ones. Each use is a class of its own, so that a type checker
refuses what a person might mix up, and each key file says on its first line what it is for.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from typing import ClassVar, Final, Self
from uuid import UUID, uuid5

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from mnemonic import Mnemonic

from accord.base.errors import InputError

from .commitment import frame
from .notes import COSIGNATURE_V1, ED25519, Signer, Verifier

# UUIDv5 of "urn:accord:member:v1" in the URL namespace of RFC 9562
ACCORD_NAMESPACE: Final = UUID("d6d8b78b-ce19-527b-9dd6-279d3ef57775")
WORD_LANGUAGES: Final = ("english", "chinese_simplified", "russian")
_ORIGIN = re.compile(r"accord/[0-9a-f]{40}", re.ASCII)


class _PrivateKey:
    """An Ed25519 private key for one use."""

    use: ClassVar[str]

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> Self:
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """From the 32 bytes of RFC 8032: for the recovery words, and for tests."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self._private.public_key().public_bytes_raw()

    def to_pem(self) -> str:
        """A line that says what the key is for, then PKCS#8 in PEM (RFC 7468 allows the line)."""
        pem = self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return f"{self._label()}\n{pem.decode('ascii')}"

    @classmethod
    def from_pem(cls, text: str) -> Self:
        """Read `to_pem`. `InputError` for damage, or for a key that is for another use."""
        label, _, pem = text.partition("\n")
        if label != cls._label():
            raise InputError("ledger.key-use", use=cls.use, found=label[:60])
        try:
            private = load_pem_private_key(pem.encode(), None)
        except (ValueError, TypeError):
            raise InputError("ledger.key-damaged", use=cls.use) from None
        if not isinstance(private, Ed25519PrivateKey):
            raise InputError("ledger.key-damaged", use=cls.use)
        return cls(private)

    @classmethod
    def _label(cls) -> str:
        return f"Accord {cls.use} key. Secret: whoever holds it acts as this member."

    def sign_statement(self, tag: bytes, statement: bytes) -> bytes:
        """64 bytes over `frame(tag, use, statement)`, which no note or request can look like."""
        return self._private.sign(frame(tag, self.use.encode(), statement))


class LedgerKey(_PrivateKey):
    """Signs the checkpoints of this member's own ledger, and its card."""

    use = "ledger"

    def signer(self, origin: str) -> Signer:
        return Signer(ledger_verifier(origin, self.public), self._private)


class WitnessKey(_PrivateKey):
    """Co-signs the checkpoints of others."""

    use = "witness"

    def signer(self, origin: str) -> Signer:
        return Signer(witness_verifier(origin, self.public), self._private)


class TransportKey(_PrivateKey):
    """Signs requests between nodes (RFC 9421)."""

    use = "transport"

    @property
    def private(self) -> Ed25519PrivateKey:
        """For the library that signs HTTP messages."""
        return self._private


class RecoveryKey(_PrivateKey):
    """Kept offline: announces new keys when the old ones are lost or stolen."""

    use = "recovery"

    def words(self, language: str = "english") -> list[str]:
        """24 words (BIP-39) from which the key can be made again."""
        return to_words(self._private.private_bytes_raw(), language)

    @classmethod
    def from_words(cls, text: str) -> Self:
        """Read the 24 words. `InputError` when a word or the checksum is wrong."""
        return cls.from_seed(from_words(text))


class MemberKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The public keys of a member, 32 bytes each."""

    ledger: bytes
    witness: bytes
    transport: bytes
    recovery: bytes


def verify_statement(key: bytes, use: str, tag: bytes, statement: bytes, signature: bytes) -> bool:
    """Whether `signature` is that of `sign_statement` by the key with these public bytes."""
    return Verifier(use, ED25519, key).verify(frame(tag, use.encode(), statement), signature)


def origin_of(first_ledger: bytes, recovery: bytes) -> str:
    """The name of a ledger: it follows from its first key and the recovery key, for ever."""
    return "accord/" + sha256(frame(b"accord/member/v1", first_ledger, recovery)).hexdigest()[:40]


def member_id(origin: str) -> str:
    """The STIX identity of the member whose ledger this is."""
    return f"identity--{uuid5(ACCORD_NAMESPACE, origin)}"


def is_origin(text: str) -> bool:
    """Whether `text` has the form of an origin."""
    return _ORIGIN.fullmatch(text) is not None


def ledger_verifier(origin: str, key: bytes) -> Verifier:
    """The verifier of a ledger's checkpoints: named as the origin."""
    return Verifier(origin, ED25519, key)


def witness_verifier(origin: str, key: bytes) -> Verifier:
    """The verifier of a member's co-signatures: `<origin>/witness`."""
    return Verifier(f"{origin}/witness", COSIGNATURE_V1, key)


def transport_key_id(key: bytes) -> str:
    """The `keyid` of signed requests: SHA-256 of the whole public key, in hex."""
    return sha256(Ed25519PublicKey.from_public_bytes(key).public_bytes_raw()).hexdigest()


def fingerprint(origin: str, keys: MemberKeys) -> bytes:
    """32 bytes over the identity and all public keys: what two people compare by voice."""
    return sha256(
        frame(
            b"accord/fingerprint/v1",
            origin.encode(),
            keys.ledger,
            keys.witness,
            keys.transport,
            keys.recovery,
        )
    ).digest()


def fingerprint_hex(value: bytes) -> str:
    """Sixteen groups of four: `3f2a 90c1 …`."""
    text = value.hex()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def fingerprint_words(value: bytes, language: str = "english") -> list[str]:
    """24 words, the last of which holds a checksum."""
    return to_words(value, language)


def parse_fingerprint(text: str) -> bytes:
    """Read either form, in any of `WORD_LANGUAGES`. `InputError` says which word is wrong."""
    plain = "".join(text.split()).replace(":", "").lower()
    if re.fullmatch(r"[0-9a-f]{64}", plain, re.ASCII):
        return bytes.fromhex(plain)
    return from_words(text)


def to_words(value: bytes, language: str) -> list[str]:
    """The 24 words of 32 bytes (BIP-39)."""
    return _wordlist(language).to_mnemonic(value).split()


def from_words(text: str) -> bytes:
    """The 32 bytes of 24 words; the language is found from the words themselves."""
    words = Mnemonic.normalize_string(text).lower().split()
    if len(words) == 1 and len(words[0]) == 24:
        words = list(words[0])  # Chinese, written without spaces
    if len(words) != 24:
        raise InputError("ledger.words-count", found=len(words))
    known = {name: frozenset(_normal_words(name)) for name in WORD_LANGUAGES}
    language = max(WORD_LANGUAGES, key=lambda name: sum(word in known[name] for word in words))
    for place, word in enumerate(words, start=1):
        if word not in known[language]:
            raise InputError("ledger.words-unknown", word=word[:40], place=place)
    bits = 0
    for word in words:
        bits = bits << 11 | _normal_words(language).index(word)
    value = (bits >> 8).to_bytes(32, "big")
    if sha256(value).digest()[0] != bits & 0xFF:
        raise InputError("ledger.words-checksum")
    return value


@cache
def _wordlist(language: str) -> Mnemonic:
    return Mnemonic(language)


@cache
def _normal_words(language: str) -> tuple[str, ...]:
    return tuple(Mnemonic.normalize_string(word) for word in _wordlist(language).wordlist)
