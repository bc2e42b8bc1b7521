"""The search index: made of what is listed, after it is listed, and at any time anew.

It is no part of the schema's version: nothing is in it that is not in the listings and holdings,
and a program that knows nothing of it loses nothing. An index is three tables with its number in
their names; a new one is built beside the one in service and takes its place in one commit.

One listing is one document, under its `added`. That number grows in commit order, so that the
highest that was indexed says all: whatever was not indexed yet has a higher one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    and_,
    delete,
    exists,
    func,
    select,
    text,
)
from sqlalchemy.types import UserDefinedType

from accord.stix.words import tokens_of

from .bulk import insert_rows
from .columns import Name, Serial
from .rows import chunks
from .settings import Settings
from .tables import collections, entries, holdings, listings

_STATE = "search.state"

# One token is what stands between two blanks: everything else of ASCII belongs to it.
_FTS5 = (
    "USING fts5(words, content='', detail=none, columnsize=0, "
    "tokenize=\"ascii tokenchars '!#$%&()*+,-./:;<=>?@[]^_`{|}~'\")"
)


class Index(msgspec.Struct, frozen=True):
    """One index: its number, the rules by which its words were read, and how far it has come."""

    number: int
    rules: int
    position: int = 0


class IndexState(msgspec.Struct, frozen=True):
    """Which index answers, which is being built, and which may still be read by somebody."""

    serving: Index | None = None
    building: Index | None = None
    retired: int | None = None
    retired_at: int = 0

    def all(self) -> list[Index]:
        return [each for each in (self.serving, self.building) if each is not None]


class ToIndex(msgspec.Struct, frozen=True, gc=False):
    """A listing that is not indexed yet, with what is indexed of it."""

    added: int
    holding: int
    ledger: int
    version: str
    type: str
    status: str
    body: bytes | None
    envelope: bytes | None


class Document(msgspec.Struct, frozen=True, gc=False):
    """What an index keeps of a listing. `moment` is that of the object; `words` as stix.words."""

    added: int
    ledger: int
    area: str | None
    moment: int
    words: str


class _Vector(UserDefinedType[str]):
    """The tokens of a document, on PostgreSQL."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "TSVECTOR"


class IndexTables(msgspec.Struct, frozen=True):
    """`documents` for filters and facets, `texts` for ranking, `words` for finding."""

    documents: Table
    texts: Table
    words: Table


@lru_cache(maxsize=16)
def tables_of(number: int) -> IndexTables:
    """The tables of an index. On SQLite `words` is a table of FTS5, under the same name."""
    made = MetaData()
    return IndexTables(
        Table(
            f"search_documents_{number}",
            made,
            Column("added", Serial, primary_key=True, autoincrement=False),
            Column("ledger", Integer, nullable=False),
            Column("area", Name),
            Column("moment", BigInteger, nullable=False),
        ),
        Table(
            f"search_texts_{number}",
            made,
            Column("added", Serial, primary_key=True, autoincrement=False),
            Column("words", Name, nullable=False),
        ),
        Table(
            f"search_words_{number}",
            made,
            Column("rowid", Serial, primary_key=True, autoincrement=False),
            Column("words", _Vector, nullable=False),
        ),
    )


