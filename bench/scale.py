"""How much is measured: everything, or enough to see in minutes whether something broke."""

from __future__ import annotations

import msgspec


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of objects, entries, runs and tries."""

    runs: int
    starts: int
    attack: int | None  # the first so many objects; null for all
    indicators: int
    indicator_runs: int
    drains: int
    requests: int
    entries: int
    exchanges: int
    tries: int
    bulk: int
    small: int  # objects stored when growth is first measured …
    large: int  # … and when it is measured again
    parts: int  # measured batches at each of the two
    part: int  # objects of such a batch
    contests: int  # runs beside the peers …
    contest_part: int  # … and objects that each takes in in one of them
    huge: int  # objects stored when filters are measured a second time
    questions: int  # how often each question is searched for
    verdicts: int  # entries before the release rule in one run
    decisions: int  # entries about motions that are folded in one run
    recalled: int  # objects that are published and called back
    recalls: int  # … so many times, in a community of its own each
    members: int  # known to the node whose pages are measured …
    agreements: int  # … and in force between it and another
    watchers: int  # people who have one page open


FULL = Scale(
    runs=5,
    starts=7,
    attack=None,
    indicators=100_000,
    indicator_runs=3,
    drains=5,
    requests=500,
    entries=100_000,
    exchanges=3,
    tries=200,
    bulk=25_000,
    small=25_000,
    large=250_000,
    parts=5,
    part=5_000,
    contests=5,
    contest_part=2_000,
    huge=1_000_000,
    questions=50,
    verdicts=50_000,
    decisions=100_000,
    recalled=10_000,
    recalls=3,
    members=200,
    agreements=500,
    watchers=200,
)
QUICK = Scale(
    runs=2,
    starts=3,
    attack=6_000,
    indicators=6_000,
    indicator_runs=2,
    drains=3,
    requests=100,
    entries=50_000,
    exchanges=1,
    tries=20,
    bulk=5_000,
    small=6_000,
    large=25_000,
    parts=3,
    part=2_000,
    contests=2,
    contest_part=1_000,
    huge=50_000,
    questions=10,
    verdicts=5_000,
    decisions=10_000,
    recalled=1_500,
    recalls=1,
    members=20,
    agreements=20,
    watchers=40,
)
