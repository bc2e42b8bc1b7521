"""The search index: made of what is listed, after it is listed, and at any time anew.

It is no part of the store's schema: nothing is in it that is not in the listings and holdings.
Where it lies, and how one takes the place of another, is told in `indexes.py`.

One listing is one document, under its `added`. That number grows in commit order, so that the
highest that was indexed says all: whatever was not indexed yet has a higher one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import (
    Connection,
    MetaData,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)

from accord.stix.words import tokens_of

from .bulk import insert_rows
from .index_tables import Document, Index, IndexState, IndexTables, Kind, ToIndex, tables_of
from .rows import chunks
from .settings import Settings
from .tables import collections, entries, holdings, listings

_STATE = "search.index"
_LISTED_LAST = "listings.last"  # the highest `added` that was ever given out
_REMOVED = "search.removed"  # how often something was taken out of the listings
_ERASED = "search.erased"  # how often content was erased for good
_RENEWED = "search.renewed"  # how often it had been when the newest index was begun
_BATCH_BYTES = 8 << 20  # of bodies read at once, unless a single one is larger

# One token is what stands between two blanks: everything else of ASCII belongs to it.
_FTS5 = (
    "USING fts5(words, content='', detail=none, columnsize=0, prefix='3', "
    "tokenize=\"ascii tokenchars '!#$%&()*+,-./:;<=>?@[]^_`{|}~'\")"
)


# Beside them FTS5 keeps tables of its own, which go with its own.
_FORMER = re.compile(r"search_(documents|texts|words)_\d+")


class SearchIndex:
    """Indexes and what becomes of them; finding is in `search.py`.

    What an index itself holds can be reached in transactions of `Indexes` alone.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    def state(self) -> IndexState:
        found = Settings(self._connection).get(_STATE)
        return IndexState() if found is None else msgspec.json.decode(found, type=IndexState)

    def keep(self, state: IndexState) -> None:
        Settings(self._connection).set(_STATE, msgspec.json.encode(state).decode())

    def removed(self) -> None:
        """Say, in the transaction that does it, that listings or bodies are taken out.

        They are found no more from then on; the next sweep takes their words out of the index.
        """
        Settings(self._connection).take(_REMOVED, 1)

    def erased(self) -> None:
        """The same of content that must be nowhere any more: the index is to be made anew."""
        self.removed()
        Settings(self._connection).take(_ERASED, 1)

    def to_renew(self) -> int:
        """How often content was erased, if no index was begun since; else 0."""
        settings = Settings(self._connection)
        erased = int(settings.get(_ERASED) or 0)
        return erased if erased > int(settings.get(_RENEWED) or 0) else 0

    def renewed(self, erased: int) -> None:
        """An index was begun after content was erased so often."""
        Settings(self._connection).set(_RENEWED, str(erased))

    def position(self, index: Index) -> int:
        """The highest `added` that it has reached."""
        return self._connection.scalar(select(tables_of(index.number).progress.c.position)) or 0

    def is_behind(self, index: Index, by: int = 0) -> bool:
        """Whether more than so many listings wait."""
        query = select(listings.c.added).where(listings.c.added > self.position(index))
        ordered = query.order_by(listings.c.added).limit(1).offset(by)
        return self._connection.scalar(ordered) is not None

    def lag(self, index: Index | None) -> int:
        """How many listings it has not reached yet."""
        position = 0 if index is None else self.position(index)
        return self._connection.scalar(select(func.count()).where(listings.c.added > position)) or 0

    def is_ahead(self, index: Index) -> bool:
        """It has reached what this store never listed: the store came back from a backup."""
        return self.position(index) > int(Settings(self._connection).get(_LISTED_LAST) or 0)

    def last_listed(self) -> int:
        """The highest `added` that is listed."""
        return self._connection.scalar(select(func.max(listings.c.added))) or 0

    def next(self, index: Index, limit: int) -> list[ToIndex]:
        """The listings that follow, in order; each with the envelope it came in, if in any."""
        position = self.position(index)
        until = self._until(position, limit)
        of_agreement = and_(
            entries.c.holding == holdings.c.seq, entries.c.agreement == collections.c.agreement
        )
        envelope = (
            select(entries.c.envelope).where(of_agreement).order_by(entries.c.seq).limit(1)
        ).scalar_subquery()
        before = listings.alias("before")
        again = exists().where(
            before.c.holding == listings.c.holding, before.c.added < listings.c.added
        )
        query = (
            select(
                listings.c.added,
                listings.c.collection,
                listings.c.type,
                listings.c.tlp,
                holdings.c.ledger,
                holdings.c.version,
                holdings.c.status,
                holdings.c.body,
                envelope,
                case((again, 1), else_=0),
            )
            .select_from(_LISTED.join(collections, collections.c.id == listings.c.collection))
            .where(listings.c.added > position, listings.c.added <= until)
            .order_by(listings.c.added)
        )
        rows = self._connection.execute(query).all()
        return [ToIndex(*tuple(row)) for row in rows]

    def _until(self, position: int, limit: int) -> int:
        """The last `added` of a batch: of so many listings, and not too many bytes."""
        size = func.coalesce(func.length(holdings.c.body), 0)
        query = (
            select(listings.c.added, size)
            .select_from(_LISTED)
            .where(listings.c.added > position)
            .order_by(listings.c.added)
            .limit(limit)
        )
        until, total = position, 0
        for added, length in self._connection.execute(query).all():
            total += length
            if until > position and total > _BATCH_BYTES:
                break
            until = added
        return until

    def put(self, index: Index, documents: Sequence[Document], start: int, end: int) -> bool:
        """Take documents into an index that is at `start` and move it to `end`, in one commit.

        False, and nothing is done, when it is elsewhere: another process was first. What is not
        listed any more is left out.
        """
        progress = tables_of(index.number).progress
        moved = update(progress).where(progress.c.position == start).values(position=end)
        if not self._connection.execute(moved).rowcount:
            return False
        listed = self._listed([each.added for each in documents])
        kinds = _Kinds(self.kinds(index))
        kept = [each for each in documents if each.added in listed]
        self._insert(tables_of(index.number), kept, kinds)
        return True

    def to_sweep(self, index: Index) -> bool:
        """Whether something was taken out of the listings since the last sweep."""
        seen = self._connection.scalar(select(tables_of(index.number).progress.c.removed))
        return seen != self.removals()

    def sweep(self, index: Index, limit: int = 2000) -> bool:
        """Let go of some documents whose listing or body is gone; whether there may be more."""
        tables = tables_of(index.number)
        removals = self.removals()
        # A write comes first: on SQLite nobody can then get in between.
        self._connection.execute(update(tables.progress).values(removed=tables.progress.c.removed))
        there = exists().where(
            listings.c.added == tables.documents.c.added,
            holdings.c.seq == listings.c.holding,
            holdings.c.body.is_not(None),
        )
        gone = list(
            self._connection.scalars(select(tables.documents.c.added).where(~there).limit(limit))
        )
        for chunk in chunks(gone):
            self._delete(tables, chunk, self.kinds(index))
        if len(gone) < limit:
            self._connection.execute(update(tables.progress).values(removed=removals))
        return len(gone) == limit

    def damage(self, index: Index) -> str:
        """What is wrong with the pages of an index; only SQLite can tell."""
        if not self._sqlite:
            return ""
        look = f"PRAGMA search_{index.number}.quick_check(1)"
        found = str(self._connection.exec_driver_sql(look).scalar())
        return "" if found == "ok" else found

    def settle(self, index: Index) -> None:
        """A load is over: what PostgreSQL has put aside is sorted in, so that reading is fast."""
        if not self._sqlite:
            name = tables_of(index.number).words.name
            self._connection.execute(
                text("SELECT gin_clean_pending_list(CAST(:name AS regclass))"),
                {"name": f"{name}_found"},
            )

    def create(self, number: int, schema: str = "") -> None:
        """Make the empty tables of an index; on SQLite in the attached database `schema`."""
        made = tables_of(number)
        words = made.words.name
        for table in made.plain():
            placed = table.to_metadata(MetaData(), schema=schema) if schema else table
            placed.create(self._connection)
        if self._sqlite:
            self._connection.exec_driver_sql(f"CREATE VIRTUAL TABLE {schema}.{words} {_FTS5}")
        else:
            made.words.create(self._connection)
            self._connection.exec_driver_sql(
                f"CREATE INDEX {words}_found ON {words} USING gin (words)"
            )
        self._connection.execute(insert(made.progress).values(position=0, removed=self.removals()))

    def drop(self, number: int) -> None:
        """Drop the tables of an index, where they are among others."""
        made = tables_of(number)
        for table in (*made.plain(), made.words):
            self._connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name}")

    def drop_former(self) -> None:
        """Drop the tables of the first layout, of every number."""
        there = inspect(self._connection).get_table_names()
        for name in there:
            if _FORMER.fullmatch(name):
                self._connection.exec_driver_sql(f"DROP TABLE {name}")

    def removals(self) -> int:
        """How often something was taken out of the listings."""
        return int(Settings(self._connection).get(_REMOVED) or 0)

    def kinds(self, index: Index) -> dict[int, Kind]:
        """Every kind of document there is, by its number."""
        rows = self._connection.execute(select(tables_of(index.number).kinds)).all()
        return {number: Kind(*row) for number, *row, _ in rows}

    def _insert(self, made: IndexTables, documents: Sequence[Document], kinds: _Kinds) -> None:
        if not documents:
            return
        insert_rows(
            self._connection,
            made.documents,
            [(each.added, kinds[each.kind], each.moment, each.again) for each in documents],
        )
        insert_rows(self._connection, made.texts, [(each.added, each.words) for each in documents])
        found = [(each.added, self._shape(each.words, each.kind)) for each in documents]
        insert_rows(self._connection, made.words, found)
        self._count(made, kinds, Counter(kinds[each.kind] for each in documents))

    def _count(self, made: IndexTables, kinds: _Kinds, counts: Mapping[int, int]) -> None:
        """Note new kinds, and how many documents came of each."""
        if fresh := kinds.fresh():
            insert_rows(self._connection, made.kinds, [(*row, 0) for row in fresh])
        kind, documents = made.kinds.c.kind, made.kinds.c.documents
        more = (
            update(made.kinds)
            .where(kind == bindparam("of"))
            .values(documents=documents + bindparam("more"))
        )
        self._connection.execute(more, [{"of": of, "more": n} for of, n in counts.items()])

    def _shape(self, words: str, kind: Kind) -> str:
        """The tokens of a document as the database takes them."""
        tokens = dict.fromkeys([*tokens_of(words), *kind.tokens()])
        if self._sqlite:
            return " ".join(tokens)
        return " ".join(f"'{token}'" for token in tokens)

    def _delete(self, made: IndexTables, added: Sequence[int], kinds: dict[int, Kind]) -> None:
        texts, documents = made.texts.c, made.documents.c
        if self._sqlite:
            name = made.words.name
            rows = self._connection.execute(
                select(texts.added, texts.words, documents.kind).where(
                    texts.added.in_(added), documents.added == texts.added
                )
            ).all()
            if rows:  # FTS5 wants to be told what it is to forget: the same words as then
                self._connection.exec_driver_sql(
                    f"INSERT INTO {name}({name}, rowid, words) VALUES('delete', ?, ?)",
                    [(added, self._shape(words, kinds[kind])) for added, words, kind in rows],
                )
        else:
            words = made.words
            self._connection.execute(delete(words).where(words.c.rowid.in_(added)))
        for table in (made.texts, made.documents):
            self._connection.execute(delete(table).where(table.c.added.in_(added)))

    def _listed(self, added: Sequence[int]) -> set[int]:
        found: set[int] = set()
        for chunk in chunks(added):
            found.update(
                self._connection.scalars(
                    select(listings.c.added)
                    .select_from(_LISTED)
                    .where(listings.c.added.in_(chunk), holdings.c.body.is_not(None))
                )
            )
        return found


_LISTED = listings.join(holdings, holdings.c.seq == listings.c.holding)


class _Kinds(dict[Kind, int]):
    """The number of each kind; a new one gets the next."""

    def __init__(self, known: dict[int, Kind]) -> None:
        super().__init__((kind, number) for number, kind in known.items())
        self._known = len(known)

    def __missing__(self, kind: Kind) -> int:
        found = self[kind] = len(self) + 1
        return found

    def fresh(self) -> list[tuple[object, ...]]:
        """The rows of those that are new."""
        return [
            (number, *msgspec.structs.astuple(kind))
            for kind, number in self.items()
            if number > self._known
        ]
