"""The member card: who a member is, where its node stands, and all its public keys.

A card certifies itself: the origin follows from the first ledger key and the recovery key, every
later key from a chain of changes signed by the recovery key, and all three online keys sign the
card, so that nobody can pass off another's witness key as its own. What a card cannot say is that
the member is who it claims to be: that is what the fingerprint is read aloud for.
"""

from __future__ import annotations

import re
from hashlib import sha256
from itertools import pairwise

import msgspec

from accord.base.clock import parse_time
from accord.base.limits import Limits

from .faults import ForkedHistory, Malformed, RolledBack, TooLarge, WrongKeys, WrongOrigin
from .keys import (
    LedgerKey,
    MemberKeys,
    RecoveryKey,
    TransportKey,
    WitnessKey,
    fingerprint,
    ledger_verifier,
    member_id,
    origin_of,
    verify_statement,
    witness_verifier,
)
from .notes import Verifier, check_public_key, decode_base64, encode_base64

VERSION = 1
MAX_KEY_CHANGES = 64
_CARD = b"accord/card/v1"
_CHANGE = b"accord/key-change/v1"
_HEX_32 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_URL = re.compile(
    r"https?://(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[1-9]\d{0,4})?(?:/[\w.~%/-]{0,500})?",
    re.ASCII,
)
_LANGUAGES = frozenset({"en", "ru", "zh"})
_MAX_NAME = 200


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Head(_Part, frozen=True):
    """How far a ledger had come, as its member knows it: entries and root (hex)."""

    size: int
    root: str


class KeyChange(_Part, frozen=True):
    """New keys (hex) for an old identity. `previous` is the SHA-256 of the change before, or null.

    `head` is the last state of the ledger that the member stands by: what the old key signed
    beyond it is not the member's word.
    """

    accord: int
    origin: str
    sequence: int  # 1, 2, …
    previous: str | None
    ledger: str
    witness: str
    transport: str
    head: Head
    issued: str


class SignedKeyChange(_Part, frozen=True):
    """A key change and the recovery key's signature over its canonical bytes (base64)."""

    statement: KeyChange
    signature: str


class MemberCard(_Part, frozen=True):
    """What a member says of itself. Keys are in hex, names by language code."""

    accord: int
    origin: str
    member: str
    name: str
    names: dict[str, str]
    url: str | None
    wire_min: int
    wire_max: int
    genesis: str  # the first ledger key
    ledger: str
    witness: str
    transport: str
    recovery: str
    key_changes: tuple[SignedKeyChange, ...]
    issued: str

    @property
    def keys(self) -> MemberKeys:
        return MemberKeys(
            ledger=bytes.fromhex(self.ledger),
            witness=bytes.fromhex(self.witness),
            transport=bytes.fromhex(self.transport),
            recovery=bytes.fromhex(self.recovery),
        )

    @property
    def fingerprint(self) -> bytes:
        """32 bytes over the identity and all public keys."""
        return fingerprint(self.origin, self.keys)

    @property
    def ledger_verifier(self) -> Verifier:
        return ledger_verifier(self.origin, self.keys.ledger)

    @property
    def witness_verifier(self) -> Verifier:
        return witness_verifier(self.origin, self.keys.witness)


class _Signatures(_Part, frozen=True):
    ledger: str
    witness: str
    transport: str


class _SignedCard(_Part, frozen=True):
    card: MemberCard
    signatures: _Signatures


_decoder = msgspec.json.Decoder(_SignedCard)


def canonical_struct(value: msgspec.Struct) -> bytes:
    """RFC 8785 bytes of a struct of strings, small integers and nulls with ASCII field names."""
    return msgspec.json.encode(value, order="sorted")


def sign_key_change(recovery: RecoveryKey, statement: KeyChange) -> SignedKeyChange:
    """The statement with the recovery key's signature."""
    signature = recovery.sign_statement(_CHANGE, canonical_struct(statement))
    return SignedKeyChange(statement=statement, signature=encode_base64(signature))


def change_hash(statement: KeyChange) -> str:
    """What the next change names as `previous`."""
    return sha256(canonical_struct(statement)).hexdigest()


def verify_key_change(change: SignedKeyChange, origin: str, recovery: bytes) -> None:
    """Raise `WrongKeys` unless the recovery key (32 bytes) of `origin` signed this change."""
    statement = change.statement
    ours = statement.accord == VERSION and statement.origin == origin and statement.head.size >= 0
    body, signature = canonical_struct(statement), decode_base64(change.signature)
    if not ours or not verify_statement(recovery, "recovery", _CHANGE, body, signature):
        raise WrongKeys("ledger.card-chain", origin=origin)


def encode_card(
    card: MemberCard, ledger: LedgerKey, witness: WitnessKey, transport: TransportKey
) -> bytes:
    """The card as it is served, signed by the three keys it names."""
    body = canonical_struct(card)
    signatures = _Signatures(
        ledger=encode_base64(ledger.sign_statement(_CARD, body)),
        witness=encode_base64(witness.sign_statement(_CARD, body)),
        transport=encode_base64(transport.sign_statement(_CARD, body)),
    )
    return canonical_struct(_SignedCard(card=card, signatures=signatures))


