"""What a voter's node says about a motion by itself: that it came, what it saw, what is final.

The safety of decisions rests on one promise that every honest node keeps: of one motion it says one
outcome, ever, and of all that exclude each other it says "adopted" of one. It can keep it through
any crash, because what it said stands in its own ledger.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from .council import Council, is_settled
from .findings import Views, effective_close, findings, unseen, verdict_of
from .objects import Motion, Outcome, Seen, Tally
from .record import Record, digest_of
from .states import MOTION, MotionEvent, MotionState


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a motion stands here and now. `tally` is what this node finds; None before it can."""

    state: MotionState
    closes: datetime | None = None
    tally: Tally | None = None
    supported: tuple[tuple[str, int], ...] = ()  # digest of findings, by how many tallied
    confirmed: tuple[tuple[str, int], ...] = ()  # digest of findings, by how many outcomes


def standing(
    council: Council, sha256: str, views: Views, now: datetime, me: str | None = None
) -> Standing:
    """How a motion stands; `views` are the ledgers of its electorate as this node sees them."""
    record = council.record(sha256)
    motion = None if record is None else record.motion
    if record is None or motion is None:
        return Standing(state="unknown")
    closes, _ = effective_close(motion, record, views)
    tally = None
    if now >= closes:
        rival = rival_of(council, sha256, views, now, me)
        tally = findings(sha256, record, views, council.astray(sha256), rival)
    return Standing(
        state=MOTION.after(_events(council, sha256, motion, record, now >= closes)),
        closes=closes,
        tally=tally,
        supported=tuple(sorted((d, len(record.support(d))) for d in record.findings)),
        confirmed=tuple(sorted((d, len(by)) for d, by in record.outcomes.items())),
    )


def _events(
    council: Council, sha256: str, motion: Motion, record: Record, closed: bool
) -> list[MotionEvent]:
    events: list[MotionEvent] = ["came"]
    if motion.base in council.states:
        events.append("fitted" if council.misfit(sha256) is None else "misfitted")
    if closed:
        events.append("closed")
    if _agreed(motion, record) is not None:
        events.append("agreed")
    if council.finals.get(sha256):
        events.append(f"made-{council.finals[sha256][0].verdict}")  # type: ignore[arg-type]
    if council.contested(sha256):
        events.append("contradicted")
    return events


def _agreed(motion: Motion, record: Record) -> str | None:
    """The digest of findings that enough voters tallied alike."""
    for digest, tally in sorted(record.findings.items()):
        if is_settled(motion, verdict_of(motion, tally), record.support(digest)):
            return digest
    return None


def due(
    council: Council, sha256: str, me: str, views: Views, now: datetime
) -> Seen | Tally | Outcome | None:
    """What this voter's node is to publish now about a motion; None when there is nothing to say.

    Publish it, take it in as heard, and ask again: one call answers with one object.
    """
    record = council.record(sha256)
    motion = None if record is None else record.motion
    if (
        record is None
        or motion is None
        or me not in motion.electorate
        or not council.is_fit(sha256)
    ):
        return None
    closes, _ = effective_close(motion, record, views)
    if now < closes:
        return None if me in record.seen else Seen(sha256)
    if council.finals.get(sha256) or _said(record, me) is not None:
        return None
    if (outcome := _outcome_due(council, sha256, me)) is not None:
        return outcome
    return _tally_due(council, sha256, me, views, now)


def _tally_due(council: Council, sha256: str, me: str, views: Views, now: datetime) -> Tally | None:
    """A tally, when all that can be seen is seen; a further one when this node has learned more."""
    record = council.record(sha256)
    assert record is not None
    assert record.motion is not None
    closes, _ = effective_close(record.motion, record, views)
    patience = closes + timedelta(hours=record.motion.wait_hours)
    if now < patience and unseen(record.motion, views, closes):
        return None
    rival = rival_of(council, sha256, views, now, me)
    tally = findings(sha256, record, views, council.astray(sha256), rival)
    return None if digest_of(tally) in record.tallied.get(me, {}) else tally


def _outcome_due(council: Council, sha256: str, me: str) -> Outcome | None:
    """The outcome that enough tallies agree on, unless this voter is bound to another one."""
    record = council.record(sha256)
    assert record is not None
    assert record.motion is not None
    digest = _agreed(record.motion, record)
    if digest is None:
        return None
    adopts = verdict_of(record.motion, record.findings[digest]) == "adopted"
    if adopts and any(bound_to(council, rival, me) for rival in council.rivals(sha256)):
        return None
    return Outcome(sha256, digest)


def bound_to(council: Council, sha256: str, me: str) -> bool:
    """Whether this voter has said that a motion is adopted: then nothing that excludes it is."""
    record = council.record(sha256)
    if record is None or record.motion is None:
        return False
    for digest, by in record.outcomes.items():
        tally = record.findings.get(digest)
        # findings that are not known here bind as well: they may adopt
        if me in by and (tally is None or verdict_of(record.motion, tally) == "adopted"):
            return True
    return False


def _said(record: Record, me: str) -> str | None:
    return next((digest for digest, by in record.outcomes.items() if me in by), None)


def rival_of(
    council: Council, sha256: str, views: Views, now: datetime, me: str | None
) -> str | None:
    """The motion to which this one yields, the same for all who hold the same entries.

    One that is adopted, or that this voter is bound to; else one that closes before and would be
    adopted, for as long as voters still wait for its outcome. Only the promise of `bound_to` keeps
    outcomes apart; the order here lets voters agree.
    """
    rivals = council.rivals(sha256)
    for rival in rivals:
        if rival in council.in_force or (me is not None and bound_to(council, rival, me)):
            return rival
    motion = council.motion(sha256)
    for rival in rivals:
        other = council.motion(rival)
        assert motion is not None
        assert other is not None
        if (other.closes, rival) < (motion.closes, sha256) and _likely(council, rival, views, now):
            return rival
    return None


def _likely(council: Council, sha256: str, views: Views, now: datetime) -> bool:
    """Whether a motion would be adopted by what is seen here, and voters still wait for it."""
    record, final = council.record(sha256), council.verdict(sha256)
    assert record is not None
    assert record.motion is not None
    if final is not None:
        return final == "adopted"
    closes, _ = effective_close(record.motion, record, views)
    if not closes <= now < closes + 2 * timedelta(hours=record.motion.wait_hours):
        return now < closes
    tally = findings(sha256, record, views, council.astray(sha256), None)
    return verdict_of(record.motion, tally) == "adopted"
