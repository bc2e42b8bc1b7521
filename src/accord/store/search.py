"""Finding listings by words: the same set in the same order on both databases.

The database says which listings have the words and may be seen by who asks; nothing else leaves it.
Their order is settled here, by rules that look at these listings alone (docs/reference/search.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, select, text

from accord.stix.words import STRONG, WHOLE, Term, Words, score

from .index import Index, IndexTables, tables_of
from .listings import Asked, entitled
from .rows import chunks
from .tables import holdings, listings

MOST = 10_000  # hits that are counted, and that can be paged through
RANKED = 200  # of more hits than this, so many are ranked by their words
PARTLY = 5_000  # of each word, when no listing has all of them: the newest that have it


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. `asked` says where and for whom; null is for whoever owns the store.

    An empty tuple asks for nothing in particular; moments are in microseconds, `until` excluded.
    """

    words: Words
    asked: Asked | None
    types: tuple[str, ...] = ()
    ledgers: tuple[int, ...] | None = None
    collections: tuple[int, ...] | None = None
    tlp: tuple[int, ...] = ()
    areas: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None


class Match(msgspec.Struct, frozen=True, gc=False):
    """A listing that was found, with what facets count."""

    added: int
    holding: int
    collection: int
    type: str
    tlp: int
    ledger: int
    area: str | None
    moment: int


class Place(msgspec.Struct, frozen=True, order=True, gc=False):
    """Where a hit stands in the order: group, then score, then the newest first.

    A group for each number of missing words, twice: even where hits are ranked by what their words
    say, odd for the others of this number, which come by time.
    """

    group: int
    less: int  # 0 - score
    newest: int  # 0 - added


class Found(msgspec.Struct, frozen=True):
    """All hits in order, and the place of each. `more`: there are others beyond `MOST`.

    `partly`: no listing has all words; these have half of them or more.
    """

    hits: list[Match]
    places: list[Place]
    more: bool = False
    partly: bool = False


