"""Long lists, a part at a time: each begins behind the row that ended the one before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

MOST = 50  # rows of a part that people read
_DIGITS = 18  # of a number that a store can keep

Row = TypeVar("Row")


class Part(msgspec.Struct, Generic[Row], frozen=True):
    """Some rows of a list.

    `after` names the row behind which they stand, `next` the one behind which the next part does;
    "" is the beginning, and the end.
    """

    rows: Sequence[Row]
    after: str = ""
    next: str = ""


def part_of(
    rows: Sequence[Row], name: Callable[[Row], str], after: str, most: int = MOST
) -> Part[Row]:
    """At most so many of a whole list of sorted rows, behind the one of this name.

    What came or went before it since moves nothing; where it is gone itself, the list begins anew.
    """
    start = 0
    if after:
        start = next((at for at, row in enumerate(rows, 1) if name(row) == after), 0)
    return head_of(rows[start : start + most + 1], name, after if start else "", most)


def head_of(
    rows: Sequence[Row], name: Callable[[Row], str], after: str, most: int = MOST
) -> Part[Row]:
    """At most so many of `rows`, which are those behind `after`: one more says that there are."""
    following = name(rows[most - 1]) if len(rows) > most else ""
    return Part(rows[:most], after, following)


def number_in(after: str) -> int | None:
    """The number that names a row; null where it is none, as at the beginning of a list."""
    return int(after) if after.isascii() and after.isdigit() and len(after) <= _DIGITS else None
