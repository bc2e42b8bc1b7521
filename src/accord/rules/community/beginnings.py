"""Where the knowledge of one that joins a working group later begins.

It was not told of the decisions before: they were addressed to those who belonged then. The motion
on its admission names all who vote on it, who are the whole group; so it shows the state that it
was made on. Who vouches for that are the voters themselves, a founder among them, whom the council
named: each says "outcome" of a motion only if it knows its base and finds the motion fit for it.
"""

from __future__ import annotations

from accord.rules.decisions.bodies import BodyState
from accord.rules.decisions.council import Council
from accord.rules.decisions.rule import enough


def begin(council: Council, member: str) -> None:
    """Let the chains of the groups that admitted `member` begin where it was admitted."""
    shown = []
    for sha256 in council.waiting():
        motion, state = council.motion(sha256), _shown_by(council, sha256, member)
        if motion is not None and state is not None:
            shown.append((motion.closes, state.id, state))
    for _, _, state in sorted(shown, key=lambda each: each[:2]):
        head = council.head(state.body)
        if head is not None and member not in head.members:
            council.found(state)


def _shown_by(council: Council, sha256: str, member: str) -> BodyState | None:
    """The state that a motion to admit `member` was made on; None for any other motion.

    None, too, until so many voters have said what became of it, a founder among them.
    """
    record = council.record(sha256)
    motion = record.motion if record is not None else None
    if record is None or motion is None:
        return None
    if motion.effect.does != "admit" or motion.effect.member != member:
        return None
    first = council.founding(motion.body)
    if first is None or not first.is_group:
        return None
    said = {voter for by in record.outcomes.values() for voter in by} & set(motion.electorate)
    if len(said) < enough(len(motion.electorate)) or said.isdisjoint(first.members):
        return None
    return BodyState(
        id=motion.base,
        body=motion.body,
        depth=1,
        members=dict.fromkeys(motion.electorate, "member"),
        rules=first.rules,
        history=first.history,
        agreement=first.agreement,
    )
