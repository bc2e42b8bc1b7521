"""Entries of decisions as they are read again by the thousand: in one step, where all is in order.

What is not goes the long way, by `heard_of`, which says what is wrong; so whatever is read here is
what it would read there. Motions are few, and ballots with words rare: they go the long way too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from accord.ledger.envelope import reread_envelope
from accord.rules.fields import UUID, Refused, moment

from .heard import Heard, Said, heard_of
from .objects import Ballot, Choice, Finding, Found, Outcome, Seen, Sight, Tally

_Hash = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
_Member = Annotated[str, Meta(pattern=rf"\Aidentity--{UUID}\Z")]
_Motion = Annotated[str, Meta(pattern=r"\Aaccord-motion--[0-9a-f-]{36}\Z")]
_Finding = tuple[_Member, Found, _Hash | None]
_Sight = tuple[str, Annotated[int, Meta(ge=0, le=2**53 - 1)], bool]
_VOTED = get_args(Choice)


class Common(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`fields.COMMON`, of which only the author is read; without `type`."""

    spec_version: Raw = Raw()
    id: Raw = Raw()
    created_by_ref: Any = None
    created: Raw = Raw()
    modified: Raw = Raw()
    revoked: Raw = Raw()
    labels: Raw = Raw()
    confidence: Raw = Raw()
    lang: Raw = Raw()
    external_references: Raw = Raw()
    object_marking_refs: Raw = Raw()
    granular_markings: Raw = Raw()
    extensions: Raw = Raw()
    motion_sha256: _Hash


class _Seen(Common):
    type: Literal["accord-motion-seen"]


class _Ballot(Common):
    type: Literal["accord-ballot"]
    motion_ref: _Motion
    choice: Choice


class _Outcome(Common):
    type: Literal["accord-outcome"]
    findings: _Hash


class _Tally(Common):
    type: Literal["accord-tally"]
    closes: str
    withdrawn: bool
    found: Raw
    rival: _Hash | UnsetType = UNSET
    sights: Raw = Raw(b"[]")


_read_found = msgspec.json.Decoder(
    Annotated[list[_Finding], Meta(min_length=1, max_length=200)]
).decode
_read_sights = msgspec.json.Decoder(Annotated[list[_Sight], Meta(max_length=200)]).decode
_is_ledger = lru_cache(maxsize=1024)(re.compile("accord/[0-9a-f]{40}").fullmatch)


@lru_cache(maxsize=256)
def _found(raw: bytes) -> tuple[Finding, ...] | None:
    """What a tally found: the same in most tallies on one motion."""
    read = _read_found(raw)
    voters = [voter for voter, _, _ in read]
    if voters != sorted(set(voters)):
        return None
    if any((found in _VOTED) != (ballot is not None) for _, found, ballot in read):
        return None
    return tuple([Finding(*each) for each in read])


def _sights(raw: Raw) -> tuple[Sight, ...] | None:
    read = _read_sights(raw)
    if len(set(read)) != len(read) or not all(_is_ledger(each[0]) for each in read):
        return None
    return tuple([Sight(*each) for each in read])


def _tally(read: _Tally) -> Tally | None:
    found, sights = _found(bytes(read.found)), _sights(read.sights)
    if found is None or sights is None:
        return None
    return Tally(
        motion_sha256=read.motion_sha256,
        closes=msgspec.convert(moment(read.closes, "closes"), datetime),
        withdrawn=read.withdrawn,
        rival=None if read.rival is UNSET else read.rival,
        found=found,
        sights=sights,
    )


_R = TypeVar("_R", bound=Common)


class _Reader(Generic[_R]):
    """Reads objects of one kind that are in order; null for all others."""

    def __init__(self, kind: type[_R], said: Callable[[_R], Said | None]) -> None:
        self._decode = msgspec.json.Decoder(kind).decode
        self._said = said

    def read(self, body: bytes) -> tuple[str, Said] | None:
        try:
            read = self._decode(body)
            said = self._said(read)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Refused):
            return None
        return None if said is None else (str(read.created_by_ref), said)


_READERS: dict[str, _Reader[Any]] = {
    "motion-seen": _Reader(_Seen, lambda read: Seen(read.motion_sha256)),
    "ballot": _Reader(
        _Ballot,
        lambda read: Ballot(
            motion_ref=read.motion_ref, motion_sha256=read.motion_sha256, choice=read.choice
        ),
    ),
    "tally": _Reader(_Tally, _tally),
    "outcome": _Reader(_Outcome, lambda read: Outcome(read.motion_sha256, read.findings)),
}
_fields = msgspec.json.Decoder(dict[str, Any]).decode


class _Head(msgspec.Struct, gc=False):
    """What is read of an envelope that is in order."""

    origin: str
    author: str
    kind: str
    audience: tuple[str, ...]


_head = msgspec.json.Decoder(_Head).decode


def heard_again(envelope: bytes, index: int, body: bytes) -> Heard | None:
    """`heard_of`, from the bytes that were kept. Raises `InputError` for a malformed object."""
    head, digest = _head(envelope), sha256(body).hexdigest()
    reader = _READERS.get(head.kind)
    found = reader.read(body) if reader is not None else None
    if found is None:
        return heard_of(reread_envelope(envelope), index, _fields(body), digest)
    return Heard(
        author=head.author,
        ledger=head.origin,
        index=index,
        audience=head.audience,
        created_by=found[0],
        sha256=digest,
        said=found[1],
    )
