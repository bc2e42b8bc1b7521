"""The envelope: under which agreement an object travels, for whom and how it may be used.

Canonical JSON (RFC 8785), every field always written (but four of `Handling`, whose absence is the
stricter reading), so that no check can be skipped because a sender left a field out. The field
table is in `docs/reference/wire.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

from accord.base.clock import parse_time
from accord.base.errors import InputError
from accord.base.jsontext import parse_strict

VERSION = 1
GROUP_VERSION = 2  # for a working group: as version 1, and with `roster`
PARTIES = "parties"  # audience token: every party of the cited agreement, whenever it joined

Tlp = Literal["clear", "green", "amber", "amber+strict", "red"]
Pap = Literal["clear", "green", "amber", "red"]
Status = Literal["actual", "exercise", "test"]
Urgency = Literal["routine", "urgent"]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class AgreementRef(_Part, frozen=True):
    """The agreement cited, and the SHA-256 (hex) of the bytes of the text that was signed."""

    id: str
    sha256: str


class ObjectRef(_Part, frozen=True):
    """What the entry carries; `modified` is null for objects that have none (cyber-observables)."""

    id: str
    type: str
    modified: str | None


class EntryRef(_Part, frozen=True):
    """Another entry, by ledger, place and commitment (hex)."""

    origin: str
    index: int
    commitment: str


class Evaluation(_Part, frozen=True):
    """How source and information were graded, kept as given: `admiralty` or `4x4`."""

    scheme: str
    source: str
    information: str


class PersonalData(_Part, frozen=True):
    """What releasing a description of a natural person needs: a clock, and two who agreed."""

    retain_until: str
    approvals: tuple[str, ...]


class Review(_Part, frozen=True):
    """Two people looked whether it is predominantly political, military, religious or racial."""

    reviewers: tuple[str, ...]
    reason: str


class Handling(_Part, frozen=True, omit_defaults=True):
    """How the object may be used. May only tighten what the object's own markings say.

    The last four came later than the others, and are written only where there is one.
    """

    tlp: Tlp | None
    pap: Pap | None
    area: str | None
    purpose: str | None
    incident: str | None  # declared offence or incident type, where an agreement asks for one
    codes: tuple[str, ...]  # evidential use: H1, H2, H3
    evaluation: Evaluation | None
    named: tuple[str, ...]  # TLP:RED: the individuals or offices that may read
    personal: PersonalData | None
    review: Review | None = None
    restriction: str | None = None  # what code H3 asks for, in the words of the source
    permission: str | None = None  # of what is passed on: the permission on which it rests, by id
    approvals: tuple[str, ...] = ()  # who stand by it, where its level asks for two


class Envelope(_Part, frozen=True, omit_defaults=True):
    """All that an entry says beside its object. Times are RFC 3339 in UTC.

    `roster` is written where the entry is for a working group, and nowhere else: the state of the
    group for whose members it is. No name of theirs stands in the entry.
    """

    accord: int
    origin: str  # the ledger this entry belongs to; it is valid in no other
    author: str
    kind: str
    agreement: AgreementRef | None
    audience: tuple[str, ...]  # members, or `parties`, or one working group; empty is nobody
    handling: Handling
    urgency: Urgency
    status: Status
    operation: str | None
    object: ObjectRef
    source: EntryRef | None
    supersedes: EntryRef | None
    issued: str
    expires: str | None
    roster: str | None = None  # SHA-256 (hex): of decisions, `bodies.state_id`

    @property
    def group(self) -> str | None:
        """The working group that it is for; null where it is for members by name, or parties."""
        return self.audience[0] if self.roster is not None else None

    @property
    def issued_at(self) -> datetime:
        return parse_time(self.issued)

    @property
    def expires_at(self) -> datetime | None:
        return None if self.expires is None else parse_time(self.expires)


NO_HANDLING = Handling(
    tlp=None,
    pap=None,
    area=None,
    purpose=None,
    incident=None,
    codes=(),
    evaluation=None,
    named=(),
    personal=None,
)

MAX_AUDIENCE = 200  # members named one by one; a wider circle is `parties`
_MAX_NUMBER = 1 << 53  # the integers that every JSON reader keeps exactly
_HEX_32 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ORIGIN = re.compile(r"accord/[0-9a-f]{40}", re.ASCII)
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MEMBER = re.compile(rf"identity--{_UUID}", re.ASCII)
_GROUP = re.compile(rf"accord-group--{_UUID}", re.ASCII)
_STIX_ID = re.compile(rf"(?P<type>[a-z0-9-]{{3,250}})--(?i:{_UUID})", re.ASCII)  # as STIX allows
_decoder = msgspec.json.Decoder(Envelope)
_object = msgspec.json.Decoder(ObjectRef)
_OBJECT_KEY = b'"object":'


def encode_envelope(envelope: Envelope) -> bytes:
    """The canonical bytes that are hashed and travel (RFC 8785).

    All names are ASCII and all numbers whole and below 2**53, so sorted compact JSON is canonical;
    the tests hold it against an implementation of RFC 8785.
    """
    return msgspec.json.encode(envelope, order="sorted")


def decode_envelope(raw: bytes) -> Envelope:
    """Read an envelope; parse-then-serialise is the identity, or it is refused (`InputError`).

    A version that this node does not know raises `InputError("ledger.envelope-version")`.
    """
    try:
        envelope = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_an_envelope(raw, str(error)) from None
    if envelope.accord not in (VERSION, GROUP_VERSION):
        raise InputError("ledger.envelope-version", found=envelope.accord, known=GROUP_VERSION)
    if encode_envelope(envelope) != raw:
        raise InputError("ledger.envelope-not-canonical")
    _check_values(envelope)
    return envelope


class EnvelopeReader:
    """`decode_envelope` for many: those that differ in nothing but their object are read once.

    Canonical JSON has its names in order: everything else stands before or behind the object, and
    is the same when its bytes are. The entries of one publication are such.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], Envelope] = {}

    def read(self, raw: bytes) -> Envelope:
        """The same as `decode_envelope`, errors included."""
        start = raw.find(_OBJECT_KEY) + len(_OBJECT_KEY)
        end = raw.find(b"}", start) + 1
        around = (raw[:start], raw[end:])
        alike = self._known.get(around)
        ref = _object_of(raw[start:end]) if alike is not None else None
        if alike is None or ref is None:  # the long way, which also says what is wrong
            envelope = self._known[around] = decode_envelope(raw)
            return envelope
        return msgspec.structs.replace(alike, object=ref)


