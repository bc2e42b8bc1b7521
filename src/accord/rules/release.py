"""The release rule: may this entry go to this recipient? One pure function, for both sides.

The sender asks before it grants, the receiver before it keeps. Default deny; every clause that
fails is listed, in a fixed order, so that a person sees all that stands in the way.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from accord.ledger.envelope import Status

from .case import Case, Entry, Reason
from .clauses import CONTROL_ENTRY, EVERY_ENTRY, ORDINARY_ENTRY, Clause
from .control import CONTROL, ORDINARY
from .facts import Facts

__all__ = ["Entry", "Reason", "Verdict", "release"]


class Verdict(msgspec.Struct, frozen=True):
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


def release(
    entry: Entry, recipient: str, facts: Facts, now: datetime, issued_at: datetime | None = None
) -> Verdict:
    """Whether `entry` may go to `recipient`, as of `now` and of what `facts` hold.

    The agreement is judged as of `issued_at`, the recipient's entitlement as of `now`. A receiver
    passes the witnessed time of issue; without it the envelope's own word counts, which is right
    for the sender, whose word it is, and also when it grants an older entry to a late party.
    """
    case = Case(entry, recipient, facts, now, issued_at)
    reasons = [
        reason for clause in _clauses(entry.envelope.kind) if (reason := clause(case)) is not None
    ]
    return Verdict(not reasons, tuple(reasons), entry.envelope.status, facts.seq)


def _clauses(kind: str) -> tuple[Clause, ...]:
    if kind == ORDINARY:
        return ORDINARY_ENTRY
    # An unknown kind always fails a clause of EVERY_ENTRY.
    return CONTROL_ENTRY if kind in CONTROL else EVERY_ENTRY
