"""Time: one `now` per operation, passed in; UTC everywhere; microseconds where it is stored."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

Clock = Callable[[], datetime]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?Z", re.ASCII
)
_SHORT = 40  # characters; longer ones are read and not remembered


def utc_now() -> datetime:
    """The machine's time, aware, in UTC."""
    return datetime.now(UTC)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970, exact."""
    return (moment - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The moment `micros` microseconds after 1970, in UTC."""
    return EPOCH + timedelta(microseconds=micros)


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC, always with six decimals: `2026-03-03T03:00:00.000000Z`."""
    naive = moment.astimezone(UTC).replace(tzinfo=None)
    return naive.isoformat(timespec="microseconds") + "Z"


def parse_time(text: str) -> datetime:
    """Read a STIX 2.1 timestamp (section 2.16: RFC 3339, `Z`, any number of decimals).

    Decimals past microseconds are cut. Raises `ValueError` for anything else, 30 February included.
    """
    return _parse(text) if len(text) <= _SHORT else _parse.__wrapped__(text)


@lru_cache(maxsize=1024)  # the entries of one batch bear the same few times
def _parse(text: str) -> datetime:
    if _TIMESTAMP.fullmatch(text) is None:
        raise ValueError(text)
    if text[17:19] == "60":  # a leap second counts as the last moment before it
        text = text[:17] + "59.999999Z"
    return datetime.fromisoformat(text)


def fixed_width(text: str) -> str:
    """A valid STIX timestamp as `format_time` writes it: texts of this form sort by time."""
    if text[17:19] == "60":
        return format_time(parse_time(text))
    return f"{text[:19]}.{text[20:26].rstrip('Z'):0<6}Z"
