"""Permission to pass on: a recipient asks the author, and the author's word acts on the rule.

A request and its answer are entries of their authors. What is granted is one entry, to one member,
for those members and that purpose that the answer names, until its end or its withdrawal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec

from accord.base.clock import parse_time
from accord.base.messages import Message, say
from accord.ledger.envelope import EntryRef, Envelope

from .acts import PermissionAsked, PermissionGiven
from .fields import (
    Field,
    Spec,
    flag,
    listed,
    matching,
    member_id,
    moment,
    origin,
    read_object,
    sha256_hex,
    table,
    text,
    whole,
)

REQUEST_KIND, PERMISSION_KIND = "permission-request", "permission"
REQUEST_TYPE, PERMISSION_TYPE = "accord-permission-request", "accord-permission"
MOST_MEMBERS = 100

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ENTRY: Spec = (
    Field("origin", origin),
    Field("index", whole(0, (1 << 53) - 1)),
    Field("commitment", sha256_hex),
)
_ASKED: Spec = (
    Field("entry", table(_ENTRY)),
    Field("members", listed(member_id, 1, MOST_MEMBERS)),
    Field("purpose", text(200)),
)
REQUEST: Spec = (*_ASKED, Field("reason", text(5_000)))
PERMISSION: Spec = (
    Field("request_ref", matching(f"{REQUEST_TYPE}--{_UUID}", f"{REQUEST_TYPE}--UUID")),
    Field("member_ref", member_id),
    *_ASKED,
    Field("granted", flag),
    Field("text", text(5_000), required=False),
    Field("until", moment, required=False),
)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """An `accord-permission-request`: which entry, to whom, for what, and why."""

    entry: EntryRef
    members: tuple[str, ...]
    purpose: str
    reason: str


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """An `accord-permission`: the answer to a request. A newer version replaces it."""

    request_ref: str
    member_ref: str
    entry: EntryRef
    members: tuple[str, ...]
    purpose: str
    granted: bool
    text: str = ""
    until: datetime | None = None


def request_of(fields: Mapping[str, Any]) -> Request:
    """Read an `accord-permission-request`. Raises `InputError`."""
    return msgspec.convert(read_object(fields, REQUEST_TYPE, REQUEST), Request)


def permission_of(fields: Mapping[str, Any]) -> Permission:
    """Read an `accord-permission`. Raises `InputError`."""
    return msgspec.convert(read_object(fields, PERMISSION_TYPE, PERMISSION), Permission)


def permission_act(
    envelope: Envelope, fields: Mapping[str, Any]
) -> PermissionAsked | PermissionGiven | None:
    """What an entry says of a permission; None for other kinds. Raises `InputError`."""
    said: dict[str, Any] = {
        "id": envelope.object.id,
        "author": envelope.author,
        "ledger": envelope.origin,
        "audience": envelope.audience,
        "created_by": str(fields.get("created_by_ref")),
        "issued": envelope.issued_at,
    }
    if envelope.kind == REQUEST_KIND:
        asked = request_of(fields)
        return PermissionAsked(**said, **msgspec.structs.asdict(asked))
    if envelope.kind == PERMISSION_KIND:
        given = msgspec.structs.asdict(permission_of(fields))
        request, member = given.pop("request_ref"), given.pop("member_ref")
        return PermissionGiven(
            **said,
            **given,
            request=request,
            to=member,
            first=_time(fields, "created"),
            version=_time(fields, "modified"),
        )
    return None


def _time(fields: Mapping[str, Any], name: str) -> datetime:
    """`created` or `modified`, whose form was checked when the object came."""
    return parse_time(str(fields[name]))


class _Member(Protocol):
    @property
    def origin(self) -> str: ...


def why_void_permission(
    members: Mapping[str, _Member], what: PermissionAsked | PermissionGiven
) -> Message | None:
    """Why a request or an answer counts for nothing; None when it counts."""
    if what.created_by != what.author:
        return say("rules.void-not-its-author", author=what.author, creator=what.created_by)
    member = members.get(what.author)
    if member is None or member.origin != what.ledger:
        return say("rules.void-other-ledger", author=what.author, ledger=what.ledger)
    if isinstance(what, PermissionAsked):
        asked = [members[each].origin for each in what.audience if each in members]
        if asked != [what.entry.origin] or what.entry.origin == what.ledger:
            return say("rules.void-permission-asked", author=what.author)
        return None
    if what.entry.origin != what.ledger:
        return say("rules.void-permission-given", author=what.author)
    if set(what.audience) != {what.to, *what.members} - {what.author}:
        return say("rules.void-permission-audience", author=what.author)
    return None


def covers(given: PermissionGiven, envelope: Envelope) -> bool:
    """Whether an entry passes on what was asked about: that entry, by whom, to whom, for what."""
    return (
        envelope.source == given.entry
        and envelope.author == given.to
        and envelope.handling.purpose == given.purpose
        and bool(envelope.audience)
        and set(envelope.audience) <= set(given.members)
    )


def stands(given: PermissionGiven, now: datetime) -> bool:
    """Whether it was granted, and neither withdrawn since nor past its end."""
    return given.granted and (given.until is None or now < given.until)
