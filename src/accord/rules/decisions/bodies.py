"""The state of a body that decides: a council under its charter, or a working group.

A state is named by a hash that covers all that led to it: the charter's text, and each motion that
changed it since. So two nodes that name one state mean one roster and one set of rules.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from uuid import uuid5

import msgspec

from accord.base.messages import Message, say
from accord.ledger.keys import ACCORD_NAMESPACE
from accord.rules.community.standings import Right, Standing, may

from .effects import OF_A_GROUP, SWAPS, Effect, History
from .objects import Motion
from .rule import CouncilRules, Rule

Texts = Mapping[str, CouncilRules]  # what charters say of decisions, by the hash of their text


class BodyState(msgspec.Struct, frozen=True, kw_only=True):
    """Who belongs to a body and how it decides, at one point of its chain of decisions."""

    id: str
    body: str
    depth: int
    members: dict[str, Standing]
    suspended: frozenset[str] = frozenset()
    rules: CouncilRules
    history: History = "all"
    agreement: str | None = None  # of a working group: under which agreement it works
    joined: dict[str, str] = {}  # member: the state at which it came, for those that came later

    @property
    def is_group(self) -> bool:
        return self.body.startswith("accord-group--")

    def with_right(self, right: Right) -> tuple[str, ...]:
        """The members that have `right`, in the order of their ids."""
        return tuple(
            member
            for member, standing in sorted(self.members.items())
            if may(standing, right, suspended=member in self.suspended)
        )

    @property
    def voters(self) -> tuple[str, ...]:
        return self.with_right("vote")

    def readers(self, effect: Effect) -> frozenset[str]:
        """Who is told of a motion without a vote: observers, and the member that it is about.

        Who belongs, and by which rules, is for all that belong to know.
        """
        about = {effect.member} if effect.member is not None else set()
        right: Right = "read-charter" if effect.is_swap else "read-decisions"
        return (frozenset(self.with_right(right)) | about) - frozenset(self.voters)


def founded(body: str, sha256: str, parties: Iterable[str], rules: CouncilRules) -> BodyState:
    """The first state of a council: the parties of a charter's text are its members."""
    members: dict[str, Standing] = dict.fromkeys(sorted(parties), "member")
    return BodyState(id=state_id(body, sha256), body=body, depth=0, members=members, rules=rules)


def group_of(council: BodyState, motion: Motion, sha256: str) -> BodyState:
    """The first state of the working group that the council's motion authorises."""
    effect, body = motion.effect, group_id_of(sha256)
    rules = msgspec.structs.replace(
        council.rules, rule=msgspec.convert(dict(effect.rule or {}), Rule), rules=()
    )
    return BodyState(
        id=state_id(body, sha256),
        body=body,
        depth=0,
        members=dict.fromkeys(sorted(effect.members), "member"),
        rules=rules,
        history=effect.history or "all",
        agreement=effect.agreement,
    )


def changed(state: BodyState, motion: Motion, sha256: str, texts: Texts) -> BodyState | None:
    """The state after a swap became final; None while the new charter's text is not known here."""
    effect, members, suspended = motion.effect, dict(state.members), set(state.suspended)
    rules, joined, member = state.rules, dict(state.joined), motion.effect.member
    identifier = state_id(state.id, sha256)
    if effect.does == "amend-charter":
        known = texts.get(effect.sha256 or "")
        if known is None:
            return None
        rules = known
    elif effect.does == "suspend" and member is not None:
        suspended.add(member)
    elif effect.does == "restore" and member is not None:
        suspended.discard(member)
    elif effect.does == "note-departure" and member is not None:
        members.pop(member, None)
        suspended.discard(member)
        joined.pop(member, None)
    elif member is not None and effect.standing is not None:
        if member not in members:
            joined[member] = identifier
        members[member] = effect.standing
    return msgspec.structs.replace(
        state,
        id=identifier,
        depth=state.depth + 1,
        members=members,
        suspended=frozenset(suspended),
        rules=rules,
        joined=joined,
    )


def why_unfit(motion: Motion, proposer: str, state: BodyState) -> Message | None:
    """Why a motion is not one that this state of its body allows; None when it is."""
    if motion.body != state.body:
        return say("rules.motion-other-body", body=motion.body, base=state.body)
    if proposer not in state.with_right("propose"):
        return say("rules.motion-may-not-propose", author=proposer)
    expected = state.readers(motion.effect)
    if motion.electorate != state.voters or frozenset(motion.readers) != expected:
        return say("rules.motion-other-electorate", motion=motion.id)
    rules = state.rules
    if (motion.rule, motion.witnesses, motion.witness_quorum, motion.wait_hours) != (
        rules.for_effect(motion.effect.does),
        rules.witnesses,
        rules.witness_quorum,
        rules.wait_hours,
    ):
        return say("rules.motion-other-rule", motion=motion.id)
    if motion.reading_hours < rules.reading_hours:
        return say("rules.motion-too-short", count=rules.reading_hours)
    return _why_idle(motion, state)


def _why_idle(motion: Motion, state: BodyState) -> Message | None:
    """Why the effect would change nothing, or is not for this body."""
    effect = motion.effect
    if state.is_group and effect.does not in OF_A_GROUP:
        return say("rules.motion-not-for-a-group", does=effect.does)
    known = state.members.get(effect.member or "")
    fits = {
        "amend-charter": effect.agreement == state.body,
        "admit": known is None and (not state.is_group or effect.standing == "member"),
        "change-standing": known is not None and known != effect.standing,
        "suspend": known is not None and effect.member not in state.suspended,
        "restore": effect.member in state.suspended,
        "note-departure": known is not None,
        "authorise-group": set(effect.members) <= set(state.with_right("join-groups")),
    }
    if fits.get(effect.does, True) and (motion.counted or effect.does not in SWAPS):
        return None
    return say("rules.motion-idle", does=effect.does, motion=motion.id)


def group_id_of(sha256: str) -> str:
    """The id of the working group that the motion with these bytes authorises."""
    return f"accord-group--{uuid5(ACCORD_NAMESPACE, sha256)}"


def state_id(before: str, sha256: str) -> str:
    """The name of the state that a text or motion brings about after `before`, or founds."""
    framed = "".join(f"{len(part)}:{part}" for part in ("accord/state/v1", before, sha256))
    return hashlib.sha256(framed.encode()).hexdigest()
