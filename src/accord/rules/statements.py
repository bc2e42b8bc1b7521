"""What members state about agreements and about each other's entries: readers of our own objects.

`what_of` turns a received statement into what the fold of facts takes in, and refuses one whose
envelope and object disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from accord.base.errors import InputError
from accord.base.limits import Limits
from accord.base.messages import Message
from accord.ledger.card import KeyChange, SignedKeyChange, canonical_struct
from accord.ledger.envelope import Envelope

from .facts import ProposalSeen, SignatureSeen, WithdrawalSeen
from .fields import (
    Field,
    Refused,
    Spec,
    agreement_id,
    as_input_error,
    listed,
    matching,
    origin,
    read_object,
    sha256_hex,
    shown,
    table,
    text,
    whole,
)
from .terms import terms_of

SIGNATURE_TYPE = "accord-signature"
WITHDRAWAL_TYPE = "accord-withdrawal"
NOTICE_TYPE = "accord-notice"
KEY_CHANGE_TYPE = "accord-key-change"


class Signature(msgspec.Struct, frozen=True):
    """An `accord-signature`: the text signed, by its hash, and who signed in which office."""

    agreement_ref: str
    agreement_sha256: str
    person: str
    office: str


class Withdrawal(msgspec.Struct, frozen=True):
    """An `accord-withdrawal`: the agreement that its author leaves, and why."""

    agreement_ref: str
    reason: str


class NoticeItem(msgspec.Struct, frozen=True):
    """One entry that the sender of the notice did not keep, and the reason."""

    origin: str
    index: int
    commitment: str
    reason: Message


class Notice(msgspec.Struct, frozen=True):
    """An `accord-notice`: what one member tells another about that member's entries."""

    items: tuple[NoticeItem, ...]


_ARGS = "{name: text | number}"


def _message_args(value: Any, path: str) -> dict[str, str | int]:
    if (
        isinstance(value, dict)
        and len(value) <= 20
        and all(isinstance(arg, str | int) and len(str(arg)) <= 2_000 for arg in value.values())
    ):
        return value
    raise Refused("invalid", path, _ARGS, shown(value))


_message_args.__dict__["allowed"] = _ARGS  # what a person is told when it is missing


_REASON: Spec = (
    Field("key", matching(r"[a-z]+\.[a-z0-9-]{1,80}", "catalogue.slug")),
    Field("args", _message_args),
)
_NOTICE_ITEM: Spec = (
    Field("origin", origin),
    Field("index", whole(0, 2**53 - 1)),
    Field("commitment", sha256_hex),
    Field("reason", table(_REASON)),
)
SIGNATURE: Spec = (
    Field("agreement_ref", agreement_id),
    Field("agreement_sha256", sha256_hex),
    Field("person", text(200)),
    Field("office", text(200)),
)
WITHDRAWAL: Spec = (Field("agreement_ref", agreement_id), Field("reason", text(5_000)))
NOTICE: Spec = (Field("items", listed(table(_NOTICE_ITEM), 1, Limits().notice_items)),)
KEY_CHANGE: Spec = (
    Field("statement", text(8_000)),  # canonical JSON of a `KeyChange`: the bytes that were signed
    Field("signature", matching("[A-Za-z0-9+/]{86}==", "base64 (64)")),
)


def signature_of(fields: Mapping[str, Any]) -> Signature:
    """Read an `accord-signature`; `InputError` names the field, what is allowed and what is not."""
    return msgspec.convert(read_object(fields, SIGNATURE_TYPE, SIGNATURE), Signature)


def withdrawal_of(fields: Mapping[str, Any]) -> Withdrawal:
    """Read an `accord-withdrawal`; raises `InputError` as `signature_of` does."""
    return msgspec.convert(read_object(fields, WITHDRAWAL_TYPE, WITHDRAWAL), Withdrawal)


def notice_of(fields: Mapping[str, Any]) -> Notice:
    """Read an `accord-notice`; raises `InputError` as `signature_of` does."""
    return msgspec.convert(read_object(fields, NOTICE_TYPE, NOTICE), Notice)


def key_change_of(fields: Mapping[str, Any]) -> SignedKeyChange:
    """Read an `accord-key-change`; its signature is for `ledger.card` to verify."""
    own = read_object(fields, KEY_CHANGE_TYPE, KEY_CHANGE)
    try:
        statement = msgspec.json.decode(own["statement"], type=KeyChange)
    except (msgspec.DecodeError, RecursionError):
        statement = None
    if statement is None or canonical_struct(statement).decode() != own["statement"]:
        found = shown(own["statement"])
        raise as_input_error(Refused("invalid", "statement", "RFC 8785", found))
    return SignedKeyChange(statement=statement, signature=own["signature"])


def what_of(
    envelope: Envelope, fields: Mapping[str, Any], sha256: str
) -> ProposalSeen | SignatureSeen | WithdrawalSeen | None:
    """What an entry states about an agreement; None when its kind states nothing about one.

    `fields` and `sha256` (hex, of the original bytes) are those of the entry's object. Raises
    `InputError` for a malformed object, or one that is about another agreement than its envelope.
    """
    if envelope.kind == "proposal":
        return _proposal(envelope, fields, sha256)
    if envelope.kind == "signature":
        return _signature(envelope, fields)
    if envelope.kind == "withdrawal":
        return _withdrawal(envelope, fields)
    return None


def _proposal(envelope: Envelope, fields: Mapping[str, Any], sha256: str) -> ProposalSeen:
    terms = terms_of(fields)
    identifier = _checked_id(fields)
    _same_agreement(envelope, identifier, sha256)
    return ProposalSeen(
        author=envelope.author,
        ledger=envelope.origin,
        audience=envelope.audience,
        issued=envelope.issued_at,
        agreement=identifier,
        sha256=sha256,
        created_by=str(fields.get("created_by_ref")),
        terms=terms,
    )


def _signature(envelope: Envelope, fields: Mapping[str, Any]) -> SignatureSeen:
    signature = signature_of(fields)
    _same_agreement(envelope, signature.agreement_ref, signature.agreement_sha256)
    return SignatureSeen(
        author=envelope.author,
        ledger=envelope.origin,
        audience=envelope.audience,
        issued=envelope.issued_at,
        agreement=signature.agreement_ref,
        sha256=signature.agreement_sha256,
        created_by=str(fields.get("created_by_ref")),
        person=signature.person,
        office=signature.office,
    )


def _withdrawal(envelope: Envelope, fields: Mapping[str, Any]) -> WithdrawalSeen:
    withdrawal = withdrawal_of(fields)
    cited = envelope.agreement.sha256 if envelope.agreement is not None else ""
    _same_agreement(envelope, withdrawal.agreement_ref, cited)
    return WithdrawalSeen(
        author=envelope.author,
        ledger=envelope.origin,
        audience=envelope.audience,
        issued=envelope.issued_at,
        agreement=withdrawal.agreement_ref,
        sha256=cited,
        created_by=str(fields.get("created_by_ref")),
        reason=withdrawal.reason,
    )


def _checked_id(fields: Mapping[str, Any]) -> str:
    try:
        return str(agreement_id(fields.get("id"), "id"))
    except Refused as refused:
        raise as_input_error(refused) from None


def _same_agreement(envelope: Envelope, identifier: str, sha256: str) -> None:
    cited = envelope.agreement
    if cited is None or (cited.id, cited.sha256) != (identifier, sha256):
        raise InputError(
            "rules.statement-mismatch",
            kind=envelope.kind,
            envelope="-" if cited is None else f"{cited.id} {cited.sha256}",
            object=f"{identifier} {sha256}",
        )