class SearchIndex:
    """What indexing and erasing need; finding is in `search.py`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    def state(self) -> IndexState:
        found = Settings(self._connection).get(_STATE)
        return IndexState() if found is None else msgspec.json.decode(found, type=IndexState)

    def build(self, rules: int) -> IndexState:
        """Begin an index by `rules`; the first of a store answers at once, with what it has."""
        state = self.state()
        if state.building is not None:
            self._drop(state.building.number)
        numbers = [each.number for each in state.all()] + [state.retired or 0]
        index = Index(max(numbers) + 1, rules)
        self._create(index.number)
        first = state.serving is None
        state = msgspec.structs.replace(
            state, serving=index if first else state.serving, building=None if first else index
        )
        return self._keep(state)

    def swap(self, now: int) -> IndexState:
        """The index that was built answers from now on."""
        state = self.state()
        if state.building is None or state.serving is None:
            return state
        if state.retired is not None:
            self._drop(state.retired)
        return self._keep(IndexState(state.building, None, state.serving.number, now))

    def drop_retired(self, before: int) -> None:
        """Drop the index that nobody reads any more: it was replaced before this moment."""
        state = self.state()
        if state.retired is not None and state.retired_at < before:
            self._drop(state.retired)
            self._keep(msgspec.structs.replace(state, retired=None))

    def lag(self, index: Index) -> int:
        """How many listings it has not reached yet."""
        query = select(func.count()).where(listings.c.added > index.position)
        return self._connection.scalar(query) or 0

    def next(self, index: Index, limit: int) -> list[ToIndex]:
        """The listings that follow, in order; each with the envelope it came in, if in any."""
        of_agreement = and_(
            entries.c.holding == holdings.c.seq, entries.c.agreement == collections.c.agreement
        )
        envelope = (
            select(entries.c.envelope).where(of_agreement).order_by(entries.c.seq).limit(1)
        ).scalar_subquery()
        query = (
            select(
                listings.c.added,
                listings.c.holding,
                holdings.c.ledger,
                holdings.c.version,
                holdings.c.type,
                holdings.c.status,
                holdings.c.body,
                envelope,
            )
            .select_from(
                listings.join(holdings, holdings.c.seq == listings.c.holding).join(
                    collections, collections.c.id == listings.c.collection
                )
            )
            .where(listings.c.added > index.position)
            .order_by(listings.c.added)
            .limit(limit)
        )
        return [ToIndex(*row) for row in self._connection.execute(query).all()]

    def put(self, index: Index, documents: Sequence[Document], position: int) -> bool:
        """Take documents into an index and move it to `position`, in one commit.

        False, and nothing is done, when the index is no longer where `index` says: another process
        was first, or it was replaced. What is not listed any more is left out.
        """
        state = self.state()
        if index not in state.all():
            return False
        listed = self._listed([each.added for each in documents])
        self._insert(index.number, [each for each in documents if each.added in listed])
        moved = msgspec.structs.replace(index, position=position)
        serving = index == state.serving
        self._keep(
            msgspec.structs.replace(
                state,
                serving=moved if serving else state.serving,
                building=state.building if serving else moved,
            )
        )
        return True

    def forget(self, added: Sequence[int]) -> None:
        """Take documents out of every index there is, in the transaction that takes the listing.

        Their words are no longer found. The pages of the index may hold them until it is replaced.
        """
        state = self.state()
        numbers = [each.number for each in state.all()]
        for number in [*numbers, *([] if state.retired is None else [state.retired])]:
            for chunk in chunks(added):
                self._delete(number, chunk)

    def forget_holdings(self, seqs: Sequence[int]) -> None:
        """The same by holding: for bodies that are erased while their listing stays."""
        for chunk in chunks(seqs):
            query = select(listings.c.added).where(listings.c.holding.in_(chunk))
            self.forget(self._connection.scalars(query).all())

    def orphans(self, index: Index, limit: int = 1000) -> list[int]:
        """Documents whose listing or body is gone: a program that knows no index took it out."""
        documents = tables_of(index.number).documents
        there = exists().where(
            listings.c.added == documents.c.added,
            holdings.c.seq == listings.c.holding,
            holdings.c.body.is_not(None),
        )
        return list(
            self._connection.scalars(select(documents.c.added).where(~there).limit(limit)).all()
        )

    def settle(self, index: Index) -> None:
        """A load is over: what PostgreSQL has put aside is sorted in, so that reading is fast."""
        if not self._sqlite:
            name = tables_of(index.number).words.name
            self._connection.execute(
                text("SELECT gin_clean_pending_list(CAST(:name AS regclass))"),
                {"name": f"{name}_found"},
            )

    def _keep(self, state: IndexState) -> IndexState:
        Settings(self._connection).set(_STATE, msgspec.json.encode(state).decode())
        return state

    def _create(self, number: int) -> None:
        made = tables_of(number)
        made.documents.create(self._connection)
        made.texts.create(self._connection)
        name = made.words.name
        if self._sqlite:
            self._connection.exec_driver_sql(f"CREATE VIRTUAL TABLE {name} {_FTS5}")
        else:
            made.words.create(self._connection)
            self._connection.exec_driver_sql(
                f"CREATE INDEX {name}_found ON {name} USING gin (words)"
            )

    def _drop(self, number: int) -> None:
        made = tables_of(number)
        for table in (made.documents, made.texts, made.words):
            table.drop(self._connection, checkfirst=False)

    def _insert(self, number: int, documents: Sequence[Document]) -> None:
        if not documents:
            return
        made = tables_of(number)
        rows = [(each.added, each.ledger, each.area, each.moment) for each in documents]
        insert_rows(self._connection, made.documents, rows)
        insert_rows(self._connection, made.texts, [(each.added, each.words) for each in documents])
        found = [(each.added, self._shape(each.words)) for each in documents]
        insert_rows(self._connection, made.words, found)

    def _shape(self, words: str) -> str:
        """The tokens of a document as the database takes them."""
        tokens = dict.fromkeys(tokens_of(words))
        if self._sqlite:
            return " ".join(tokens)
        return " ".join(f"'{token}'" for token in tokens)

    def _delete(self, number: int, added: Sequence[int]) -> None:
        made = tables_of(number)
        texts = made.texts.c
        if self._sqlite:
            name = made.words.name
            rows = self._connection.execute(
                select(texts.added, texts.words).where(texts.added.in_(added))
            ).all()
            if rows:  # FTS5 wants to be told what it is to forget: the same words as then
                self._connection.exec_driver_sql(
                    f"INSERT INTO {name}({name}, rowid, words) VALUES('delete', ?, ?)",
                    [(row.added, self._shape(row.words)) for row in rows],
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
                    .select_from(listings.join(holdings, holdings.c.seq == listings.c.holding))
                    .where(listings.c.added.in_(chunk), holdings.c.body.is_not(None))
                )
            )
        return found
