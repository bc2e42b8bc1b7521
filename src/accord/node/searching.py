"""Searching what this node holds: only what the asker may see, counts and facets included.

One rule for what may be seen: the same as for the pages of collections.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

import msgspec

from accord.base.clock import from_micros, to_micros
from accord.base.errors import DeniedError, InputError
from accord.rules.access import may, readable_levels
from accord.rules.case import TLP_RANK
from accord.stix.markings import TLP_ORDER
from accord.stix.words import Words, question_words
from accord.store.listings import Asked
from accord.store.records import CollectionRow
from accord.store.search import Found, Place, Sought
from accord.store.transaction import Transaction

from .listing import PRIVATE
from .node import Node
from .tokens import Reader

MOST_HITS = 100  # of one page
FACET_VALUES = 50  # of one facet, the most frequent ones


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. Of each filter any value will do; an empty one lets everything pass.

    An agreement may be `private`, an area `""` (none). Times are those of the objects (`modified`),
    `until` excluded. `after` is the `next` of the page before. While somebody is `typing`, the last
    word counts as the beginning of one.
    """

    text: str
    types: tuple[str, ...] = ()
    agreements: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    tlp: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    limit: int = 20
    typing: bool = False


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One found version of an object. `agreement` null: `private`. `score` null: by time only."""

    object_id: str
    version: str
    type: str
    title: str
    member: str
    agreement: str | None
    tlp: str
    area: str | None
    at: datetime
    score: int | None
    body: bytes


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A page of hits. `total` is exact unless `capped`: then there are more than could be counted.

    `facets`: how many of the counted hits have each value, by facet; the most frequent first.
    `partly`: nothing has all words; these have half of them or more. `behind`: what was listed last
    is not indexed yet.
    """

    hits: tuple[Hit, ...]
    total: int
    capped: bool
    partly: bool
    facets: dict[str, dict[str, int]]
    next: str | None
    behind: bool


def search(node: Node, reader: Reader | None, question: Question) -> Answer:
    """Find objects by words. Without a reader: for the operator at the shell, who sees all.

    Raises `InputError` for a question without words or with an unknown level or cursor,
    `DeniedError` when the reader may not read.
    """
    if reader is not None and not may(reader.scope, "read"):
        raise DeniedError("node.may-not-read", name=reader.name)
    words = question_words(question.text, typing=question.typing)
    if not words.terms:
        raise InputError("node.search-empty")
    after = _place(question.after)
    levels = tuple(map(_level, question.tlp))

    def job(tx: Transaction) -> Answer:
        stored = [row for row in tx.listings.collections() if _may_know(reader, row)]
        members = {row.id: row.member for row in tx.ledgers.all()}
        index = tx.index.state().serving
        if index is None:
            return Answer(
                hits=(), total=0, capped=False, partly=False, facets={}, next=None, behind=True
            )
        sought = _sought(reader, question, words, stored, members, levels)
        found = tx.search.find(index, sought)
        names = _Names({row.id: row.agreement for row in stored}, members)
        start = 0 if after is None else bisect_right(found.places, after)
        end = min(start + max(1, min(question.limit, MOST_HITS)), len(found.hits))
        return Answer(
            hits=tuple(_hits(tx, found, slice(start, end), names)),
            total=len(found.hits),
            capped=found.more,
            partly=found.partly,
            facets=_facets(found, names),
            next=_cursor(found.places[end - 1]) if start < end < len(found.hits) else None,
            behind=bool(tx.index.next(index, 1)),
        )

    return node.read(job)


class _Names(msgspec.Struct, frozen=True):
    agreements: dict[int, str | None]
    members: dict[int, str]


def _may_know(reader: Reader | None, row: CollectionRow) -> bool:
    agreements = None if reader is None else reader.scope.agreements
    return agreements is None or row.agreement in agreements


