"""What the address of a page asks for, read and checked: filters, moments, cursors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import msgspec

from accord.base.errors import InputError
from accord.node.browsing import Filters
from accord.node.searching import Question
from accord.stix.words import QUESTION_CHARS, question_words

if TYPE_CHECKING:
    from accord.web.visit import Visit

MOST_CHARS = 500
_OF_ALL = ("type", "agreement", "member", "tlp", "area")
_OF_LISTS = ("since", "until")
_OF_SEARCHES = ("month",)  # of UTC, as facets count


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The filters as they stand in the address; "" is none. One value of each."""

    type: str = ""
    agreement: str = ""
    member: str = ""
    tlp: str = ""
    area: str = ""
    since: str = ""
    until: str = ""
    month: str = ""  # of a search alone

    @classmethod
    def in_list(cls, visit: Visit) -> Asked:
        """What the address of a list asks for."""
        return cls(**_parts(visit, _OF_ALL + _OF_LISTS))

    @classmethod
    def in_search(cls, visit: Visit) -> Asked:
        """What the address of a search asks for, beside its words."""
        return cls(**_parts(visit, _OF_ALL + _OF_SEARCHES))

    def given(self) -> dict[str, str]:
        """Those that filter."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value}

    def filters(self, visit: Visit) -> Filters:
        """The same for the node. Raises `InputError` for what is no day."""
        return Filters(
            types=_one(self.type),
            agreements=_one(self.agreement),
            members=_one(self.member),
            tlp=_one(self.tlp),
            areas=_one(self.area),
            since=day(visit, self.since),
            until=day(visit, self.until, end=True),
        )


def question(
    visit: Visit, q: str, asked: Asked, *, after: str = "", typing: bool = False
) -> Question | None:
    """A search for the node; null where `q` has no word. Raises `InputError`."""
    q = q[:QUESTION_CHARS]
    if not question_words(q, typing=typing).terms:
        return None
    since, until = month(asked.month)
    filters = asked.filters(visit)
    return Question(
        text=q,
        types=filters.types,
        agreements=filters.agreements,
        members=filters.members,
        tlp=filters.tlp,
        areas=filters.areas,
        since=since,
        until=until,
        after=after,
        typing=typing,
    )


def day(visit: Visit, text: str, *, end: bool = False) -> datetime | None:
    """The beginning of a day in the reader's zone, or of the day after it; null for "".

    Raises `InputError`.
    """
    if not text:
        return None
    try:
        found = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=visit.moments.zone)
        return (found + timedelta(days=1 if end else 0)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError("intelligence.no-day", found=text[:60]) from None


def month(text: str) -> tuple[datetime | None, datetime | None]:
    """The beginning of a month of UTC and of the next. Raises `InputError`."""
    if not text:
        return None, None
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
        return first, (first + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):
        raise InputError("intelligence.no-day", found=text[:60]) from None


def cursor(text: str) -> int | None:
    """A number that an earlier page gave as its end; null for the first page."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InputError("intelligence.no-cursor", found=text[:60])
    return int(text)


def _parts(visit: Visit, names: tuple[str, ...]) -> dict[str, str]:
    given = dict(parse_qsl(visit.query))
    return {name: given.get(name, "") for name in names}


def _one(text: str) -> tuple[str, ...]:
    return (text[:MOST_CHARS],) if text else ()
