"""The filters of a request (TAXII 2.1 sections 3.4 and 3.5) and the value of `next`.

`next` holds where the page before ended and the `match` filters it was read with, so the server
remembers nothing, and a tool may repeat it, give another limit or leave the filters out. What a
request says itself goes before; of `added_after` and `next` the later one counts, for tools that
move the first while they follow the second.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec

from accord.base.clock import parse_time, to_micros
from accord.base.limits import Limits
from accord.node.collections import Query

from .faults import Refused

T = TypeVar("T")

SPEC_VERSION = "2.1"
_NEXT = re.compile(r"([0-9a-f]{1,16})(?:\.([A-Za-z0-9_-]{1,16384}))?", re.ASCII)
_LIMIT = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_MAX = (1 << 63) - 1
_MATCH = ("match[id]", "match[type]", "match[version]", "match[spec_version]")
_SELECTORS = ("last", "first", "all")


class Filters(msgspec.Struct, frozen=True):
    """What a request selects. `nothing`: it asks only for specifications that are not held here."""

    query: Query
    nothing: bool
    matches: tuple[tuple[str, str], ...]  # as given, for `next`

    def next(self, after: int) -> str:
        """The value of `next` for what follows `after`, a date_added in microseconds."""
        if not self.matches:
            return f"{after:x}"
        packed = base64.urlsafe_b64encode(urlencode(self.matches).encode())
        return f"{after:x}.{packed.decode().rstrip('=')}"


def filters_of(
    query_string: bytes, limits: Limits, *, without: Iterable[str] = (), versions: str = "last"
) -> Filters:
    """Read the filters of a request; `Refused` (400) for what cannot be meant.

    `without` names the `match` fields that the endpoint has not: they do not count. `versions` is
    what the endpoint selects unless told otherwise.
    """
    given = _given(query_string)
    position = _after(given.get("added_after"))
    matches = {name: given[name] for name in _MATCH if name in given}
    if (cursor := given.get("next")) is not None:
        place, packed = _unpack(cursor)
        position = max(position, place)
        matches = packed | matches
    for name in without:
        matches.pop(f"match[{name}]", None)
    read = {name: _values(name, text, limits) for name, text in matches.items()}
    query = Query(
        after=position,
        limit=_limit(given.get("limit"), limits.taxii_page_objects),
        ids=read.get("match[id]", ()),
        types=read.get("match[type]", ()),
    )
    query = _select(query, read.get("match[version]", (versions,)))
    wanted = read.get("match[spec_version]")
    nothing = wanted is not None and SPEC_VERSION not in wanted
    return Filters(query, nothing, tuple(sorted(matches.items())))


def _given(query_string: bytes) -> dict[str, str]:
    """The parameters we know. Any of them given twice is refused; others are nobody's business."""
    found: dict[str, str] = {}
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise _refused("query", query_string.decode("ascii", "replace")) from None
    for name, value in pairs:
        if name in found:
            raise Refused(HTTPStatus.BAD_REQUEST, "taxii.filter-twice", name=name[:40])
        if name in ("added_after", "limit", "next", *_MATCH):
            found[name] = value
    return found


def _values(name: str, text: str, limits: Limits) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not values or "\x00" in text:
        raise _refused(name, text)
    if len(values) > limits.taxii_match_values:
        limit = limits.taxii_match_values
        raise Refused(HTTPStatus.BAD_REQUEST, "taxii.filter-many", name=name, limit=limit)
    return values


def _limit(text: str | None, most: int) -> int:
    if text is None:
        return most
    if not _LIMIT.fullmatch(text) or int(text) <= 0:
        raise _refused("limit", text)
    return min(int(text), most)


def _after(text: str | None) -> int:
    if text is None:
        return 0
    return max(0, to_micros(_parsed(parse_time, "added_after", text)))


def _select(query: Query, values: tuple[str, ...]) -> Query:
    named: tuple[datetime, ...] = tuple(
        _parsed(parse_time, "match[version]", value) for value in values if value not in _SELECTORS
    )
    if "all" in values:
        return msgspec.structs.replace(query, latest=False)
    return msgspec.structs.replace(
        query, latest="last" in values, first="first" in values, versions=named or None
    )


def _unpack(cursor: str) -> tuple[int, dict[str, str]]:
    match = _NEXT.fullmatch(cursor)
    if match is None or int(match[1], 16) > _MAX:
        raise _refused("next", cursor)
    if match[2] is None:
        return int(match[1], 16), {}
    try:
        packed = base64.urlsafe_b64decode(match[2] + "=" * (-len(match[2]) % 4)).decode()
        pairs = dict(parse_qsl(packed, strict_parsing=True))
    except (binascii.Error, ValueError):
        raise _refused("next", cursor) from None
    if not set(pairs) <= set(_MATCH):
        raise _refused("next", cursor)
    return int(match[1], 16), pairs


def _parsed(parse: Callable[[str], T], name: str, text: str) -> T:
    try:
        return parse(text)
    except ValueError:
        raise _refused(name, text) from None


def _refused(name: str, found: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, "taxii.filter", name=name, found=found[:100])
