"""Moments and numbers as pages write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from accord.web.moments import Moments

_FIRST = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # in Berlin 02:30, and an hour later once more


def test_an_hour_that_comes_twice_is_told_apart_in_utc() -> None:
    moments = Moments("en", "Europe/Berlin")
    local = [moments.read(_FIRST + timedelta(hours=hours)) for hours in (0, 1)]
    assert [moments.minute(each) for each in local] == ["25 Oct 2026, 02:30"] * 2
    assert [moments.utc(each) for each in local] == [
        "2026-10-25 00:30:00 UTC",
        "2026-10-25 01:30:00 UTC",
    ]
    assert [moments.machine(each)[11:] for each in local] == ["00:30:00+00:00", "01:30:00+00:00"]


def test_moments_of_all_kinds_and_numbers_are_written_in_the_language_and_zone() -> None:
    chinese, russian = Moments("zh", "Asia/Shanghai"), Moments("ru", "UTC")
    micros = int(_FIRST.timestamp()) * 1_000_000
    for moment in (_FIRST, micros, "2026-10-25T00:30:00.000Z"):
        assert chinese.minute(moment) == "2026年10月25日 08:30"
        assert russian.day(moment) == "25 окт. 2026"
    assert (chinese.number(12345), russian.number(12345)) == ("12,345", "12\N{NO-BREAK SPACE}345")
    assert (russian.number(1), russian.number(1.5)) == ("1", "1,5")
