"""Finding listings by words: the same set in the same order on both databases.

The database says which listings have the words and may be seen by who asks (`matching.py`). Their
order is settled here, by rules that look at these listings alone (docs/reference/search.md).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log

import msgspec
from sqlalchemy import Connection, func, select

from accord.stix.tokens import is_pair
from accord.stix.words import STRONG, WHOLE, Term, Words, score

from . import matching
from .index import SearchIndex
from .index_tables import Index, IndexTables, Kind, tables_of
from .matching import Match, Sought
from .rows import chunks
from .tables import holdings

MOST = 10_000  # hits that are counted
RANKED = 200  # of more hits than this, so many are ranked by their words
FEW = 10  # hits; when there are fewer, those that lack some words follow
FEW_TERMS = 3  # unless the question has fewer than these and there is any hit
PARTLY = 5_000  # of each word, for that: the newest listings that have it
PARTLY_RARE = 200  # a word that no more have is a rare one: all of these are looked at
PARTLY_KEPT = 1_000  # of the others, those that have most words

_STEPS = 20  # in which what a hit lacks is told apart
_LOST = 0.6  # of the weight of all words; a hit that lacks more has half the words at least
# A plan has to know the words, and must not begin with all that is listed.
_POSTGRES = ", ".join(
    f"set_config('{name}', '{value}', true)"
    for name, value in (
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
        ("enable_seqscan", "off"),
        ("plan_cache_mode", "force_custom_plan"),
        ("max_parallel_workers_per_gather", "0"),
        ("jit", "off"),
    )
)

_FEW = "SELECT set_config('enable_bitmapscan', 'on', true)"
_FREQUENT = "SELECT set_config('enable_bitmapscan', 'off', true)"
_MANY = 25_000  # documents that have the words

_NONE = 10**18 - 1  # later than any listing


class Place(msgspec.Struct, frozen=True, order=True, gc=False):
    """Where a hit stands in the order: group, then score, then the newest first.

    A group for each step of lacking words, twice: even where hits are ranked by what their words
    say, odd for the others of this step, which come by time.
    """

    group: int
    less: int  # 0 - score
    newest: int  # 0 - added


class Bounds(msgspec.Struct, frozen=True, gc=False):
    """What the pages of one answer have in common, so that they fit while objects arrive.

    Nothing indexed after `newest` belongs to it. Ranked by their words are hits that are called so
    from `called` on, that have all words in names from `named` on, and any from `any` on; 0: all.
    Where hits lack words, those that lack `lacks` are the last to be ranked.
    """

    newest: int
    called: int = 0
    named: int = 0
    any: int = 0
    lacks: int = 0


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of hits with the place of each, and how many there are in all, by kind.

    `capped`: there may be more than `total`. `whole`: so many have all words, the others most of
    them; null: all have. `last`: no page follows.
    """

    bounds: Bounds
    hits: Sequence[Match] = ()
    places: Sequence[Place] = ()
    counts: Mapping[int, int] = msgspec.field(default_factory=dict)
    kinds: Mapping[int, Kind] = msgspec.field(default_factory=dict)
    capped: bool = False
    whole: int | None = None
    last: bool = True

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class Page(msgspec.Struct, frozen=True):
    """Which page of an answer: so many hits after a place of an earlier page, or the first."""

    limit: int
    after: Place | None = None
    bounds: Bounds | None = None


class _Asking(msgspec.Struct, frozen=True):
    """A question to one index, and tokens that narrow it (`matching.scopes_of`)."""

    number: int
    filters: Sought
    words: Words
    scope: tuple[tuple[str, ...], ...]
    newest: int
    few: bool = True  # whether few documents have the words (`_are_few`)

    @property
    def tables(self) -> IndexTables:
        return tables_of(self.number)


