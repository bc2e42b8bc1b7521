"""Counters, histograms, and the text format in which Prometheus reads them (version 0.0.4).

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Literal

import msgspec

from .board import Board

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
    """Only grows, apart for each set of label values. Safe to share between threads.

    `labels` are all values that each label can have.
    """

    def __init__(
        self, name: str, help_: str, labels: Mapping[str, Sequence[str]], board: Board
    ) -> None:
        self._name, self._help, self._names = name, help_, tuple(labels)
        self._places = _places(labels)
        self._cells = board.take(len(self._places))
        self._lock = threading.Lock()

    def add(self, *labels: str, by: float = 1) -> None:
        with self._lock:
            self._cells.add(self._places[labels], by)

    def family(self) -> Family:
        """As it stands now; what was never counted is left out."""
        values = self._cells.sums()
        pairs = [
            Sample(values[place], _pairs(self._names, key))
            for key, place in self._places.items()
            if values[place]
        ]
        return Family(self._name, "counter", self._help, pairs)


class Histogram:
    """How often values up to each bound were seen. Safe to share between threads.

    `labels` are all values that each label can have.
    """

    def __init__(
        self,
        name: str,
        help_: str,
        labels: Mapping[str, Sequence[str]],
        bounds: Sequence[float],
        board: Board,
    ) -> None:
        self._name, self._help, self._names = name, help_, tuple(labels)
        self._bounds = bounds
        self._width = len(bounds) + 2  # a count for each bucket, and the sum
        self._places = _places(labels)
        self._cells = board.take(len(self._places) * self._width)
        self._lock = threading.Lock()

    def observe(self, value: float, *labels: str) -> None:
        first = self._places[labels] * self._width
        with self._lock:
            self._cells.add(first + bisect_left(self._bounds, value), 1)
            self._cells.add(first + self._width - 1, value)

    def family(self) -> Family:
        """As it stands now; what was never seen is left out."""
        values = self._cells.sums()
        samples = [
            sample
            for key, place in self._places.items()
            if any(found := values[place * self._width : (place + 1) * self._width])
            for sample in self._samples(_pairs(self._names, key), found[:-1], found[-1])
        ]
        return Family(self._name, "histogram", self._help, samples)

    def _samples(
        self, labels: Sequence[tuple[str, str]], counts: Sequence[float], total: float
    ) -> Iterator[Sample]:
        so_far = 0.0
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


def _places(labels: Mapping[str, Sequence[str]]) -> dict[tuple[str, ...], int]:
    return {values: place for place, values in enumerate(product(*labels.values()))}


def _pairs(names: Sequence[str], values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(names, values, strict=True))
