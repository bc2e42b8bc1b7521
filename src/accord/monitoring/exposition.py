"""Counters, histograms, and the text format in which Prometheus reads them (version 0.0.4).

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


class Sample(msgspec.Struct, frozen=True):
    """One line: its labels, and its value."""

    value: float
    labels: Sequence[tuple[str, str]] = ()
    suffix: str = ""  # of the name: a histogram has _bucket, _sum and _count


class Family(msgspec.Struct, frozen=True):
    """All lines of one name."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    samples: Sequence[Sample]


class Counter:
    """Only grows, apart for each set of label values. Safe to share between threads."""

    def __init__(self, name: str, help_: str, labels: Sequence[str]) -> None:
        self._name, self._help, self._labels = name, help_, labels
        self._lock = threading.Lock()
        self._values: dict[tuple[str, ...], float] = {}

    def add(self, *labels: str, by: float = 1) -> None:
        with self._lock:
            self._values[labels] = self._values.get(labels, 0) + by

    def family(self) -> Family:
        """As it stands now."""
        with self._lock:
            known = sorted(self._values.items())
        pairs = [Sample(value, _pairs(self._labels, key)) for key, value in known]
        return Family(self._name, "counter", self._help, pairs)


class Histogram:
    """How often values up to each bound were seen. Safe to share between threads."""

    def __init__(
        self, name: str, help_: str, labels: Sequence[str], bounds: Sequence[float]
    ) -> None:
        self._name, self._help, self._labels = name, help_, labels
        self._bounds = bounds
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, ...], tuple[list[int], float]] = {}

    def observe(self, value: float, *labels: str) -> None:
        with self._lock:
            counts, total = self._seen.get(labels) or ([0] * (len(self._bounds) + 1), 0.0)
            counts[bisect_left(self._bounds, value)] += 1
            self._seen[labels] = counts, total + value

    def family(self) -> Family:
        """As it stands now."""
        with self._lock:
            known = [(key, list(counts), total) for key, (counts, total) in self._seen.items()]
        samples = [
            sample
            for key, counts, total in sorted(known)
            for sample in self._samples(_pairs(self._labels, key), counts, total)
        ]
        return Family(self._name, "histogram", self._help, samples)

    def _samples(
        self, labels: Sequence[tuple[str, str]], counts: list[int], total: float
    ) -> Iterator[Sample]:
        so_far = 0
        for bound, count in zip([*map(_number, self._bounds), "+Inf"], counts, strict=True):
            so_far += count
            yield Sample(so_far, (*labels, ("le", bound)), "_bucket")
        yield Sample(total, labels, "_sum")
        yield Sample(so_far, labels, "_count")


def write(families: Iterable[Family]) -> bytes:
    """The document. A family without samples is left out."""
    lines: list[str] = []
    for family in families:
        if family.samples:
            lines.append(f"# HELP {family.name} {family.help}")
            lines.append(f"# TYPE {family.name} {family.kind}")
            lines += [_line(family.name, sample) for sample in family.samples]
    return ("\n".join(lines) + "\n").encode()


def _line(name: str, sample: Sample) -> str:
    inside = ",".join(f'{label}="{value.translate(_ESCAPES)}"' for label, value in sample.labels)
    labels = f"{{{inside}}}" if inside else ""
    return f"{name}{sample.suffix}{labels} {_number(sample.value)}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _pairs(names: Sequence[str], values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(names, values, strict=True))
