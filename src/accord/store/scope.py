"""Where a document stands, as tokens beside its words.

A reader who may see a hundredth of what has a word, or who asks for one type or month of it, does
not wait until the database has looked at all of it. No word of a text begins with "@". The tokens
only narrow: whether a listing may be seen is decided where it is listed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from accord.base.clock import from_micros


def in_collection(number: int) -> str:
    return f"@c{number}"


def of_level(tlp: int) -> str:
    return f"@t{tlp}"


def of_ledger(number: int) -> str:
    return f"@l{number}"


def of_type(name: str) -> str:
    return f"@y{name}"


def of_area(name: str | None) -> str:
    """By its hash: an area is whatever its author wrote."""
    return f"@a{hashlib.sha256((name or '').encode()).hexdigest()[:12]}"


def of_month(number: int) -> str:
    return f"@m{number}"


def month_of(micros: int) -> int:
    """The months since the year 0."""
    moment = from_micros(micros)
    return moment.year * 12 + moment.month - 1


def month_text(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


def expression(tokens: Iterable[str], *, sqlite: bool) -> str:
    """That one of these is there, as the database is asked."""
    if sqlite:
        return " OR ".join(f'"{token}"' for token in tokens)
    return " | ".join(f"'{token}'" for token in tokens)
