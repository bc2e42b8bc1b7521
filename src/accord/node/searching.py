"""Searching what this node holds: only what the asker may see, counts and facets included.

One rule for what may be seen: the same as for the pages of collections.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from accord.base.clock import from_micros, to_micros
from accord.base.errors import DeniedError, InputError
from accord.rules.access import may, reaches, readable_levels
from accord.rules.case import TLP_RANK
from accord.stix.markings import TLP_ORDER
from accord.stix.words import Words, question_words
from accord.store.index_tables import Index
from accord.store.listings import Asked
from accord.store.matching import Sought
from accord.store.records import CollectionRow
from accord.store.scope import month_text
from accord.store.search import Bounds, Found, Page, Place
from accord.store.transaction import Transaction

from .listing import PRIVATE
from .node import Node
from .tokens import Reader

MOST_HITS = 100  # of one page
FACETS = ("type", "agreement", "member", "tlp", "area", "month")
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
    `partly`: few have all words, or none; others that have most of them follow. `behind`: what was
    listed last is not indexed yet.
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
    after, bounds = _read_cursor(question.after)
    levels = tuple(map(level_of, question.tlp))
    limit = max(1, min(question.limit, MOST_HITS))

    def job(tx: Transaction, index: Index | None) -> Answer:
        stored = [row for row in tx.listings.collections() if may_know(reader, row)]
        members = {row.id: row.member for row in tx.ledgers.all()}
        if index is None:
            return _EMPTY
        sought = sought_of(reader, question, words, stored, members, levels)
        found = tx.search.find(index, sought, Page(limit, after, bounds))
        names = _Names({row.id: row.agreement for row in stored}, members)
        return Answer(
            hits=tuple(_hits(tx, found, names)),
            total=found.total,
            capped=found.capped,
            partly=found.total > 0 and found.whole is not None and found.whole < found.total,
            facets=_facets(found, names),
            next=None if found.last else _cursor(found.places[-1], found.bounds),
            behind=tx.index.is_behind(index),
        )

    return node.store.indexes.read(job)


_EMPTY = Answer(hits=(), total=0, capped=False, partly=False, facets={}, next=None, behind=True)


class _Names(msgspec.Struct, frozen=True):
    agreements: dict[int, str | None]
    members: dict[int, str]


def may_know(reader: Reader | None, row: CollectionRow) -> bool:
    """Whether the reader may know that there is this collection."""
    return reader is None or reaches(reader.scope, row.agreement)


def sought_of(
    reader: Reader | None,
    question: Question,
    words: Words,
    stored: Sequence[CollectionRow],
    members: dict[int, str],
    levels: tuple[int, ...],
) -> Sought:
    """A question as the store is asked it, within what the reader may see."""
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


def level_of(text: str) -> int:
    """The rank of a TLP level. Raises `InputError` for another word."""
    level = text.lower().removeprefix("tlp:")
    if level not in TLP_ORDER:
        raise InputError("node.search-tlp", found=text[:60], allowed=", ".join(TLP_ORDER))
    return TLP_RANK[level]


def _hits(tx: Transaction, found: Found, names: _Names) -> list[Hit]:
    contents = tx.search.contents([match.holding for match in found.hits])
    hits: list[Hit] = []
    for place, match in zip(found.places, found.hits, strict=True):
        if match.holding not in contents:
            continue
        object_id, version, body = contents[match.holding]
        kind = found.kinds[match.kind]
        hits.append(
            Hit(
                object_id=object_id,
                version=version,
                type=kind.type,
                title=title_of(msgspec.json.decode(body)),
                member=names.members[kind.ledger],
                agreement=names.agreements[kind.collection],
                tlp=TLP_ORDER[kind.tlp],
                area=kind.area or None,
                at=from_micros(match.moment),
                score=None if place.group % 2 else -place.less,
                body=body,
            )
        )
    return hits


def _facets(found: Found, names: _Names) -> dict[str, dict[str, int]]:
    facets: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for number, times in found.counts.items():
        kind = found.kinds[number]
        values = (
            kind.type,
            names.agreements[kind.collection] or PRIVATE,
            names.members[kind.ledger],
            TLP_ORDER[kind.tlp],
            kind.area,
            month_text(kind.month),
        )
        for name, value in zip(FACETS, values, strict=True):
            facets[name][value] += times
    return {name: _frequent(counts) for name, counts in facets.items()}


def _frequent(counts: dict[str, int]) -> dict[str, int]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[:FACET_VALUES])


def title_of(fields: dict[str, Any]) -> str:
    """By what a person tells it from others: its name, its value, its pattern, its first words."""
    for name in ("name", "value", "pattern", "title", "abstract", "description", "content"):
        text = fields.get(name)
        if isinstance(text, str) and text.strip():
            return " ".join(text[:400].split())[:160]
    return str(fields.get("relationship_type") or fields.get("id", ""))


def _cursor(place: Place, bounds: Bounds) -> str:
    numbers = (place.group, -place.less, -place.newest, *msgspec.structs.astuple(bounds))
    return ".".join(map(str, numbers))


def _read_cursor(cursor: str) -> tuple[Place | None, Bounds | None]:
    if not cursor:
        return None, None
    parts = cursor.split(".")
    if len(parts) != _CURSOR_PARTS or not all(map(_CURSOR_PART.fullmatch, parts)):
        raise InputError("node.search-cursor", found=cursor[:60])
    group, score, added, *bounds = map(int, parts)
    return Place(group, -score, -added), Bounds(*bounds)


_CURSOR_PARTS = 3 + len(Bounds.__struct_fields__)
_CURSOR_PART = re.compile(r"[0-9]{1,18}")  # what a database's number holds
