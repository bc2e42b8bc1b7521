from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.base.clock import (
    EPOCH,
    fixed_width,
    format_time,
    from_micros,
    parse_time,
    to_micros,
    utc_now,
)

moments = st.datetimes(timezones=st.just(UTC))


@given(moments)
def test_a_moment_survives_being_written_and_read(moment: datetime) -> None:
    assert parse_time(format_time(moment)) == moment


@given(moments)
def test_a_moment_survives_being_stored_as_microseconds(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment


@given(moments, moments)
def test_written_times_sort_as_the_moments_do(one: datetime, other: datetime) -> None:
    assert (format_time(one) < format_time(other)) == (one < other)


def test_now_is_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)


def test_the_count_begins_in_1970() -> None:
    assert to_micros(EPOCH) == 0
    assert to_micros(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)) == -1_000_000


def test_another_time_zone_is_written_in_utc() -> None:
    moscow = timezone(timedelta(hours=3))
    assert format_time(datetime(2026, 3, 3, 6, 0, tzinfo=moscow)) == "2026-03-03T03:00:00.000000Z"


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2016-05-12T08:17:27Z", 0),
        ("2016-05-12T08:17:27.0Z", 0),
        ("2016-05-12T08:17:27.5Z", 500_000),
        ("2016-05-12T08:17:27.123Z", 123_000),
        ("2016-05-12T08:17:27.123456Z", 123_456),
        ("2016-05-12T08:17:27.123456789Z", 123_456),  # past microseconds: cut, never rounded up
    ],
)
def test_any_number_of_decimals_is_read(text: str, micros: int) -> None:
    assert parse_time(text) == datetime(2016, 5, 12, 8, 17, 27, micros, tzinfo=UTC)


def test_a_leap_second_is_the_last_moment_before_it() -> None:
    before = datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert parse_time("2016-12-31T23:59:60Z") == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2016-05-12",
        "2016-05-12 08:17:27Z",
        "2016-05-12t08:17:27z",
        "2016-05-12T08:17:27",
        "2016-05-12T08:17:27+00:00",
        "2016-05-12T08:17:27.Z",
        "2016-05-12T08:17:27Z\n",
        "2016-05-12T08:17:61Z",
        "2016-05-12T24:00:00Z",
        "2016-13-12T08:17:27Z",
        "2015-02-29T08:17:27Z",
        "2016-02-30T08:17:27Z",
        "٢٠١٦-05-12T08:17:27Z",  # digits, but not ASCII ones
    ],
)
def test_what_is_not_a_stix_timestamp_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_time(text)


@given(st.datetimes(), st.none() | st.from_regex(r"[0-9]{1,12}", fullmatch=True), st.booleans())
def test_the_fixed_width_form_is_that_of_the_moment_itself(
    moment: datetime, decimals: str | None, leap: bool
) -> None:
    seconds = moment.strftime("%M:60" if leap else "%M:%S")
    text = f"{moment:%H}:{seconds}" + (f".{decimals}" if decimals else "")
    written = f"{moment.date().isoformat()}T{text}Z"
    assert fixed_width(written) == format_time(parse_time(written))
