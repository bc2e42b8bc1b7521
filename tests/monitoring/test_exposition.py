"""The text format of Prometheus, and what is counted into it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from accord.monitoring.board import Board
from accord.monitoring.exposition import Counter, Family, Histogram, Sample, write

_LABEL = r'[a-z_]+="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
_LINE = re.compile(rf"[a-z_]+(\{{{_LABEL}(,{_LABEL})*\}})? \S+")


@given(st.text(), st.floats(allow_nan=False, allow_infinity=False))
def test_any_label_value_is_one_line_of_the_format(text: str, value: float) -> None:
    family = Family("a_b", "gauge", "Help.", [Sample(value, (("label", text),))])
    lines = write([family]).decode().split("\n")
    assert lines[:2] == ["# HELP a_b Help.", "# TYPE a_b gauge"]
    assert lines[3:] == [""]
    assert _LINE.fullmatch(lines[2])
    assert float(lines[2].rpartition(" ")[2]) == value


def test_a_family_without_samples_is_left_out() -> None:
    assert write([Counter("a", "Help.", {"x": ("one",)}, Board()).family()]) == b"\n"


def test_a_counter_counts_apart_for_each_label() -> None:
    counter = Counter("a_total", "Help.", {"x": ("one", "two")}, Board())
    for label in ("one", "two", "one"):
        counter.add(label)
    assert b'a_total{x="one"} 2\na_total{x="two"} 1\n' in write([counter.family()])


@given(st.lists(st.floats(min_value=0, max_value=100)))
def test_buckets_of_a_histogram_hold_all_up_to_their_bound(values: list[float]) -> None:
    histogram = Histogram("a", "Help.", {}, (0.5, 1.0, 10.0), Board())
    for value in values:
        histogram.observe(value)
    samples = {(each.suffix, each.labels): each.value for each in histogram.family().samples}
    if not values:
        assert samples == {}
        return
    for bound in (0.5, 1.0, 10.0):
        text = str(int(bound)) if bound >= 1 else str(bound)
        expected = sum(value <= bound for value in values)
        assert samples["_bucket", (("le", text),)] == expected
    assert samples["_bucket", (("le", "+Inf"),)] == samples["_count", ()] == len(values)
