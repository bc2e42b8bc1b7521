"""The release rule: may this entry go to this recipient? One pure function, for both sides.

The sender asks before it grants, the receiver before it keeps. Default deny; every clause that
fails is listed, in a fixed order, so that a person sees all that stands in the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import astuple

from accord.ledger.envelope import GROUP_VERSION, VERSION, Envelope, Status

from .case import Case, Entry, Reason, case_of
from .clauses import (
    ANY_RECIPIENT,
    CONTROL_ENTRY,
    DESCRIBES_A_PERSON,
    FOR_A_GROUP,
    PASSED_ON,
    UNKNOWN_ENTRY,
    Clause,
)
from .clauses.asked import for_a_group, ordinary, recipients
from .control import CONTROL, ORDINARY
from .facts import Facts

__all__ = ["Entry", "Judgement", "Reason", "ReleaseRule", "Verdict", "judge", "release"]

_READ = (VERSION, GROUP_VERSION)
_OBJECT = Envelope.__struct_fields__.index("object")


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """The answer, its reasons, and what it rested on.

    `facts_seq` numbers the last fact known, so that the verdict can be recomputed; `status` tells
    the receiver what must be kept apart from the real thing.
    """

    allowed: bool
    reasons: tuple[Reason, ...]
    status: Status
    facts_seq: int

    @property
    def waits(self) -> bool:
        """Not now, but facts not yet seen could turn every reason: quarantine instead of drop."""
        return not self.allowed and all(reason.waits for reason in self.reasons)


class Judgement:
    """An entry judged; what remains is who asks. For an entry with many recipients."""

    __slots__ = ("_verdicts", "case", "reasons")

    def __init__(self, case: Case) -> None:
        self.case = case
        self._verdicts: dict[str, Verdict] = {}
        self.reasons = _of_the_entry(case)

    def to(self, recipient: str) -> Verdict:
        """The verdict for one recipient: its own reasons first, then those of the entry."""
        verdict = self._verdicts.get(recipient)
        if verdict is None:
            verdict = self._verdicts[recipient] = _verdict(self.case, recipient, self.reasons)
        return verdict


def _of_the_entry(case: Case) -> list[Reason]:
    """What stands in the way whoever asks."""
    clauses = _clauses_for(case)
    if not clauses:
        return []
    found: list[Reason] = []
    for clause in clauses:
        reason = clause(case)
        if reason is not None:
            found.append(reason)
    return found


def _verdict(case: Case, recipient: str, of_the_entry: Sequence[Reason]) -> Verdict:
    envelope = case.envelope
    clauses = recipients(case, recipient) if envelope.kind == ORDINARY else ANY_RECIPIENT
    found: list[Reason] = []
    for clause in clauses:
        reason = clause(case, recipient)
        if reason is not None:
            found.append(reason)
    if found or of_the_entry:
        return Verdict(False, (*found, *of_the_entry), envelope.status, case.facts.seq)
    return Verdict(True, (), envelope.status, case.facts.seq)


class ReleaseRule:
    """The rule as of one moment, for many entries: those that it cannot tell apart share an answer.

    What no clause reads is left out of the comparison, and nothing else is: which object it is and
    of which version (its type is read), and of ordinary entries the size.
    """

    def __init__(self, facts: Facts, now: datetime) -> None:
        self._facts = facts
        self._now = now
        self._known: dict[tuple[Any, ...], Judgement] = {}

    def judge(self, entry: Entry, issued_at: datetime | None = None) -> Judgement:
        """The same as the function `judge`."""
        alike = _what_is_read(entry, issued_at)
        judgement = self._known.get(alike)
        if judgement is None:
            judgement = self._known[alike] = judge(entry, self._facts, self._now, issued_at)
        return judgement


def _what_is_read(entry: Entry, issued_at: datetime | None) -> tuple[Any, ...]:
    envelope = astuple(entry.envelope)
    return (
        *envelope[:_OBJECT],
        entry.envelope.object.type,
        *envelope[_OBJECT + 1 :],
        entry.markings,
        entry.person_triggers,
        entry.parties,
        entry.source,
        entry.flags,
        entry.amends,
        entry.swap,
        entry.awaited,
        0 if entry.envelope.kind == ORDINARY else entry.size,
        issued_at,
    )


def judge(
    entry: Entry, facts: Facts, now: datetime, issued_at: datetime | None = None
) -> Judgement:
    """The half of `release` that is the same for every recipient."""
    return Judgement(case_of(entry, facts, now, issued_at))


def release(
    entry: Entry, recipient: str, facts: Facts, now: datetime, issued_at: datetime | None = None
) -> Verdict:
    """Whether `entry` may go to `recipient`, as of `now` and of what `facts` hold.

    The agreement is judged as of `issued_at`, the recipient's entitlement as of `now`. A receiver
    passes the witnessed time of issue; without it the envelope's own word counts, which is right
    for the sender, whose word it is, and also when it grants an older entry to a late party.
    """
    case = case_of(entry, facts, now, issued_at)
    return _verdict(case, recipient, _of_the_entry(case))


def _clauses_for(case: Case) -> tuple[Clause, ...]:
    envelope = case.envelope
    if envelope.kind != ORDINARY or envelope.accord not in _READ:
        if envelope.kind not in CONTROL or envelope.accord not in _READ:
            return UNKNOWN_ENTRY
        return CONTROL_ENTRY if envelope.roster is None else CONTROL_ENTRY + FOR_A_GROUP
    clauses = ordinary(case)
    if envelope.roster is not None:
        clauses += for_a_group(case)
    if case.entry.person_triggers:
        clauses += DESCRIBES_A_PERSON
    if envelope.source is not None:
        clauses += PASSED_ON
    return clauses