class Search:
    """Questions to one index, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    def find(self, index: Index, sought: Sought) -> Found:
        """Every hit, up to `MOST`: those that are called so, then the newest."""
        if not sought.words.terms:
            return Found([], [])
        if not self._sqlite:  # switched off for pages, and the only way through this index
            self._connection.exec_driver_sql("SET LOCAL enable_bitmapscan = on")
        tables, terms = tables_of(index.number), sought.words.terms
        newest = self._matches(tables, sought, self._all(terms), MOST + 1)
        if not newest and len(terms) > 1:
            return self._partly(tables, sought)
        best: list[Match] = []
        if len(newest) > RANKED:
            name = sought.words.name
            if name:
                whole = self._all([Term(WHOLE + name)])
                best += self._matches(tables, sought, whole, RANKED)
            best += self._matches(tables, sought, self._all(terms, STRONG), RANKED)
        matches = _each_holding_once([*best, *newest])[:MOST]
        tail = sorted(matches[RANKED:], key=lambda match: match.added, reverse=True)
        return self._placed(tables, sought, [*matches[:RANKED], *tail], {}, len(newest) > MOST)

    def _partly(self, tables: IndexTables, sought: Sought) -> Found:
        """What has at least half of the words, those with the most of them first."""
        terms = sought.words.terms
        met: Counter[int] = Counter()
        matches: dict[int, Match] = {}
        for term in terms:
            for match in self._matches(tables, sought, self._all([term]), PARTLY):
                met[match.added] += 1
                matches[match.added] = match
        missing = {added: len(terms) - count for added, count in met.items()}
        enough = [match for match in matches.values() if missing[match.added] <= len(terms) // 2]
        kept = _each_holding_once(enough)
        kept.sort(key=lambda match: (missing[match.added], -match.added))
        found = self._placed(tables, sought, kept[:MOST], missing, len(kept) > MOST)
        return msgspec.structs.replace(found, partly=True)

    def _placed(
        self,
        tables: IndexTables,
        sought: Sought,
        matches: Sequence[Match],
        missing: Mapping[int, int],
        more: bool,
    ) -> Found:
        """Matches in their order: the first `RANKED` of those given by what their words say."""
        scores = self._scores(tables, matches[:RANKED], sought.words)
        ranked = sorted(matches[:RANKED], key=lambda match: _place(match, scores, missing))
        hits = [*ranked, *matches[RANKED:]]
        return Found(hits, [_place(match, scores, missing) for match in hits], more)

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

    def _matches(
        self, tables: IndexTables, sought: Sought, expression: str, limit: int
    ) -> list[Match]:
        """The newest listings that fit an expression and everything else that is asked."""
        words, documents = tables.words, tables.documents
        operator = "{0} MATCH :words" if self._sqlite else "{0}.words @@ CAST(:words AS tsquery)"
        # The sum keeps a database from asking the index about one listing after the other.
        joined = words.join(listings, listings.c.added == words.c.rowid + 0).join(
            documents, documents.c.added == listings.c.added
        )
        query = (
            select(
                listings.c.added,
                listings.c.holding,
                listings.c.collection,
                listings.c.type,
                listings.c.tlp,
                documents.c.ledger,
                documents.c.area,
                documents.c.moment,
            )
            .select_from(joined)
            .where(text(operator.format(words.name)), *_conditions(tables, sought))
            .order_by(words.c.rowid.desc())
            .limit(limit)
        )
        rows = self._connection.execute(query, {"words": expression}).all()
        return [Match(*row) for row in rows]

    def _scores(
        self, tables: IndexTables, matches: Sequence[Match], words: Words
    ) -> dict[int, int]:
        found: dict[int, int] = {}
        texts = tables.texts.c
        for chunk in chunks([match.added for match in matches]):
            query = select(texts.added, texts.words).where(texts.added.in_(chunk))
            for added, written in self._connection.execute(query):
                found[added] = score(written, words)
        return found

    def _all(self, terms: Iterable[Term], mark: str = "") -> str:
        """That all terms are there, as the database is asked. No token has a quotation mark."""
        if self._sqlite:
            return " AND ".join(
                f'("{mark}{term.token}" OR "{mark}{term.prefix}" *)'
                if term.prefix
                else f'"{mark}{term.token}"'
                for term in terms
            )
        return " & ".join(
            f"('{mark}{term.token}' | '{mark}{term.prefix}':*)"
            if term.prefix
            else f"'{mark}{term.token}'"
            for term in terms
        )


def _conditions(tables: IndexTables, sought: Sought) -> list[ColumnElement[bool]]:
    documents = tables.documents.c
    conditions: list[ColumnElement[bool]] = [listings.c.latest.is_(True)]
    if sought.asked is not None:
        inside = listings.c.collection.in_(sought.asked.collections)
        conditions.append(and_(inside, entitled(sought.asked, listings)))
    if sought.collections is not None:
        conditions.append(listings.c.collection.in_(sought.collections))
    if sought.ledgers is not None:
        conditions.append(documents.ledger.in_(sought.ledgers))
    for column, wanted in (
        (listings.c.type, sought.types),
        (listings.c.tlp, sought.tlp),
        (documents.area, sought.areas),
    ):
        if wanted:
            conditions.append(column.in_(wanted))
    if sought.since is not None:
        conditions.append(documents.moment >= sought.since)
    if sought.until is not None:
        conditions.append(documents.moment < sought.until)
    return conditions


def _each_holding_once(matches: Iterable[Match]) -> list[Match]:
    """A holding under two agreements is shown once: as it was listed first."""
    found: dict[int, Match] = {}
    for match in matches:
        known = found.get(match.holding)
        if known is None or match.added < known.added:
            found[match.holding] = match
    return list(found.values())


def _place(match: Match, scores: Mapping[int, int], missing: Mapping[int, int]) -> Place:
    ranked = scores.get(match.added)
    group = 2 * missing.get(match.added, 0) + (ranked is None)
    return Place(group, -(ranked or 0), -match.added)