def reread_envelope(raw: bytes) -> Envelope:
    """Read an envelope that this node wrote, or checked when it kept it: no check is made again."""
    return _decoder.decode(raw)


def _not_an_envelope(raw: bytes, problem: str) -> InputError:
    """A later version may have other fields: then the version is the thing to say."""
    value: Any = parse_strict(raw, max_depth=16)
    version = value.get("accord") if isinstance(value, dict) else None
    if isinstance(version, int) and version not in (VERSION, GROUP_VERSION):
        return InputError("ledger.envelope-version", found=version, known=GROUP_VERSION)
    return InputError("ledger.envelope-invalid", problem=problem)


def _object_of(raw: bytes) -> ObjectRef | None:
    """What an entry carries, or null where `raw` is not the canonical writing of a good one."""
    try:
        ref = _object.decode(raw)
        _check_object(ref)
    except (msgspec.DecodeError, UnicodeDecodeError, InputError):
        return None
    return ref if msgspec.json.encode(ref, order="sorted") == raw else None


def _check_object(ref: ObjectRef) -> None:
    match = _STIX_ID.fullmatch(ref.id)
    if match is None or match["type"] != ref.type:
        raise InputError("ledger.envelope-object", found=ref.id[:100])
    _check_times([ref.modified])


def _check_values(envelope: Envelope) -> None:
    _check_object(envelope.object)
    personal = envelope.handling.personal
    _check_times([envelope.issued, envelope.expires, personal.retain_until if personal else None])
    links = [ref for ref in (envelope.source, envelope.supersedes) if ref is not None]
    hashes = [ref.commitment for ref in links]
    if envelope.agreement is not None:
        hashes.append(envelope.agreement.sha256)
    for text in hashes:
        if not _HEX_32.fullmatch(text):
            raise InputError("ledger.envelope-hash", found=text[:100])
    for origin in (envelope.origin, *(ref.origin for ref in links)):
        if not _ORIGIN.fullmatch(origin):
            raise InputError("ledger.envelope-origin-form", found=origin[:100])
    for ref in links:
        if not 0 <= ref.index < _MAX_NUMBER:
            raise InputError("ledger.envelope-index", found=ref.index)
    _check_members(envelope)


def _check_times(moments: Iterable[str | None]) -> None:
    try:
        for moment in moments:
            if moment is not None:
                parse_time(moment)
    except ValueError as error:
        raise InputError("ledger.envelope-time", found=str(error)[:100]) from None


def _check_members(envelope: Envelope) -> None:
    named = [member for member in envelope.audience if member != PARTIES]
    if (envelope.accord == GROUP_VERSION) != (envelope.roster is not None):
        raise InputError("ledger.envelope-roster")
    if envelope.roster is not None:
        named = []
        _check_group(envelope.audience, envelope.roster)
    if len(set(envelope.audience)) != len(envelope.audience) or len(named) > MAX_AUDIENCE:
        raise InputError("ledger.envelope-audience", found=len(envelope.audience))
    for member in (envelope.author, *named):
        if not _MEMBER.fullmatch(member):
            raise InputError("ledger.envelope-member", found=member[:100])
    if envelope.agreement is not None and not _STIX_ID.fullmatch(envelope.agreement.id):
        raise InputError("ledger.envelope-agreement", found=envelope.agreement.id[:100])


def _check_group(audience: tuple[str, ...], roster: str) -> None:
    if len(audience) != 1 or not _GROUP.fullmatch(audience[0]) or not _HEX_32.fullmatch(roster):
        raise InputError("ledger.envelope-roster")
