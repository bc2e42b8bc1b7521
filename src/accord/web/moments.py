"""Moments, numbers and sizes as the reader's language writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal

from accord.base.clock import from_micros, parse_time

_LOCALES = {"en": "en_GB", "ru": "ru_RU", "zh": "zh_Hans_CN"}
_PATTERNS = {"en": "d MMM y, HH:mm", "ru": "d MMM y, HH:mm", "zh": "y年M月d日 HH:mm"}
_DAYS = {"en": "d MMM y", "ru": "d MMM y", "zh": "y年M月d日"}
_UNITS = ("B", "kB", "MB", "GB", "TB")

Moment = datetime | int | str

_REMEMBERED = 4096  # what one page says hundreds of times, and the next page again


@cache
def locale_of(language: str) -> Locale:
    """How dates and numbers are written in `language`."""
    return Locale.parse(_LOCALES[language])


@cache
def zone_of(name: str) -> ZoneInfo | None:
    """The zone with this IANA name; null when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


class Moments:
    """Moments are datetimes, microseconds since 1970 or STIX timestamps, whichever a row holds."""

    def __init__(self, language: str, zone: str) -> None:
        self.language = language
        self.locale = locale_of(language)
        self.zone = zone_of(zone) or ZoneInfo("UTC")
        self._pattern = _PATTERNS[language]
        self._day = _DAYS[language]

    def read(self, moment: Moment) -> datetime:
        """The moment, aware, in the reader's zone."""
        return _instant(moment).astimezone(self.zone)

    def minute(self, moment: Moment) -> str:
        """Day and minute in the reader's zone."""
        return _written(_instant(moment), self._pattern, self.zone, self.language)

    def day(self, moment: Moment) -> str:
        """The day in the reader's zone."""
        return _written(_instant(moment), self._day, self.zone, self.language)

    def utc(self, moment: Moment) -> str:
        """`2026-03-03 03:00:00 UTC`, the same in every language."""
        return _stamp(_instant(moment), " ", " UTC")

    def machine(self, moment: Moment) -> str:
        """For the `datetime` attribute of HTML."""
        return _stamp(_instant(moment), "T", "+00:00")

    def ago(self, moment: Moment, now: datetime) -> str:
        """How far from now: "3 hours ago", "in 2 days"."""
        apart = self.read(moment) - now
        if abs(apart) < timedelta(seconds=1):
            apart = timedelta(seconds=-1)
        return format_timedelta(apart, add_direction=True, locale=self.locale)

    def number(self, value: float) -> str:
        """With the language's own groups of digits and sign for decimals."""
        return _number(value, self.language)

    def country(self, code: str) -> str:
        """A country by its name; an unknown code as it is."""
        return str(self.locale.territories.get(code, code))

    def language_name(self, tag: str) -> str:
        """A language by its name; an unknown tag as it is."""
        return str(self.locale.languages.get(tag.replace("-", "_"), tag))

    def size(self, count: int) -> str:
        """Bytes as people read them: `1.4 MB`, in steps of 1000."""
        value, step = float(count), 0
        while value >= 1000 and step < len(_UNITS) - 1:
            value, step = value / 1000, step + 1
        shown = round(value, 0 if step == 0 or value >= 100 else 1)
        return f"{format_decimal(shown, locale=self.locale)}\N{NO-BREAK SPACE}{_UNITS[step]}"


def _instant(moment: Moment) -> datetime:
    """In UTC, where no hour comes twice: what is remembered of one is not said of the other."""
    if isinstance(moment, int):
        moment = from_micros(moment)
    elif isinstance(moment, str):
        moment = parse_time(moment)
    return moment.astimezone(UTC)


@lru_cache(_REMEMBERED)
def _written(moment: datetime, pattern: str, zone: ZoneInfo, language: str) -> str:
    return format_datetime(moment, pattern, tzinfo=zone, locale=locale_of(language))


@lru_cache(_REMEMBERED)
def _stamp(moment: datetime, between: str, behind: str) -> str:
    """Without parts of seconds."""
    return moment.strftime(f"%Y-%m-%d{between}%H:%M:%S") + behind


@lru_cache(_REMEMBERED, typed=True)
def _number(value: float, language: str) -> str:
    return format_decimal(value, locale=locale_of(language))
