"""The objects of decisions: own STIX types, read and checked as data.

A motion freezes all that its outcome rests on. Everything else about it names it by the SHA-256
of its bytes: a voice on other bytes is a voice on another motion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, Literal, get_args

import msgspec

from accord.base.clock import parse_time
from accord.ledger.envelope import MAX_AUDIENCE
from accord.rules.fields import (
    Field,
    Refused,
    Spec,
    as_input_error,
    flag,
    listed,
    matching,
    member_id,
    moment,
    one_of,
    origin,
    read_object,
    sha256_hex,
    table,
    text,
    whole,
)

from .effects import Effect, body_id, effect_table, stix_id
from .rule import Rule, check_witnesses, rule_table

Choice = Literal["yes", "no", "abstain"]
# What a tally finds of one voter. The last four are unknown to the rule of adoption.
Found = Literal["yes", "no", "abstain", "silent", "absent", "late", "spoiled", "void"]


class _Said(msgspec.Struct, frozen=True, tag_field="said", gc=False):
    pass


class Motion(_Said, frozen=True, kw_only=True, tag="motion", dict=True, gc=True):
    """An `accord-motion`. `base` names the state of the body that it was made on."""

    id: str
    body: str
    base: str
    titles: dict[str, str]
    texts: dict[str, str]
    effect: Effect
    electorate: tuple[str, ...]
    readers: tuple[str, ...] = ()
    opens: datetime
    closes: datetime
    reading_hours: int
    wait_hours: int
    rule: Rule
    witnesses: tuple[str, ...]
    witness_quorum: int
    papers: tuple[str, ...] = ()
    session: str | None = None

    @cached_property
    def audience(self) -> frozenset[str]:
        """For exactly whom every entry about it must be."""
        return frozenset(self.electorate) | frozenset(self.readers)

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The audience as this software writes it: in the order of the ids."""
        return tuple(sorted(self.audience))

    @cached_property
    def counted(self) -> tuple[str, ...]:
        """The voters whose voice counts: all but the one that the motion is about."""
        subject = self.effect.subject
        return tuple(voter for voter in self.electorate if voter != subject)

    @property
    def reading(self) -> timedelta:
        return timedelta(hours=self.reading_hours)


class Seen(_Said, frozen=True, tag="motion-seen"):
    """An `accord-motion-seen`: the voter's node has the motion. Silence rests on it."""

    motion_sha256: str


class Change(_Said, frozen=True, kw_only=True, tag="motion-change"):
    """An `accord-motion-change` by its proposer: a later close, or that it is withdrawn."""

    motion_sha256: str
    closes: datetime | None = None
    withdrawn: bool = False


class Ballot(_Said, frozen=True, kw_only=True, tag="ballot"):
    """An `accord-ballot`: one voice for the text that was read, with what the voter says to it."""

    motion_ref: str
    motion_sha256: str
    choice: Choice
    reservation: dict[str, str] | None = None  # by language, with a yes
    reason: dict[str, str] | None = None  # by language


