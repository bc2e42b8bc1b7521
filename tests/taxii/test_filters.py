"""Reading filters and `next`."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.base.errors import InputError
from accord.base.limits import Limits
from accord.taxii.filters import filters_of

LIMITS = Limits()


def test_without_filters_the_latest_of_everything_is_meant() -> None:
    found = filters_of(b"", LIMITS)
    assert (found.query.after, found.query.limit) == (0, LIMITS.taxii_page_objects)
    assert found.query.latest
    assert found.query.versions is None
    assert not found.nothing


def test_values_are_separated_by_commas_and_repeated_ones_count_once() -> None:
    found = filters_of(b"match[type]=indicator,%20malware,indicator&match[id]=a", LIMITS)
    assert found.query.types == ("indicator", "malware")
    assert found.query.ids == ("a",)


def test_versions_are_selected_by_name_by_time_and_together() -> None:
    query = filters_of(b"match[version]=first,2016-04-06T20:03:48Z", LIMITS).query
    assert query.first
    assert not query.latest
    assert query.versions == (datetime(2016, 4, 6, 20, 3, 48, tzinfo=UTC),)
    query = filters_of(b"match[version]=all,last", LIMITS).query
    assert not query.latest
    assert query.versions is None


def test_another_specification_selects_nothing() -> None:
    assert filters_of(b"match[spec_version]=2.0", LIMITS).nothing
    assert not filters_of(b"match[spec_version]=2.0,2.1", LIMITS).nothing


def test_a_page_is_never_larger_than_the_maximum() -> None:
    assert filters_of(b"limit=999999999", LIMITS).query.limit == LIMITS.taxii_page_objects


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=ten",
        "limit=",
        "limit=1.5",
        "limit=" + "9" * 5000,
        "added_after=yesterday",
        "added_after=2026-02-30T00:00:00Z",
        "added_after=2026-01-01T00:00:00",
        "next=???",
        "next=ffffffffffffffff",
        "next=1.!!",
        "next=1.AAAA",
        "match[version]=newest",
        "match[type]=",
        "match[type]=,",
        "match[type]=%00",
        "match[type]=%FF",
        "match[type]=a&match[type]=b",
        "limit=1&limit=1",
        "match[id]=" + ",".join(f"a{n}" for n in range(600)),
    ],
)
def test_what_cannot_be_meant_is_refused(query: str) -> None:
    with pytest.raises(InputError):
        filters_of(query.encode(), LIMITS)


def test_unknown_parameters_are_nobodys_business() -> None:
    assert filters_of(b"colour=blue&match[colour]=red", LIMITS) == filters_of(b"", LIMITS)


def test_next_brings_its_filters_along_and_what_is_given_goes_before() -> None:
    first = filters_of(b"match[type]=tool&match[version]=all", LIMITS)
    again = filters_of(b"next=" + first.next(77).encode(), LIMITS)
    assert again.query.after == 77
    assert again.query.types == ("tool",)
    assert not again.query.latest
    other = filters_of(b"match[type]=malware&limit=3&next=" + first.next(77).encode(), LIMITS)
    assert other.query.types == ("malware",)
    assert other.query.limit == 3


def test_of_added_after_and_next_the_later_one_counts() -> None:
    late = b"added_after=2026-01-01T00:00:00Z"
    there = filters_of(late, LIMITS).query.after
    assert filters_of(late + b"&next=5", LIMITS).query.after == there
    assert filters_of(late + f"&next={there + 9:x}".encode(), LIMITS).query.after == there + 9


@given(st.integers(0, (1 << 63) - 1), st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_next_is_read_back_as_it_was_written(after: int, types: list[str]) -> None:
    from urllib.parse import urlencode

    try:
        first = filters_of(urlencode({"match[type]": ",".join(types)}).encode(), LIMITS)
    except InputError:
        return
    again = filters_of(urlencode({"next": first.next(after)}).encode(), LIMITS)
    assert again.query.after == after
    assert again.query.types == first.query.types


@given(st.binary(max_size=200))
def test_no_query_breaks_the_reader(query: bytes) -> None:
    with suppress(InputError):
        filters_of(query, LIMITS)
