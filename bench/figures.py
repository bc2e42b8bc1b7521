"""What is measured, what it is held against, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter

import msgspec


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure must reach. Any one of the conditions that are given is enough."""

    text: str
    at_least: float | None = None
    at_most: float | None = None
    share: float | None = None  # of the limit
    times: float | None = None  # as good as the one named beside it

    @property
    def more_is_better(self) -> bool:
        return self.at_most is None

    @property
    def asks(self) -> bool:
        """Whether there is anything to reach."""
        return any(
            each is not None for each in (self.at_least, self.at_most, self.share, self.times)
        )


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """The same figure of another program. `value` null: it was not measured, `note` says why."""

    name: str
    value: float | None = None
    low: float = 0.0
    high: float = 0.0
    note: str = ""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a table. `value` is held against the bar; `low` and `high` are the extremes.

    `times`: how many times as good as the peer that the bar names, the median over pairs of
    runs.
    """

    name: str
    title: str
    unit: str
    bar: Bar
    value: float
    low: float
    high: float
    runs: str
    limit: float | None = None  # what the bare parts of the work reach, in the same unit
    note: str = ""
    more_is_better: bool = True
    beside: tuple[Beside, ...] = ()
    times: float | None = None

    @property
    def better(self) -> float | None:
        """How many times better than its bar, by the condition met best; null: nothing to hold."""
        bar, found = self.bar, []
        if bar.at_least is not None:
            found.append(self.value / bar.at_least)
        if bar.at_most is not None:
            found.append(bar.at_most / max(self.value, 1e-9))
        if bar.share is not None and self.limit is not None:
            found.append(self.value / (bar.share * self.limit))
        if bar.times is not None and self.times is not None:
            found.append(self.times / bar.times)
        return max(found) if found else None

    @property
    def met(self) -> bool | None:
        return None if self.better is None else self.better >= 1

    @property
    def share(self) -> float | None:
        """How much of the limit is reached (for times: the limit's share of it)."""
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
        more_is_better=bar.more_is_better,
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
        more_is_better=False,
    )


def beside(
    figure: Figure,
    values: Sequence[float],
    others: Mapping[str, Sequence[float] | str],
    against: str,
    *,
    more_is_better: bool,
) -> Figure:
    """Put the same figure of others beside one: their values, or why there are none.

    `times` is about the one called `against`. Runs are held against each other in pairs, because
    they were measured in turns.
    """
    other, times = others.get(against, ""), None
    if not isinstance(other, str):
        pairs = zip(values, other, strict=True)
        times = median(own / its if more_is_better else its / own for own, its in pairs)
    return msgspec.structs.replace(
        figure,
        beside=tuple(_one_beside(name, found) for name, found in others.items()),
        times=times,
        more_is_better=more_is_better,
    )


def _one_beside(name: str, found: Sequence[float] | str) -> Beside:
    if isinstance(found, str):
        return Beside(name=name, note=found)
    return Beside(name=name, value=median(found), low=min(found), high=max(found))


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
