"""What is measured, what it is held against, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

import msgspec


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure must reach. Any one of the conditions that are given is enough."""

    text: str
    at_least: float | None = None
    at_most: float | None = None
    share: float | None = None  # of the one-thread limit

    def met(self, value: float, limit: float | None) -> bool:
        return (
            (self.at_least is not None and value >= self.at_least)
            or (self.at_most is not None and value <= self.at_most)
            or (self.share is not None and limit is not None and value >= self.share * limit)
        )


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table. `value` is held against the bar; `low` and `high` are the extremes."""

    name: str
    title: str
    unit: str
    bar: Bar
    value: float
    low: float
    high: float
    runs: str
    limit: float | None = None  # what one thread does with the bare parts, in the same unit
    note: str = ""

    @property
    def met(self) -> bool:
        return self.bar.met(self.value, self.limit)

    @property
    def more_is_better(self) -> bool:
        return self.bar.at_most is None

    @property
    def share(self) -> float | None:
        """How much of the one-thread limit is reached (for times: the limit's share of it)."""
        if self.limit is None:
            return None
        return self.value / self.limit if self.more_is_better else self.limit / self.value


class Grown(msgspec.Struct, frozen=True, kw_only=True):
    """One figure at a small and at a large store; the bar is on how many times worse it got."""

    title: str
    unit: str
    small: float
    large: float
    more_is_better: bool
    most: float = 1.5

    @property
    def times(self) -> float:
        return self.small / self.large if self.more_is_better else self.large / self.small

    @property
    def met(self) -> bool:
        return self.times <= self.most


def of_runs(
    name: str,
    title: str,
    unit: str,
    bar: Bar,
    values: Sequence[float],
    limits: Sequence[float] = (),
    note: str = "",
) -> Figure:
    """A figure whose value is the median of several runs."""
    return Figure(
        name=name,
        title=title,
        unit=unit,
        bar=bar,
        value=median(values),
        low=min(values),
        high=max(values),
        runs=f"median of {len(values)}" if len(values) > 1 else "one run",
        limit=median(limits) if limits else None,
        note=note,
    )


def of_tries(name: str, title: str, unit: str, bar: Bar, tries: Sequence[float]) -> Figure:
    """A figure whose value is the 99th percentile of single tries; the note tells the median."""
    return Figure(
        name=name,
        title=title,
        unit=unit,
        bar=bar,
        value=percentile(tries, 99),
        low=min(tries),
        high=max(tries),
        runs=f"p99 of {len(tries)} tries",
        note=f"p50 {median(tries):.0f} {unit}",
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of the values do not exceed (nearest rank)."""
    ranked = sorted(values)
    rank = -(-len(ranked) * percent // 100)
    return ranked[max(0, int(rank) - 1)]


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    start = perf_counter()
    work()
    return perf_counter() - start
