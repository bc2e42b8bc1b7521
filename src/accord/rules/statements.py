"""What members state about agreements and about each other's entries: readers of our own objects.

`what_of` turns a received statement into what the fold of facts takes in, and refuses one whose
envelope and object disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from accord.base.errors import InputError
from accord.base.limits import Limits
from accord.base.messages import Message
from accord.ledger.card import KeyChange, SignedKeyChange, canonical_struct
from accord.ledger.envelope import Envelope

from .acts import (
    ObjectionSeen,
    ObjectionSubject,
    ObjectionWithdrawn,
    ProposalSeen,
    ReservationWithdrawn,
    SignatureSeen,
    StatedAct,
    WithdrawalSeen,
)
from .community.accession import application_act
from .community.membership import MEMBERSHIP_KIND, membership_act
from .fields import (
    Field,
    Refused,
    Spec,
    agreement_id,
    as_input_error,
    flag,
    listed,
    matching,
    member_id,
    one_of,
    origin,
    read_object,
    sha256_hex,
    shown,
    table,
    text,
    whole,
)
from .permissions import permission_act
from .reserving import RESERVATION, Reservation
from .terms import terms_of

SIGNATURE_TYPE = "accord-signature"
WITHDRAWAL_TYPE = "accord-withdrawal"
OBJECTION_TYPE = "accord-objection"
NOTICE_TYPE = "accord-notice"
KEY_CHANGE_TYPE = "accord-key-change"


class Signature(msgspec.Struct, frozen=True):
    """An `accord-signature`: the text signed, by its hash, and who signed in which office."""

    agreement_ref: str
    agreement_sha256: str
    person: str
    office: str
    reservation: Reservation | None = None


class Withdrawal(msgspec.Struct, frozen=True):
    """An `accord-withdrawal`: what its author takes back, and why.

    Without `part` it leaves the agreement; `about` and `member_ref` say which objection is meant.
    """

    agreement_ref: str
    reason: str
    part: Literal["reservation", "objection"] | None = None
    about: ObjectionSubject | None = None
    member_ref: str | None = None


class ObjectionMade(msgspec.Struct, frozen=True):
    """An `accord-objection`: to whose reservation or accession, or to the renewal; and why."""

    agreement_ref: str
    agreement_sha256: str
    about: ObjectionSubject
    reason: str
    member_ref: str | None = None
    precludes: bool = False


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
    Field("reservation", table(RESERVATION), required=False),
)
OBJECTION: Spec = (
    Field("agreement_ref", agreement_id),
    Field("agreement_sha256", sha256_hex),
    Field("about", one_of("reservation", "accession", "renewal")),
    Field("member_ref", member_id, required=False),
    Field("precludes", flag, required=False),
    Field("reason", text(5_000)),
)
WITHDRAWAL: Spec = (
    Field("agreement_ref", agreement_id),
    Field("reason", text(5_000)),
    Field("part", one_of("reservation", "objection"), required=False),
    Field("about", one_of("reservation", "accession", "renewal"), required=False),
    Field("member_ref", member_id, required=False),
)
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
    own = read_object(fields, WITHDRAWAL_TYPE, WITHDRAWAL)
    if own.get("part") == "objection":
        _check_about(own)
    else:
        for name in ("about", "member_ref"):
            if name in own:
                raise as_input_error(Refused("unknown", name, "part = objection"))
    return msgspec.convert(own, Withdrawal)


def objection_of(fields: Mapping[str, Any]) -> ObjectionMade:
    """Read an `accord-objection`; raises `InputError` as `signature_of` does."""
    own = read_object(fields, OBJECTION_TYPE, OBJECTION)
    _check_about(own)
    return msgspec.convert(own, ObjectionMade)


def _check_about(own: Mapping[str, Any]) -> None:
    """An objection to a renewal is about nobody, any other about a member."""
    if "about" not in own:
        raise as_input_error(Refused("missing", "about", "reservation | accession | renewal"))
    about_renewal = own["about"] == "renewal"
    if about_renewal == ("member_ref" in own):
        kind, allowed = ("unknown", "about ≠ renewal") if about_renewal else ("missing", "identity")
        raise as_input_error(Refused(kind, "member_ref", allowed))


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


def what_of(envelope: Envelope, fields: Mapping[str, Any], sha256: str) -> StatedAct | None:
    """What an entry states about an agreement, a permission or a group; None for other kinds.

    `fields` and `sha256` (hex, of the original bytes) are those of the entry's object. Raises
    `InputError` for a malformed object, or one that is about another agreement than its envelope.
    """
    if envelope.kind == "proposal":
        return _proposal(envelope, fields, sha256)
    if envelope.kind == "signature":
        return _signature(envelope, fields)
    if envelope.kind == "withdrawal":
        return _withdrawal(envelope, fields)
    if envelope.kind == "objection":
        return _objection(envelope, fields)
    if envelope.kind == MEMBERSHIP_KIND:
        return membership_act(envelope, fields)
    return permission_act(envelope, fields) or application_act(envelope, fields)


def _said(
    envelope: Envelope, fields: Mapping[str, Any], agreement: str, sha: str
) -> dict[str, Any]:
    """What every statement says: who, in which ledger, to whom, when, about which text."""
    _same_agreement(envelope, agreement, sha)
    return {
        "author": envelope.author,
        "ledger": envelope.origin,
        "audience": envelope.audience,
        "issued": envelope.issued_at,
        "agreement": agreement,
        "sha256": sha,
        "created_by": str(fields.get("created_by_ref")),
    }


def _proposal(envelope: Envelope, fields: Mapping[str, Any], sha256: str) -> ProposalSeen:
    terms = terms_of(fields)
    return ProposalSeen(**_said(envelope, fields, _checked_id(fields), sha256), terms=terms)


def _signature(envelope: Envelope, fields: Mapping[str, Any]) -> SignatureSeen:
    signed = signature_of(fields)
    return SignatureSeen(
        **_said(envelope, fields, signed.agreement_ref, signed.agreement_sha256),
        person=signed.person,
        office=signed.office,
        reservation=signed.reservation,
    )


def _withdrawal(
    envelope: Envelope, fields: Mapping[str, Any]
) -> WithdrawalSeen | ReservationWithdrawn | ObjectionWithdrawn:
    withdrawal = withdrawal_of(fields)
    cited = envelope.agreement.sha256 if envelope.agreement is not None else ""
    said = _said(envelope, fields, withdrawal.agreement_ref, cited)
    said["reason"] = withdrawal.reason
    if withdrawal.part == "reservation":
        return ReservationWithdrawn(**said)
    if withdrawal.part == "objection" and withdrawal.about is not None:
        return ObjectionWithdrawn(**said, about=withdrawal.about, member=withdrawal.member_ref)
    return WithdrawalSeen(**said)


def _objection(envelope: Envelope, fields: Mapping[str, Any]) -> ObjectionSeen:
    objection = objection_of(fields)
    return ObjectionSeen(
        **_said(envelope, fields, objection.agreement_ref, objection.agreement_sha256),
        about=objection.about,
        member=objection.member_ref,
        precludes=objection.precludes,
        reason=objection.reason,
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