class Finding(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was found of one voter; `ballot` is the hash of the ballot that counts."""

    voter: str
    found: Found
    ballot: str | None = None


class Sight(msgspec.Struct, frozen=True, array_like=True):
    """How far a tally's author had seen a voter's ledger: evidence, not part of what must agree."""

    ledger: str
    size: int
    past_close: bool  # witnessed past the close, and all that was granted of it taken in


class Tally(_Said, frozen=True, kw_only=True, tag="tally"):
    """An `accord-tally`: what one voter saw of every voter. All but `sights` must agree."""

    motion_sha256: str
    closes: datetime
    withdrawn: bool
    rival: str | None
    found: tuple[Finding, ...]
    sights: tuple[Sight, ...] = ()


class Outcome(_Said, frozen=True, tag="outcome"):
    """An `accord-outcome`: its author saw enough tallies that agree, and will say nothing else."""

    motion_sha256: str
    findings: str


def _by_language(longest: int, *, required: bool) -> Spec:
    return tuple(
        Field(language, text(longest), required=required) for language in ("zh", "ru", "en")
    )


motion_id = matching("accord-motion--[0-9a-f-]{36}", "accord-motion--UUID")
_hours = whole(1, 8_760)
motion_sha256 = Field("motion_sha256", sha256_hex)
_SAID = table(_by_language(5_000, required=False))

MOTION: Spec = (
    Field("body", body_id),
    Field("base", sha256_hex),
    Field("titles", table(_by_language(500, required=True))),
    Field("texts", table(_by_language(50_000, required=True))),
    Field("effect", effect_table),
    Field("electorate", listed(member_id, 1, 200)),
    Field("readers", listed(member_id, 0, 200), required=False),
    Field("opens", moment),
    Field("closes", moment),
    Field("reading_hours", _hours),
    Field("wait_hours", _hours),
    Field("rule", rule_table),
    Field("witnesses", listed(member_id, 1, 200)),
    Field("witness_quorum", whole(1, 200)),
    Field("papers", listed(stix_id, 0, 100), required=False),
    Field(
        "session",
        matching("accord-session--[0-9a-f-]{36}", "accord-session--UUID"),
        required=False,
    ),
)
SEEN: Spec = (motion_sha256,)
CHANGE: Spec = (
    motion_sha256,
    Field("closes", moment, required=False),
    Field("withdrawn", flag, required=False),
)
BALLOT: Spec = (
    Field("motion_ref", motion_id),
    motion_sha256,
    Field("choice", one_of("yes", "no", "abstain")),
    Field("reservation", _SAID, required=False),
    Field("reason", _SAID, required=False),
)


_found = one_of(*get_args(Found))
_VOTED = frozenset(get_args(Choice))
_A_FINDING = "[identity--UUID, found, SHA-256 | null]"


def _finding(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list) or len(value) != 3:
        raise Refused("invalid", path, _A_FINDING, str(value)[:80])
    voter, found, ballot = value
    voted = _found(found, path) in _VOTED
    if voted != (ballot is not None):
        raise Refused("invalid", path, _A_FINDING, str(value)[:80])
    return [member_id(voter, path), found, sha256_hex(ballot, path) if voted else None]


_finding.__dict__["allowed"] = "[voter, found, ballot]"


_place = whole(0, 2**53 - 1)


def _sight(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list) or len(value) != 3:
        raise Refused("invalid", path, "[ledger, size, past_close]", str(value)[:80])
    return [origin(value[0], path), _place(value[1], path), flag(value[2], path)]


_sight.__dict__["allowed"] = "[ledger, size, past_close]"

TALLY: Spec = (
    motion_sha256,
    Field("closes", moment),
    Field("withdrawn", flag),
    Field("rival", sha256_hex, required=False),
    Field("found", listed(_finding, 1, 200)),
    Field("sights", listed(_sight, 0, 200), required=False),
)
OUTCOME: Spec = (motion_sha256, Field("findings", sha256_hex))


def motion_of(fields: Mapping[str, Any]) -> Motion:
    """Read an `accord-motion`; `InputError` names the field, what is allowed and what is not."""
    own = read_object(fields, "accord-motion", MOTION)
    try:
        identifier = motion_id(fields.get("id"), "id")
        _check_together(own)
    except Refused as refused:
        raise as_input_error(refused) from None
    return msgspec.convert({**own, "id": identifier}, Motion)


def _check_together(own: Mapping[str, Any]) -> None:
    opens, closes = parse_time(own["opens"]), parse_time(own["closes"])
    least = timedelta(hours=own["reading_hours"])
    if closes - opens < least:
        raise Refused("invalid", "closes", f"≥ opens + {own['reading_hours']} h", own["closes"])
    if own["electorate"] != sorted(own["electorate"]):
        raise Refused("invalid", "electorate", "a < b < c", "")
    twice = set(own["electorate"]) & set(own.get("readers", ()))
    if twice:
        raise Refused("invalid", "readers", "≠ electorate", ", ".join(sorted(twice)))
    named = len(own["electorate"]) + len(own.get("readers", ()))
    if named > MAX_AUDIENCE:
        raise Refused("invalid", "readers", f"electorate + readers ≤ {MAX_AUDIENCE}", str(named))
    check_witnesses(own["witnesses"], own["witness_quorum"], "witness_quorum")


def ballot_of(fields: Mapping[str, Any]) -> Ballot:
    """Read an `accord-ballot`; raises `InputError` as `motion_of` does."""
    own = read_object(fields, "accord-ballot", BALLOT)
    if "reservation" in own and own["choice"] != "yes":
        raise as_input_error(Refused("invalid", "reservation", "choice = yes", own["choice"]))
    return msgspec.convert(own, Ballot)


def change_of(fields: Mapping[str, Any]) -> Change:
    """Read an `accord-motion-change`: it extends or it withdraws, not both (`InputError`)."""
    own = read_object(fields, "accord-motion-change", CHANGE)
    if ("closes" in own) == bool(own.get("withdrawn", False)):
        raise as_input_error(Refused("invalid", "closes", "closes | withdrawn", ""))
    return msgspec.convert(own, Change)


def tally_of(fields: Mapping[str, Any]) -> Tally:
    """Read an `accord-tally`: voters in order, none twice (`InputError`)."""
    own = read_object(fields, "accord-tally", TALLY)
    voters = [finding[0] for finding in own["found"]]
    if voters != sorted(set(voters)):
        raise as_input_error(Refused("invalid", "found", "a < b < c", ""))
    return msgspec.convert({"rival": None, **own}, Tally)


def _read(type_: str, spec: Spec, kind: Any, fields: Mapping[str, Any]) -> Any:
    return msgspec.convert(read_object(fields, type_, spec), kind)


seen_of: Callable[[Mapping[str, Any]], Seen] = partial(_read, "accord-motion-seen", SEEN, Seen)
outcome_of: Callable[[Mapping[str, Any]], Outcome] = partial(
    _read, "accord-outcome", OUTCOME, Outcome
)