class Search:
    """Questions to one index, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    def find(self, index: Index, sought: Sought, page: Page) -> Found:
        """One page: hits that are called so, those ranked by their words, then the newest."""
        newest = SearchIndex(self._connection).position(index)
        bounds = page.bounds or Bounds(newest)
        narrowed = matching.scopes_of(sought, self._last_month(index, sought))
        if not sought.words.terms or narrowed is None:
            return Found(bounds=bounds)
        if not self._sqlite:
            self._connection.exec_driver_sql(f"SELECT {_POSTGRES}")
        filters = msgspec.structs.replace(sought, words=Words(()))
        scope = matching.narrow(self._connection, index.number, tuple(narrowed))
        ask = _Asking(index.number, filters, sought.words, scope, bounds.newest)
        ask = msgspec.structs.replace(ask, few=self._are_few(ask))
        counts = self._counts(ask)
        total = sum(counts.values())
        terms = len(sought.words.terms)
        if (total < FEW and terms >= FEW_TERMS) or (not total and terms > 1):
            return self._partly(ask, page)
        ranked, bounds = self._ranked(ask, bounds, page.bounds is None and total > RANKED)
        found = self._placed(ask, ranked, {})
        start = 0 if page.after is None else bisect_right(found, page.after, key=_of_place)
        chosen = found[start : start + page.limit + 1]
        if len(chosen) <= page.limit and total > len(ranked):
            chosen += self._tail(ask, bounds, ranked, page, page.limit + 1 - len(chosen))
        return self._found(ask, bounds, chosen, page.limit, counts, capped=total >= MOST)

    def contents(self, seqs: Sequence[int]) -> dict[int, tuple[str, str, bytes]]:
        """Object id, version and bytes of holdings that are not erased."""
        found: dict[int, tuple[str, str, bytes]] = {}
        for chunk in chunks(seqs):
            query = select(
                holdings.c.seq, holdings.c.object_id, holdings.c.version, holdings.c.body
            ).where(holdings.c.seq.in_(chunk), holdings.c.body.is_not(None))
            for seq, object_id, version, body in self._connection.execute(query):
                found[seq] = (object_id, version, body)
        return found

    def _are_few(self, ask: _Asking) -> bool:
        """Whether PostgreSQL does better to collect all matches than to walk back from the newest.

        It is told which: it estimates badly how many there are. SQLite always walks back.
        """
        if self._sqlite:
            return False
        self._prefer(few=True)
        probe = matching.probing(ask.number)
        asked = self._asked(ask, self._all(ask.words.terms), _MANY)
        return (self._connection.scalar(probe, asked) or 0) < _MANY

    def _prefer(self, *, few: bool) -> None:
        """Say how PostgreSQL is to go through the words."""
        if not self._sqlite:
            self._connection.exec_driver_sql(_FEW if few else _FREQUENT)

    def _counts(self, ask: _Asking) -> dict[int, int]:
        """How many hits are of each kind, of the newest `MOST`."""
        self._prefer(few=ask.few)
        query = matching.counting(ask.number, ask.filters, sqlite=self._sqlite, few=ask.few)
        asked = self._asked(ask, self._all(ask.words.terms), MOST)
        return dict(map(tuple, self._connection.execute(query, asked).all()))

    def _ranked(self, ask: _Asking, bounds: Bounds, beginning: bool) -> tuple[list[Match], Bounds]:
        """The hits that are ranked by their words; at the `beginning`, and what bounds them."""
        words, few = ask.words, msgspec.structs.replace(ask, few=True)
        called = named = []
        if beginning or bounds.any:
            if words.name:
                whole = self._all([Term(WHOLE + words.name)])
                called = self._matches(few, whole, RANKED, bounds.called)
            most = RANKED - len(called) if beginning else RANKED
            named = self._matches(few, self._all(words.terms, STRONG), most, bounds.named)
        most = RANKED - len(called) - len(named) if beginning else RANKED
        rest = self._matches(ask, self._all(words.terms), most, bounds.any)
        if beginning:
            bounds = Bounds(bounds.newest, _oldest(called), _oldest(named), _oldest(rest))
        return list({match.added: match for match in (*called, *named, *rest)}.values()), bounds

    def _tail(
        self, ask: _Asking, bounds: Bounds, ranked: Sequence[Match], page: Page, count: int
    ) -> list[tuple[Place, Match]]:
        """Hits that are not ranked, by time: those that follow."""
        newest = min(bounds.newest, (bounds.any or _NONE) - 1)
        if page.after is not None and page.after.group % 2:
            newest = min(newest, -page.after.newest - 1)
        known = {match.added for match in ranked}
        ask = msgspec.structs.replace(ask, newest=newest)
        older = self._matches(ask, self._all(ask.words.terms), count + len(known))
        rest = [match for match in older if match.added not in known]
        return [(Place(1, 0, -match.added), match) for match in rest[:count]]

    def _partly(self, ask: _Asking, page: Page) -> Found:
        """What has most of the words, where few have all: the rarer a word, the more it counts."""
        kept, has = self._with_some(ask)
        lacks = _lacking(kept, has, ask.words.terms)
        kept = sorted(
            (match for match in kept if match.added in lacks),
            key=lambda match: (lacks[match.added], -match.added),
        )
        bounds = page.bounds or Bounds(ask.newest)
        if page.bounds is None and len(kept) > RANKED:
            last = kept[RANKED - 1].added
            bounds = Bounds(ask.newest, any=last, lacks=lacks[last])
        ranked, end = len(kept), (bounds.lacks, -bounds.any)
        if bounds.any:
            ranked = bisect_right(kept, end, key=lambda each: (lacks[each.added], -each.added))
        placed = self._placed(ask, kept[:ranked], lacks)
        placed += [(Place(2 * lacks[m.added] + 1, 0, -m.added), m) for m in kept[ranked:]]
        placed.sort(key=_of_place)
        start = 0 if page.after is None else bisect_right(placed, page.after, key=_of_place)
        counts = Counter(match.kind for match in kept)
        chosen = placed[start : start + page.limit + 1]
        found = self._found(ask, bounds, chosen, page.limit, counts, capped=len(kept) >= MOST)
        whole = sum(not lacks[match.added] for match in kept)
        return msgspec.structs.replace(found, whole=whole)

    def _with_some(self, ask: _Asking) -> tuple[list[Match], dict[int, int]]:
        """Listings that have one of the rarer words or many of all, and which (a bit for each)."""
        has: dict[int, int] = {}
        rare: set[int] = set()
        self._prefer(few=True)
        query = matching.naming(ask.number, sqlite=self._sqlite)
        for place, term in enumerate(ask.words.terms):
            asked = self._asked(ask, self._all([term]), PARTLY)
            found = self._connection.scalars(query, asked).all()
            for added in found:
                has[added] = has.get(added, 0) | 1 << place
            if len(found) <= PARTLY_RARE:
                rare.update(found)
        order = sorted(has, key=lambda added: (-has[added].bit_count(), -added))
        wanted = rare.union(order[:PARTLY_KEPT])
        return self._chosen(ask, sorted(wanted)), has

    def _found(
        self,
        ask: _Asking,
        bounds: Bounds,
        chosen: Sequence[tuple[Place, Match]],
        limit: int,
        counts: Mapping[int, int],
        *,
        capped: bool,
    ) -> Found:
        shown = chosen[:limit]
        return Found(
            bounds=bounds,
            hits=[match for _, match in shown],
            places=[place for place, _ in shown],
            counts=counts,
            kinds=self._kinds(ask.tables, {*counts, *(match.kind for _, match in shown)}),
            capped=capped,
            last=len(chosen) <= limit,
        )

    def _placed(
        self, ask: _Asking, matches: Sequence[Match], lacks: Mapping[int, int]
    ) -> list[tuple[Place, Match]]:
        """Matches in the order of what their words say."""
        scores = self._scores(ask.tables, matches, ask.words)
        placed = [
            (Place(2 * lacks.get(m.added, 0), -scores.get(m.added, 0), -m.added), m)
            for m in matches
        ]
        return sorted(placed, key=_of_place)

    def _matches(self, ask: _Asking, expression: str, limit: int, oldest: int = 0) -> list[Match]:
        """The newest listings that fit an expression and everything else that is asked."""
        if limit <= 0 or oldest > ask.newest:
            return []
        self._prefer(few=ask.few)
        query = matching.matching(ask.number, ask.filters, sqlite=self._sqlite, few=ask.few)
        rows = self._connection.execute(query, self._asked(ask, expression, limit, oldest)).all()
        return [Match(*row) for row in rows]

    def _chosen(self, ask: _Asking, wanted: Sequence[int]) -> list[Match]:
        """Of these those that fit everything else that is asked, in the same order."""
        query = matching.choosing(ask.number, ask.filters)
        found: dict[int, Match] = {}
        for chunk in chunks(wanted):
            for row in self._connection.execute(query, {"chosen": chunk}).all():
                found[row[0]] = Match(*row)
        return [found[added] for added in wanted if added in found]

    def _scores(
        self, tables: IndexTables, matches: Sequence[Match], words: Words
    ) -> dict[int, int]:
        found: dict[int, int] = {}
        texts = tables.texts.c
        for chunk in chunks([match.added for match in matches]):
            query = select(texts.added, texts.words).where(texts.added.in_(chunk))
            for added, written in self._connection.execute(query).all():
                found[added] = score(written, words)
        return found

    def _kinds(self, tables: IndexTables, wanted: Iterable[int]) -> dict[int, Kind]:
        found: dict[int, Kind] = {}
        for chunk in chunks(sorted(wanted)):
            query = select(tables.kinds).where(tables.kinds.c.kind.in_(chunk))
            for number, *row, _ in self._connection.execute(query).all():
                found[number] = Kind(*row)
        return found

    def _last_month(self, index: Index, sought: Sought) -> int:
        if sought.since is None:
            return 0
        month = tables_of(index.number).kinds.c.month
        return self._connection.scalar(select(func.max(month))) or 0

    def _asked(
        self, ask: _Asking, expression: str, limit: int, oldest: int = 0
    ) -> dict[str, str | int]:
        words = matching.within(ask.scope, expression, sqlite=self._sqlite)
        return {"words": words, "newest": ask.newest, "oldest": oldest, "limit": limit}

    def _all(self, terms: Iterable[Term], mark: str = "") -> str:
        return matching.expression(terms, mark, sqlite=self._sqlite)


def _lacking(
    matches: Sequence[Match], has: Mapping[int, int], terms: Sequence[Term]
) -> dict[int, int]:
    """How much each lacks of a question, in twentieths, if that is not too much.

    A word counts the more the fewer of these have it, and nothing where none has: only what the
    asker may see goes into it. Pairs of characters overlap, and count half.
    """
    places = range(len(terms))
    met = Counter(place for m in matches for place in places if has[m.added] >> place & 1)
    weights = [
        log((len(matches) + 1) / met[place]) / (2 if is_pair(terms[place].token) else 1)
        if met[place]
        else 0
        for place in places
    ]
    total = sum(weights) or 1.0
    found: dict[int, int] = {}
    for match in matches:
        mine = has[match.added]
        lost = sum(weight for place, weight in enumerate(weights) if not mine >> place & 1) / total
        if lost <= _LOST or mine.bit_count() * 2 >= len(terms):
            found[match.added] = max(round(lost * _STEPS), mine.bit_count() < len(terms))
    return found


def _of_place(placed: tuple[Place, Match]) -> Place:
    return placed[0]


def _oldest(matches: Sequence[Match]) -> int:
    return matches[-1].added if matches else _NONE
