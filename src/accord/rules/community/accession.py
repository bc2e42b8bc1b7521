"""How an organisation becomes a member of a community: a declared table and a pure function.

It applies to one member, its sponsor; that member moves its admission, of which the applicant is
told; the council decides; keys are exchanged with every member; what the charter asks is signed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal, Protocol, get_args

import msgspec

from accord.base.clock import parse_time
from accord.base.messages import Message, say
from accord.ledger.envelope import Envelope
from accord.rules.acts import ApplicationSeen
from accord.rules.decisions.effects import body_id
from accord.rules.decisions.states import MotionState
from accord.rules.fields import Field, Spec, flag, member_id, one_of, read_object, text
from accord.rules.machine import Machine, Move

from .standings import STANDINGS, Standing

APPLICATION_TYPE = "accord-application"

AccessionState = Literal[
    "none", "applied", "sponsored", "refused", "admitted", "keyed", "member", "gone"
]
AccessionEvent = Literal[
    "applied", "moved", "decided-against", "decided-for", "keys-exchanged", "signed", "departed"
]
Cause = Literal["applicant", "sponsor", "council", "members"]

ACCESSION: Machine[AccessionState, AccessionEvent] = Machine(
    states=get_args(AccessionState),
    events=get_args(AccessionEvent),
    causes=get_args(Cause),
    start="none",
    ends=("member", "gone"),
    moves=(
        Move(("none", "refused"), "applied", "applied", "applicant"),
        Move(("applied",), "moved", "sponsored", "sponsor"),
        Move(("sponsored",), "decided-against", "refused", "council"),
        Move(("sponsored",), "decided-for", "admitted", "council"),
        Move(("admitted",), "keys-exchanged", "keyed", "members"),
        Move(("keyed",), "signed", "member", "applicant"),
        Move(("applied", "sponsored", "admitted", "keyed"), "departed", "gone", "applicant"),
    ),
)


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """An `accord-application`: who asks to join which body, as what, and with which sponsor."""

    body: str
    standing: Standing
    sponsor: str
    reason: str
    withdrawn: bool = False


APPLICATION: Spec = (
    Field("body", body_id),
    Field("standing", one_of(*STANDINGS)),
    Field("sponsor", member_id),
    Field("reason", text(5_000)),
    Field("withdrawn", flag, required=False),
)


def application_of(fields: Mapping[str, Any]) -> Application:
    """Read an `accord-application`; `InputError` names the field and what is allowed."""
    return msgspec.convert(read_object(fields, APPLICATION_TYPE, APPLICATION), Application)


def application_act(envelope: Envelope, fields: Mapping[str, Any]) -> ApplicationSeen | None:
    """What an entry says of an application; None for other kinds. Raises `InputError`."""
    if envelope.kind != "application":
        return None
    return ApplicationSeen(
        id=envelope.object.id,
        author=envelope.author,
        ledger=envelope.origin,
        audience=envelope.audience,
        created_by=str(fields.get("created_by_ref")),
        issued=envelope.issued_at,
        version=parse_time(str(fields["modified"])),  # its form was checked when the object came
        **msgspec.structs.asdict(application_of(fields)),
    )


class _Member(Protocol):
    @property
    def origin(self) -> str: ...


def why_void_application(members: Mapping[str, _Member], what: ApplicationSeen) -> Message | None:
    """Why an application counts for nothing; None when it counts."""
    if what.created_by != what.author:
        return say("rules.void-not-its-author", author=what.author, creator=what.created_by)
    member = members.get(what.author)
    if member is None or member.origin != what.ledger:
        return say("rules.void-other-ledger", author=what.author, ledger=what.ledger)
    if what.audience != (what.sponsor,):
        return say("rules.void-not-to-the-sponsor", author=what.author)
    return None


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one applicant. `required` are the agreements that the charter asks for."""

    applied: bool
    motion: MotionState | None = None  # of the motion to admit it
    members: frozenset[str] = frozenset()
    keyed: frozenset[str] = frozenset()  # the members with whom keys were compared, both ways
    required: frozenset[str] = frozenset()
    signed: frozenset[str] = frozenset()
    withdrawn: bool = False


class Progress(msgspec.Struct, frozen=True):
    """How far an accession has come, and for whom and what it waits."""

    state: AccessionState
    keys_missing: tuple[str, ...]
    unsigned: tuple[str, ...]


_REFUSED: Collection[MotionState] = ("rejected", "lapsed", "withdrawn", "void", "contested")


def accession(steps: Steps) -> Progress:
    """How far an applicant has come by these steps, in whatever order they became known."""
    keys = steps.members - steps.keyed
    unsigned = steps.required - steps.signed
    happened: dict[AccessionEvent, bool] = {
        "applied": steps.applied,
        "moved": steps.motion not in (None, "unknown"),
        "decided-against": steps.motion in _REFUSED,
        "decided-for": steps.motion == "adopted",
        "departed": steps.withdrawn,
        "keys-exchanged": not keys,
        "signed": not unsigned,
    }
    state = ACCESSION.after(event for event, is_so in happened.items() if is_so)
    return Progress(state, tuple(sorted(keys)), tuple(sorted(unsigned)))
