"""The release rule: verdicts a second in one thread, beside a policy engine on the same rules."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from time import perf_counter

from accord.rules.release import Verdict, release

from . import cedar
from .figures import Bar, Figure, beside, of_runs
from .peers.environments import Unavailable
from .scale import Scale
from .verdicts import NOW, Asked, Community

BAR = Bar(text="≥ 150,000 verdicts/s in one thread", at_least=150_000)
MEMBERS, AGREEMENTS = 200, 500
_LEAST_DENIED = 0.2
_FEWER = 50  # Cedar is asked a part of them: its pace is the same, and it takes its time


def measure(scale: Scale) -> list[Figure]:
    """Every question is another entry; every verdict lists all its reasons.

    Each run has questions of its own, so that nothing is answered from memory. Cedar's answers to
    them must be the same; it is not asked for what a person reads.
    """
    ours: list[float] = []
    theirs: list[float] | str = []
    denied = 0.0
    for run in range(scale.runs):
        community = Community(run, MEMBERS, AGREEMENTS)
        asked = community.questions(scale.verdicts)
        seconds, verdicts = _judge(community, asked)
        ours.append(len(asked) / seconds)
        denied = sum(not verdict.allowed for verdict in verdicts) / len(verdicts)
        if denied < _LEAST_DENIED:
            raise ValueError(f"only {denied:.0%} were denied")
        if not isinstance(theirs, str):
            part = asked[: scale.verdicts // _FEWER]
            theirs = _beside(community, part, verdicts[: len(part)], theirs)
    title = f"verdicts, {MEMBERS} members, {AGREEMENTS} agreements in force"
    note = f"{denied:.0%} denied, with all reasons"
    figure = of_runs("release", title, "verdicts/s", BAR, ours, note=note)
    return [beside(figure, ours, {cedar.NAME: theirs}, cedar.NAME, more_is_better=True)]


def _judge(community: Community, asked: Sequence[Asked]) -> tuple[float, list[Verdict]]:
    facts = community.facts
    gc.collect()
    gc.freeze()  # the questions are not part of the work
    start = perf_counter()
    verdicts = [release(each.entry, each.recipient, facts, NOW) for each in asked]
    seconds = perf_counter() - start
    gc.unfreeze()
    return seconds, verdicts


def _beside(
    community: Community, asked: Sequence[Asked], verdicts: Sequence[Verdict], so_far: list[float]
) -> list[float] | str:
    try:
        seconds, allowed = cedar.ask(community, asked)
    except Unavailable as why:
        return str(why)
    if allowed != [verdict.allowed for verdict in verdicts]:
        raise ValueError("Cedar was asked other rules than ours")
    return [*so_far, len(asked) / seconds]
