"""Finding listings by words: the same set in the same order on both databases.

The database says which listings have the words and may be seen by who asks (`matching.py`). Their
order is settled here, by rules that look at these listings alone (docs/reference/search.md).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import Connection, func, select

from accord.stix.words import STRONG, WHOLE, Term, Words, score

from . import matching
from .index import SearchIndex
from .index_tables import Index, IndexTables, Kind, tables_of
from .matching import Match, Scope, Sought
from .rows import chunks
from .tables import holdings

MOST = 10_000  # hits that are counted
RANKED = 200  # of more hits than this, so many are ranked by their words
PARTLY = 5_000  # of each word, when no listing has all of them: the newest that have it
PARTLY_KEPT = 1_000  # of these, those that have most words

_NARROW = 4  # a scope of less than a quarter of all is asked for in the index
_NONE = 10**18 - 1  # later than any listing


class Place(msgspec.Struct, frozen=True, order=True, gc=False):
    """Where a hit stands in the order: group, then score, then the newest first.

    A group for each number of missing words, twice: even where hits are ranked by what their words
    say, odd for the others of this number, which come by time.
    """

    group: int
    less: int  # 0 - score
    newest: int  # 0 - added


class Bounds(msgspec.Struct, frozen=True, gc=False):
    """What the pages of one answer have in common, so that they fit while objects arrive.

    Nothing indexed after `newest` belongs to it. Ranked by their words are hits that are called so
    from `called` on, that have all words in names from `named` on, and any from `any` on; 0: all.
    Of an answer without all words, those that miss `missing` words are ranked last.
    """

    newest: int
    called: int = 0
    named: int = 0
    any: int = 0
    missing: int = 0


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of hits with the place of each, and how many there are in all, by kind.

    `capped`: there may be more than `total`. `partly`: no listing has all words; these have half of
    them or more. `last`: no page follows.
    """

    bounds: Bounds
    hits: Sequence[Match] = ()
    places: Sequence[Place] = ()
    counts: Mapping[int, int] = msgspec.field(default_factory=dict)
    kinds: Mapping[int, Kind] = msgspec.field(default_factory=dict)
    capped: bool = False
    partly: bool = False
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
        if not self._sqlite:  # switched off for pages, and the only way through this index
            self._connection.exec_driver_sql("SET LOCAL enable_bitmapscan = on")
        filters = msgspec.structs.replace(sought, words=Words(()))
        scope = self._narrow(index.number, tuple(narrowed))
        ask = _Asking(index.number, filters, sought.words, scope, bounds.newest)
        counts = self._counts(ask)
        total = sum(counts.values())
        if not total and len(sought.words.terms) > 1:
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

    def _counts(self, ask: _Asking) -> dict[int, int]:
        """How many hits are of each kind, of the newest `MOST`."""
        query = matching.counting(ask.number, ask.filters, sqlite=self._sqlite)
        asked = self._asked(ask, self._all(ask.words.terms), MOST)
        return dict(map(tuple, self._connection.execute(query, asked).all()))

    def _ranked(self, ask: _Asking, bounds: Bounds, beginning: bool) -> tuple[list[Match], Bounds]:
        """The hits that are ranked by their words; at the `beginning`, and what bounds them."""
        words = ask.words
        called = named = []
        if beginning or bounds.any:
            if words.name:
                whole = self._all([Term(WHOLE + words.name)])
                called = self._matches(ask, whole, RANKED, bounds.called)
            most = RANKED - len(called) if beginning else RANKED
            named = self._matches(ask, self._all(words.terms, STRONG), most, bounds.named)
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
        """What has at least half of the words, those with the most of them first."""
        terms = ask.words.terms
        met: Counter[int] = Counter()
        query = matching.naming(ask.number, sqlite=self._sqlite)
        for term in terms:
            asked = self._asked(ask, self._all([term]), PARTLY)
            met.update(self._connection.scalars(query, asked))
        missing = {added: len(terms) - times for added, times in met.items()}
        enough = [added for added, less in missing.items() if less <= len(terms) // 2]
        order = sorted(enough, key=lambda added: (missing[added], -added))
        kept = self._chosen(ask, order[:PARTLY_KEPT])
        bounds = page.bounds or Bounds(ask.newest)
        if page.bounds is None and len(kept) > RANKED:
            last = kept[RANKED - 1].added
            bounds = Bounds(ask.newest, any=last, missing=missing[last])
        end = (bounds.missing, -bounds.any)
        ranked = len(kept)
        if bounds.any:
            ranked = bisect_right(kept, end, key=lambda each: (missing[each.added], -each.added))
        placed = self._placed(ask, kept[:ranked], missing)
        rest = kept[ranked:]
        placed += [(Place(2 * missing[m.added] + 1, 0, -m.added), m) for m in rest]
        start = 0 if page.after is None else bisect_right(placed, page.after, key=_of_place)
        counts = Counter(match.kind for match in kept)
        chosen = placed[start : start + page.limit + 1]
        capped = len(order) > PARTLY_KEPT
        found = self._found(ask, bounds, chosen, page.limit, counts, capped=capped)
        return msgspec.structs.replace(found, partly=True)

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
        self, ask: _Asking, matches: Sequence[Match], missing: Mapping[int, int]
    ) -> list[tuple[Place, Match]]:
        """Matches in the order of what their words say."""
        scores = self._scores(ask.tables, matches, ask.words)
        placed = [
            (Place(2 * missing.get(m.added, 0), -scores.get(m.added, 0), -m.added), m)
            for m in matches
        ]
        return sorted(placed, key=_of_place)

    def _matches(self, ask: _Asking, expression: str, limit: int, oldest: int = 0) -> list[Match]:
        """The newest listings that fit an expression and everything else that is asked."""
        if limit <= 0 or oldest > ask.newest:
            return []
        query = matching.matching(ask.number, ask.filters, sqlite=self._sqlite)
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

    def _narrow(self, number: int, narrowed: tuple[Scope, ...]) -> tuple[tuple[str, ...], ...]:
        """The tokens of those scopes that leave little: to ask for the others only costs."""
        if not narrowed:
            return ()
        row = self._connection.execute(matching.weighing(number, narrowed)).one()
        total, *shares = (int(each or 0) for each in row)
        return tuple(
            each.tokens
            for each, share in zip(narrowed, shares, strict=True)
            if share * _NARROW <= total
        )

    def _asked(
        self, ask: _Asking, expression: str, limit: int, oldest: int = 0
    ) -> dict[str, str | int]:
        words = matching.within(ask.scope, expression, sqlite=self._sqlite)
        return {"words": words, "newest": ask.newest, "oldest": oldest, "limit": limit}

    def _all(self, terms: Iterable[Term], mark: str = "") -> str:
        return matching.expression(terms, mark, sqlite=self._sqlite)


def _of_place(placed: tuple[Place, Match]) -> Place:
    return placed[0]


def _oldest(matches: Sequence[Match]) -> int:
    return matches[-1].added if matches else _NONE
