"""What a search index keeps: its tables, and the records that go in and out.

The tables bear the number of their index, so that a new one can be made beside the one in service.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec
from sqlalchemy import BigInteger, Column, Integer, MetaData, SmallInteger, Table
from sqlalchemy.types import UserDefinedType

from .columns import Name, Serial
from .scope import in_collection, month_of, of_area, of_ledger, of_level, of_month, of_type

LAYOUT = 2  # of these tables; the first stood among the store's own


class Index(msgspec.Struct, frozen=True, order=True):
    """One index: the layout of its tables, the rules by which words were read, its number."""

    layout: int
    rules: int
    number: int


class IndexState(msgspec.Struct, frozen=True):
    """Which index answers, which is being built, and which may still be read by somebody.

    `damaged`: the number of an index that somebody could not read.
    """

    serving: Index | None = None
    building: Index | None = None
    retired: int | None = None
    retired_at: int = 0
    damaged: int | None = None

    def all(self) -> list[Index]:
        return [each for each in (self.serving, self.building) if each is not None]


class ToIndex(msgspec.Struct, frozen=True, gc=False):
    """A listing that is not indexed yet, with what is indexed of it."""

    added: int
    collection: int
    type: str
    tlp: int
    ledger: int
    version: str
    status: str
    body: bytes | None
    envelope: bytes | None
    again: int  # 1: the same holding was listed before


class Kind(msgspec.Struct, frozen=True):
    """What facets count: all documents that are alike in these are of one kind.

    The area is `""` where there is none; the month is told by `scope.month_of`.
    """

    collection: int
    type: str
    tlp: int
    ledger: int
    area: str
    month: int

    def tokens(self) -> tuple[str, ...]:
        """Where a document of this kind stands."""
        return (
            in_collection(self.collection),
            of_type(self.type),
            of_level(self.tlp),
            of_ledger(self.ledger),
            of_area(self.area),
            of_month(self.month),
        )


class Document(msgspec.Struct, frozen=True, gc=False):
    """What an index keeps of a listing. `moment` is that of the object; `words` as stix.words."""

    added: int
    collection: int
    type: str
    tlp: int
    ledger: int
    area: str
    moment: int
    words: str
    again: int = 0

    @property
    def kind(self) -> Kind:
        return Kind(
            self.collection, self.type, self.tlp, self.ledger, self.area, month_of(self.moment)
        )


class _Vector(UserDefinedType[str]):
    """The tokens of a document, on PostgreSQL."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "TSVECTOR"


class IndexTables(msgspec.Struct, frozen=True):
    """`documents` and their `kinds` for facets, `texts` for ranking, `words` for finding.

    `progress` is one row: up to which `added` the index has come, and which removals it has seen.
    """

    progress: Table
    kinds: Table
    documents: Table
    texts: Table
    words: Table

    def plain(self) -> tuple[Table, ...]:
        """All but `words`, which only PostgreSQL knows as a table."""
        return self.progress, self.kinds, self.documents, self.texts


@lru_cache(maxsize=16)
def tables_of(number: int) -> IndexTables:
    """The tables of an index. On SQLite `words` is a table of FTS5, under the same name."""
    made = MetaData()
    return IndexTables(
        Table(
            f"index_progress_{number}",
            made,
            Column("position", BigInteger, nullable=False),
            Column("removed", BigInteger, nullable=False),
        ),
        _kinds(made, number),
        Table(
            f"index_documents_{number}",
            made,
            Column("added", Serial, primary_key=True, autoincrement=False),
            Column("kind", Integer, nullable=False),
            Column("moment", BigInteger, nullable=False),
            Column("again", SmallInteger, nullable=False),
        ),
        Table(
            f"index_texts_{number}",
            made,
            Column("added", Serial, primary_key=True, autoincrement=False),
            Column("words", Name, nullable=False),
        ),
        Table(
            f"index_words_{number}",
            made,
            Column("rowid", Serial, primary_key=True, autoincrement=False),
            Column("words", _Vector, nullable=False),
        ),
    )


def _kinds(made: MetaData, number: int) -> Table:
    return Table(
        f"index_kinds_{number}",
        made,
        Column("kind", Integer, primary_key=True, autoincrement=False),
        Column("collection", Integer, nullable=False),
        Column("type", Name, nullable=False),
        Column("tlp", SmallInteger, nullable=False),
        Column("ledger", Integer, nullable=False),
        Column("area", Name, nullable=False),
        Column("month", Integer, nullable=False),
        Column("documents", Integer, nullable=False),  # that were ever taken in
    )
