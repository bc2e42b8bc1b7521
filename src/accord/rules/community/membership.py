"""What a member of a working group says of itself: that it joins, as it was asked to, or leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from accord.base.errors import InputError
from accord.ledger.envelope import Envelope
from accord.rules.acts import MembershipSaid
from accord.rules.decisions.effects import group_id
from accord.rules.fields import Field, Spec, one_of, read_object, text

MEMBERSHIP_KIND = "membership"
MEMBERSHIP_TYPE = "accord-membership"


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """An `accord-membership`: in which group, what, and why."""

    group: str
    says: Literal["joins", "leaves"]
    reason: str | None = None


MEMBERSHIP: Spec = (
    Field("group", group_id),
    Field("says", one_of("joins", "leaves")),
    Field("reason", text(5_000), required=False),
)


def membership_of(fields: Mapping[str, Any]) -> Membership:
    """Read an `accord-membership`; `InputError` names the field and what is allowed."""
    return msgspec.convert(read_object(fields, MEMBERSHIP_TYPE, MEMBERSHIP), Membership)


def membership_act(envelope: Envelope, fields: Mapping[str, Any]) -> MembershipSaid:
    """What an entry says of its author's place in the group that it is addressed to.

    Raises `InputError` for a malformed object, or one about another group than its envelope.
    """
    said = membership_of(fields)
    if envelope.roster is None or envelope.group != said.group:
        raise InputError("rules.group-unknown")
    return MembershipSaid(
        author=envelope.author,
        ledger=envelope.origin,
        created_by=str(fields.get("created_by_ref")),
        group=said.group,
        state=envelope.roster,
        joins=said.says == "joins",
    )