def decode_card(raw: bytes, limits: Limits) -> MemberCard:
    """Read a card and check everything that it says of itself.

    Raises `TooLarge`, `Malformed`, `WrongOrigin` (the identity does not follow from the keys) or
    `WrongKeys` (a signature or the chain of key changes is not right).
    """
    if len(raw) > limits.card_bytes:
        raise TooLarge("ledger.card-bytes", found=len(raw), limit=limits.card_bytes)
    try:
        signed = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("ledger.card-invalid", problem=str(error)) from None
    if canonical_struct(signed) != raw:
        raise Malformed("ledger.card-canonical")
    card = signed.card
    _check_values(card)
    _check_keys(card)
    body, keys, signatures = canonical_struct(card), card.keys, signed.signatures
    for use in ("ledger", "witness", "transport"):
        key, signature = getattr(keys, use), decode_base64(getattr(signatures, use))
        if not verify_statement(key, use, _CARD, body, signature):
            raise WrongKeys("ledger.card-signature", use=use)
    return card


def continues(confirmed: MemberCard, shown: MemberCard) -> bool:
    """Check that `shown` is the same member's, and no older, card. Whether its keys are new.

    Raises `WrongOrigin`, `RolledBack`, `WrongKeys`, or `ForkedHistory` when the recovery key
    signed two different changes for one place in the chain.
    """
    if shown.origin != confirmed.origin:
        raise WrongOrigin("ledger.card-other", found=shown.origin, expected=confirmed.origin)
    old = [change.statement for change in confirmed.key_changes]
    new = [change.statement for change in shown.key_changes]
    if old[: len(new)] != new[: len(old)]:
        raise ForkedHistory("ledger.card-forked", origin=shown.origin)
    if len(new) < len(old) or parse_time(shown.issued) < parse_time(confirmed.issued):
        raise RolledBack("ledger.card-old", origin=shown.origin)
    if len(new) == len(old) and shown.keys != confirmed.keys:
        raise WrongKeys("ledger.card-keys", origin=shown.origin)
    return len(new) > len(old)


def _check_values(card: MemberCard) -> None:
    if card.accord != VERSION:
        raise Malformed("ledger.card-version", found=card.accord, known=VERSION)
    names = [card.name, *card.names.values()]
    good = (
        all(0 < len(name) <= _MAX_NAME and name.isprintable() for name in names)
        and card.names.keys() <= _LANGUAGES
        and 1 <= card.wire_min <= card.wire_max < 1 << 31
        and len(card.key_changes) <= MAX_KEY_CHANGES
        and (card.url is None or _URL.fullmatch(card.url))
        and all(_HEX_32.fullmatch(text) for text in _hex_fields(card))
    )
    if not good:
        raise Malformed("ledger.card-invalid", problem="value")
    try:
        parse_time(card.issued)
        for change in card.key_changes:
            parse_time(change.statement.issued)
    except ValueError as error:
        raise Malformed("ledger.card-invalid", problem=str(error)) from None


def _hex_fields(card: MemberCard) -> list[str]:
    found = [card.genesis, card.ledger, card.witness, card.transport, card.recovery]
    for change in card.key_changes:
        said = change.statement
        found += [said.ledger, said.witness, said.transport, said.head.root]
    return found


def _check_keys(card: MemberCard) -> None:
    if card.origin != origin_of(bytes.fromhex(card.genesis), bytes.fromhex(card.recovery)):
        raise WrongOrigin("ledger.card-identity", origin=card.origin[:100])
    if card.member != member_id(card.origin):
        raise WrongOrigin("ledger.card-identity", origin=card.origin[:100])
    online = (card.ledger, card.witness, card.transport)
    if len({*online, card.recovery}) != 4:
        raise WrongKeys("ledger.card-shared-key", origin=card.origin)
    for key in (*online, card.recovery, card.genesis):
        check_public_key(bytes.fromhex(key))
    _check_chain(card)
    if card.key_changes:
        last = card.key_changes[-1].statement
        follows = online == (last.ledger, last.witness, last.transport)
    else:
        follows = card.ledger == card.genesis
    if not follows:
        raise WrongKeys("ledger.card-chain", origin=card.origin)


def _check_chain(card: MemberCard) -> None:
    said = [change.statement for change in card.key_changes]
    links = [None, *(change_hash(statement) for statement in said)]
    for place, change in enumerate(card.key_changes):
        statement = change.statement
        if statement.previous != links[place] or statement.sequence != place + 1:
            raise WrongKeys("ledger.card-chain", origin=card.origin)
        verify_key_change(change, card.origin, bytes.fromhex(card.recovery))
    if any(later.head.size < earlier.head.size for earlier, later in pairwise(said)):
        raise WrongKeys("ledger.card-chain", origin=card.origin)
