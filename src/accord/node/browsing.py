"""Looking through what this node holds, newest first: only what the asker may see, counts included.

What is listed and who may see it follows the same rule as searching and the pages of collections.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

import msgspec

from accord.base.clock import from_micros, to_micros
from accord.base.errors import DeniedError, InputError
from accord.rules.access import may
from accord.stix.extension import AUTHOR_ID, OWN_TYPES
from accord.stix.markings import TLP_ORDER
from accord.stix.words import Words
from accord.store.browsing import COUNTED, NEVER, Browsed, Window
from accord.store.index_tables import Index
from accord.store.store import Store
from accord.store.transaction import Transaction

from .node import Node
from .searching import Question, level_of, may_know, sought_of, title_of
from .tokens import Reader

MOST_ROWS = 1000  # of one page

# Unless they are asked for: what members do under agreements, and what only serves to read others.
_SERVING = ("marking-definition", "extension-definition", "language-content")
_NO_INTELLIGENCE = (*sorted(OWN_TYPES), *_SERVING)


# What was found out about a store and stays true for a while; each key says for how long.
_KEPT: WeakKeyDictionary[Store, dict[tuple[Hashable, ...], object]] = WeakKeyDictionary()
_MOST_KEPT = 500
_NOTHING = object()
_MINUTE = 60_000_000  # microseconds
_WEIGHED = 600_000_000  # microseconds for which it stays, by which tokens the index is asked

T = TypeVar("T")


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be listed. Of each filter any value will do; an empty one lets everything pass.

    Without `types`, what members do under agreements is left out: that is no intelligence. An
    agreement may be `private`, an area `""` (none). `since` and `until` (excluded) say when it
    came to be listed here.
    """

    types: tuple[str, ...] = ()
    agreements: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    tlp: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an object as a collection shows it. `agreement` null: `private`.

    `place` is the cursor of the rows that follow.
    """

    object_id: str
    version: str
    type: str
    title: str
    member: str
    agreement: str | None
    tlp: str
    status: str
    added: datetime
    place: int
    body: bytes


class Choices(msgspec.Struct, frozen=True):
    """By what the reader can filter: what there is within their scope, as far as it is indexed."""

    types: tuple[str, ...]
    areas: tuple[str, ...]
    agreements: tuple[str | None, ...]
    members: tuple[str, ...]


class Listing(msgspec.Struct, frozen=True):
    """A page. `total` is exact unless `capped`: then there are more. `next` is null at the end."""

    rows: tuple[Row, ...]
    total: int
    capped: bool
    next: int | None
    choices: Choices


def browse(
    node: Node, reader: Reader, filters: Filters, *, before: int | None = None, limit: int = 25
) -> Listing:
    """A page of what the reader may see, newest first. Raises `InputError`, `DeniedError`."""
    limit = max(1, min(limit, MOST_ROWS))

    def job(tx: Transaction, index: Index | None) -> Listing:
        way = _Way(node, tx, index, reader, filters)
        window = _window(filters, limit + 1, before)
        rows = tx.browsing.page(index, way.sought, window, way.scopes)
        total = way.count(_window(filters, limit + 1, None))
        types, areas = way.choices()
        more = len(rows) > limit
        return Listing(
            rows=tuple(map(way.row, rows[:limit])),
            total=min(total, COUNTED),
            capped=total > COUNTED,
            next=rows[limit - 1].added if more else None,
            choices=Choices(
                tuple(types), tuple(areas), way.agreements, tuple(sorted(way.members.values()))
            ),
        )

    return node.store.indexes.read(job)


def browse_rows(
    node: Node, reader: Reader, filters: Filters, *, before: int | None = None, limit: int
) -> list[Row]:
    """Rows alone, for an export. Raises as `browse` does."""

    def job(tx: Transaction, index: Index | None) -> list[Row]:
        way = _Way(node, tx, index, reader, filters)
        window = _window(filters, min(limit, MOST_ROWS), before)
        return [way.row(row) for row in tx.browsing.page(index, way.sought, window, way.scopes)]

    return node.store.indexes.read(job)


def listed_by_name(node: Node, reader: Reader, since: datetime) -> tuple[int, ...]:
    """By their places, the rows since then that go by names and are for this reader.

    Readers of one level who have none of these see the same.
    """
    names, start = tuple(sorted(reader.scope.named)), to_micros(since)
    return tuple(sorted(node.read(lambda tx: tx.browsing.named(names, start))))


class _Way:
    """Filters as the store is asked them, and the names that its rows need."""

    def __init__(
        self, node: Node, tx: Transaction, index: Index | None, reader: Reader, filters: Filters
    ) -> None:
        if not may(reader.scope, "read"):
            raise DeniedError("node.may-not-read", name=reader.name)
        stored = [row for row in tx.listings.collections() if may_know(reader, row)]
        self.members = {row.id: row.member for row in tx.ledgers.all()}
        self.agreements = tuple(row.agreement for row in stored)
        self._collections = {row.id: row.agreement for row in stored}
        question = Question(
            text="",
            types=filters.types,
            agreements=filters.agreements,
            members=filters.members,
            areas=filters.areas,
        )
        levels = tuple(map(level_of, filters.tlp))
        sought = sought_of(reader, question, Words(()), stored, self.members, levels)
        if not filters.types:
            ours = tuple(each.seq for each in tx.holdings.versions(AUTHOR_ID))
            sought = msgspec.structs.replace(sought, without=_NO_INTELLIGENCE, hidden=ours)
        self.sought = sought
        assert self.sought.asked is not None  # there is a reader
        self._asked = self.sought.asked
        self._tx, self._index = tx, index
        self._kept = _KEPT.setdefault(node.store, {})
        self._now = node.micros()
        key = ("scopes", index, self.sought, self._now // _WEIGHED)
        self.scopes = self._keep(key, lambda: tx.browsing.scopes(index, self.sought))

    def count(self, window: Window) -> int:
        """How many there are in all, as far as anybody counts.

        Kept while nothing is listed or taken out, and no longer than a minute: who acknowledges a
        restriction sees one more. Where there were more than are counted behind some place there
        are still, unless something is taken out.
        """
        tx, removals = self._tx, self._tx.index.removals()
        many = ("many", self.sought, window.before, removals)
        behind = self._kept.get(many)
        if isinstance(behind, int) and window.since <= behind:
            return COUNTED + 1
        minute = self._now // _MINUTE
        state = (removals, tx.browsing.last(), minute)
        found, oldest = self._keep(
            ("count", self.sought, window.since, window.before, *state),
            lambda: tx.browsing.count(self._index, self.sought, window, self.scopes),
        )
        if found > COUNTED:
            self._kept[many] = oldest
        return found

    def choices(self) -> tuple[list[str], list[str]]:
        """Types and areas; they stay the same until there is a new kind of document."""
        kinds = 0 if self._index is None else self._tx.browsing.kinds(self._index)
        key = ("choices", self._index, self._asked, kinds)
        return self._keep(key, lambda: self._tx.browsing.choices(self._index, self._asked))

    def _keep(self, key: tuple[Hashable, ...], work: Callable[[], T]) -> T:
        found = self._kept.get(key, _NOTHING)
        if found is _NOTHING:
            found = work()
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = found
        return cast("T", found)

    def row(self, row: Browsed) -> Row:
        body = row.body or b"{}"
        return Row(
            object_id=row.object_id,
            version=row.version,
            type=row.type,
            title=title_of(msgspec.json.decode(body)),
            member=self.members[row.ledger],
            agreement=self._collections[row.collection],
            tlp=TLP_ORDER[row.tlp],
            status=row.status,
            added=from_micros(row.added),
            place=row.added,
            body=body,
        )


def _window(filters: Filters, limit: int, before: int | None) -> Window:
    since = 0 if filters.since is None else to_micros(filters.since)
    until = NEVER if filters.until is None else to_micros(filters.until)
    if since >= until:
        raise InputError("node.browse-times")
    return Window(limit, min(until, NEVER if before is None else before), since)
