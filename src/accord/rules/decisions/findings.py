"""What one node finds of every voter, from the entries it holds and the ledgers it follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from accord.ledger.keys import member_id

from .heard import Void
from .objects import Finding, Found, Motion, Sight, Tally
from .record import Record
from .rule import Position, Verdict, decide
from .witnessing import LedgerView, Witnesses

Views = Mapping[str, LedgerView]  # by member

# As the rule of adoption takes it. A voter that was cut off has not agreed, nor has it voted.
POSITIONS: dict[Found, Position] = {
    "yes": "yes",
    "no": "no",
    "abstain": "abstain",
    "silent": "silent",
    "absent": "unknown",  # its ledger was not seen past the close, or it never had the motion
    "late": "unknown",  # it voted, and nobody can say whether in time
    "spoiled": "unknown",  # it said two things
    "void": "unknown",  # it voted on another text, or not before everybody
}


def verdict_of(motion: Motion, tally: Tally) -> Verdict:
    """What follows from these findings: the same on every node that reads them."""
    if tally.withdrawn:
        return "withdrawn"
    if tally.rival is not None:
        return "lapsed"
    return decide(motion.rule, [POSITIONS[each.found] for each in tally.found])


def findings(
    sha256: str, record: Record, views: Views, astray: Mapping[str, int], rival: str | None
) -> Tally:
    """The tally that this node would publish of a motion that it holds.

    `astray` gives, by voter, the places of ballots on another text of the motion; `rival` is the
    motion that took its base.
    """
    motion = record.motion
    if motion is None:
        raise ValueError(f"no motion {sha256}")
    closes, withdrawn = effective_close(motion, record, views)
    desk = _Desk(motion, record, views, closes)
    return Tally(
        motion_sha256=sha256,
        closes=closes,
        withdrawn=withdrawn,
        rival=rival,
        found=tuple(desk.finding(voter, astray.get(voter)) for voter in motion.counted),
        sights=tuple(
            desk.sight(views[voter], voter) for voter in motion.electorate if voter in views
        ),
    )


def effective_close(motion: Motion, record: Record, views: Views) -> tuple[datetime, bool]:
    """When the motion closes, and whether it was withdrawn before.

    The proposer may extend it once, or withdraw it, witnessed before the close; two changes that
    differ are both void, and an earlier close is none.
    """
    view = views.get(record.proposer)
    witnesses = Witnesses(motion.witnesses, motion.witness_quorum, record.proposer)
    made = [
        placed
        for placed in record.changes
        if view is not None and witnesses.existed_by(view, placed.index, motion.closes)
    ]
    if len(made) != 1:
        return motion.closes, False
    change = made[0].change
    later = change.closes
    if later is not None and later > motion.closes:
        return later, False
    return motion.closes, change.withdrawn


def unseen(motion: Motion, views: Views, closes: datetime) -> Collection[str]:
    """The counted voters whose ledgers this node has not seen past the close."""
    return [
        voter
        for voter in motion.counted
        if voter not in views
        or Witnesses(motion.witnesses, motion.witness_quorum, voter).closed_at(views[voter], closes)
        is None
    ]


class _Desk:
    """Counts the voters of one motion one by one."""

    def __init__(self, motion: Motion, record: Record, views: Views, closes: datetime) -> None:
        self._motion, self._record, self._views, self._closes = motion, record, views, closes

    def finding(self, voter: str, astray: int | None) -> Finding:
        view = self._views.get(voter)
        if view is None:
            return Finding(voter, "absent")
        witnesses = self._witnesses(voter)
        cast = self._record.ballots.get(voter, ())
        valid = [b for b in cast if witnesses.existed_by(view, b.index, self._closes)]
        if len(valid) > 1:
            return Finding(voter, "spoiled")
        if valid:
            return Finding(voter, valid[0].ballot.choice, valid[0].sha256)
        return Finding(voter, self._without_ballot(voter, view, witnesses, astray))

    def _without_ballot(
        self, voter: str, view: LedgerView, witnesses: Witnesses, astray: int | None
    ) -> Found:
        closed = witnesses.closed_at(view, self._closes)
        if closed is None:
            return "absent"
        # What the first checkpoint past the close holds may have been written while it was cut off.
        if any(ballot.index < closed for ballot in self._record.ballots.get(voter, ())):
            return "late"
        void = [v.index for v in self._record.voids.values() if _is_own_ballot(v, voter)]
        if any(index < closed for index in [*void, *([] if astray is None else [astray])]):
            return "void"
        seen = self._record.seen.get(voter)
        latest = self._closes - self._motion.reading
        if seen is None or not witnesses.existed_by(view, seen, latest):
            return "absent"
        return "silent"

    def sight(self, view: LedgerView, voter: str) -> Sight:
        closed = self._witnesses(voter).closed_at(view, self._closes)
        return Sight(view.ledger, view.taken, closed is not None)

    def _witnesses(self, voter: str) -> Witnesses:
        return Witnesses(self._motion.witnesses, self._motion.witness_quorum, voter)


def _is_own_ballot(void: Void, voter: str) -> bool:
    """Whether a void entry is a ballot in the voter's own ledger: what others forge is nothing."""
    return void.kind == "ballot" and void.author == voter == member_id(void.ledger)