def _sought(
    reader: Reader | None,
    question: Question,
    words: Words,
    stored: Sequence[CollectionRow],
    members: dict[int, str],
    levels: tuple[int, ...],
) -> Sought:
    asked: Asked | None = None
    if reader is not None:
        readable = readable_levels(reader.scope)
        asked = Asked(
            collections=tuple(row.id for row in stored),
            tlp=max((TLP_RANK[level] for level in readable), default=-1),
            named=tuple(sorted(reader.scope.named)),
        )
    collections = ledgers = None
    if question.agreements:
        wanted = set(question.agreements)
        collections = tuple(row.id for row in stored if (row.agreement or PRIVATE) in wanted)
    if question.members:
        ledgers = tuple(id_ for id_, member in members.items() if member in question.members)
    return Sought(
        words=words,
        asked=asked,
        types=question.types,
        collections=collections,
        ledgers=ledgers,
        tlp=levels,
        areas=question.areas,
        since=None if question.since is None else to_micros(question.since),
        until=None if question.until is None else to_micros(question.until),
    )


def _level(text: str) -> int:
    level = text.lower().removeprefix("tlp:")
    if level not in TLP_ORDER:
        raise InputError("node.search-tlp", found=text[:60], allowed=", ".join(TLP_ORDER))
    return TLP_RANK[level]


def _hits(tx: Transaction, found: Found, page: slice, names: _Names) -> list[Hit]:
    contents = tx.search.contents([match.holding for match in found.hits[page]])
    hits: list[Hit] = []
    for place, match in zip(found.places[page], found.hits[page], strict=True):
        if match.holding not in contents:
            continue
        object_id, version, body = contents[match.holding]
        hits.append(
            Hit(
                object_id=object_id,
                version=version,
                type=match.type,
                title=_title(msgspec.json.decode(body)),
                member=names.members[match.ledger],
                agreement=names.agreements[match.collection],
                tlp=TLP_ORDER[match.tlp],
                area=match.area,
                at=from_micros(match.moment),
                score=None if place.group % 2 else -place.less,
                body=body,
            )
        )
    return hits


def _facets(found: Found, names: _Names) -> dict[str, dict[str, int]]:
    """Counted by number first, and only what comes out is named: there may be ten thousand."""

    def count(name: str) -> Counter[Any]:
        return Counter(map(attrgetter(name), found.hits))

    agreement = {number: named or PRIVATE for number, named in names.agreements.items()}
    counted: dict[str, tuple[Counter[Any], Callable[[Any], str]]] = {
        "type": (count("type"), str),
        "agreement": (count("collection"), agreement.__getitem__),
        "member": (count("ledger"), names.members.__getitem__),
        "tlp": (count("tlp"), TLP_ORDER.__getitem__),
        "area": (count("area"), lambda area: area or ""),
    }
    facets = {
        facet: _frequent({name(value): times for value, times in counter.items()})
        for facet, (counter, name) in counted.items()
    }
    days: Counter[int] = Counter(match.moment // _DAY for match in found.hits)
    months: Counter[str] = Counter()
    for day, times in days.items():
        months[from_micros(day * _DAY).strftime("%Y-%m")] += times
    return {**facets, "month": _frequent(months)}


_DAY = 86_400_000_000  # microseconds


def _frequent(counts: dict[str, int]) -> dict[str, int]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[:FACET_VALUES])


def _title(fields: dict[str, Any]) -> str:
    """By what a person tells it from others: its name, its value, its pattern, its first words."""
    for name in ("name", "value", "pattern", "title", "abstract", "description", "content"):
        text = fields.get(name)
        if isinstance(text, str) and text.strip():
            return " ".join(text[:400].split())[:160]
    return str(fields.get("relationship_type") or fields.get("id", ""))


def _cursor(place: Place) -> str:
    return f"{place.group}.{-place.less}.{-place.newest}"


def _place(cursor: str) -> Place | None:
    if not cursor:
        return None
    parts = cursor.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise InputError("node.search-cursor", found=cursor[:60])
    return Place(int(parts[0]), -int(parts[1]), -int(parts[2]))
