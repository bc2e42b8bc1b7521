"""Keeping the search index up with what is listed: after the commits, and out of their way.

Nothing here holds the store's lock but the moment in which one index takes the place of another. A
crash between two batches loses nothing: an index knows how far it has come.
"""

from __future__ import annotations

import time
from typing import Protocol

import msgspec

from accord.base.clock import parse_time, to_micros, utc_now
from accord.ledger.envelope import reread_envelope
from accord.stix.tokens import VERSION
from accord.stix.words import object_words
from accord.store.index_tables import LAYOUT, Document, Index, IndexState, ToIndex
from accord.store.store import Store
from accord.store.transaction import Transaction

BATCH = 1000  # listings a commit
_RETIRED_SECONDS = 60.0  # a replaced index is kept for those who are reading it
_READERS_SECONDS = 1.0  # who has begun to read an index is done by then

# They travel with every object and say nothing by themselves.
_PASSED_OVER = frozenset({"marking-definition", "extension-definition"})


class HasStore(Protocol):
    """A node, or what stands for it in a process that only indexes."""

    @property
    def store(self) -> Store: ...


def index_some(node: HasStore, most: int = BATCH) -> int:
    """One batch, in one commit; returns how many listings it took, 0 when all are indexed.

    An index by older rules than this program's, or one that cannot be read, is replaced: the new
    one is built beside it, and takes its place when it has caught up.
    """
    state = node.store.indexes.state()
    if _is_due(state):
        state = node.store.indexes.build(VERSION)
    for index in state.all():
        if index.layout == LAYOUT and (taken := _index_batch(node.store, index, most)):
            return taken
    if state.building is not None:
        node.store.indexes.swap(to_micros(utc_now()))
    return 0


def catch_up(node: HasStore, seconds: float | None = None) -> int:
    """Index until nothing is left, or for so long; returns how many listings are left."""
    until = None if seconds is None else time.monotonic() + seconds
    while index_some(node):
        if until is not None and time.monotonic() > until:
            return lag(node)
    return 0


def rebuild(node: HasStore) -> int:
    """Build the index anew while the old one answers; returns how many listings it has read."""
    node.store.indexes.build(VERSION)
    done = 0
    while found := index_some(node):
        done += found
    return done


def lag(node: HasStore) -> int:
    """How many listings the index that answers has not reached."""
    return node.store.indexes.read(lambda tx, index: tx.index.lag(index))


def is_behind(node: HasStore, by: int = 0) -> bool:
    """Whether more than so many listings wait for an index, or there is none that will do."""
    state = node.store.indexes.state()
    if _is_due(state):
        return True
    indexes = node.store.indexes
    return any(
        indexes.read(lambda tx, _: tx.index.is_behind(index, by), index)  # noqa: B023
        for index in state.all()
        if index.layout == LAYOUT
    )


def sweep(node: HasStore) -> None:
    """Let go of the words of what was taken out of the listings. It is found no more since then."""
    indexes = node.store.indexes
    for index in indexes.state().all():
        if index.layout == LAYOUT and indexes.read(lambda tx, _: tx.index.to_sweep(index), index):  # noqa: B023
            while indexes.write(index, lambda tx: tx.index.sweep(index)):  # noqa: B023
                pass


def settle(node: HasStore) -> None:
    """A load is over: an index that nobody reads any more is dropped, the others are tidied."""
    indexes = node.store.indexes
    indexes.drop_retired(to_micros(utc_now()) - int(_RETIRED_SECONDS * 1_000_000))
    for index in indexes.state().all():
        if index.layout == LAYOUT:
            indexes.write(index, lambda tx: tx.index.settle(index))  # noqa: B023


def purge_forgotten(node: HasStore) -> None:
    """After this, nothing of a text that was taken out is in any index's pages.

    Merging would not do: what a database moves about inside its pages it leaves behind there. So
    the index is built anew, and the old one goes with its file or tables.
    What is left is the database's log (docs/reference/store.md).
    """
    rebuild(node)
    time.sleep(_READERS_SECONDS)
    node.store.indexes.drop_retired(to_micros(utc_now()) + 1)


def to_renew(node: HasStore) -> int:
    """How often content was erased, if no index was begun since; else 0."""
    return node.store.read(lambda tx: tx.index.to_renew())


def renew(node: HasStore) -> None:
    """After content was erased, begin an index anew; the old one answers, and goes, file and all.

    A crash between the two commits leaves it to be begun once more.
    """
    erased = to_renew(node)
    if erased and node.store.indexes.state().building is None:
        node.store.indexes.build(VERSION)
        node.store.write(lambda tx: tx.index.renewed(erased))


def _is_due(state: IndexState) -> bool:
    """Whether there is no index by these rules, nor one being built.

    An index by newer rules is that of a newer program on the same store: it is left alone.
    """
    current = state.building or state.serving
    if current is None or current.number == state.damaged:
        return True
    return (current.layout, current.rules) < (LAYOUT, VERSION)


def _index_batch(store: Store, index: Index, most: int) -> int:
    def waiting(tx: Transaction, _: Index | None) -> tuple[int, list[ToIndex]] | None:
        if tx.index.is_ahead(index):
            return None
        return tx.index.position(index), tx.index.next(index, most)

    found = store.indexes.read(waiting, index)
    if found is None:  # of a store that came back from a backup: nothing of it can be relied on
        store.indexes.discard(index)
        return 1
    start, listed = found
    if listed:
        documents = [_document(each) for each in listed if _is_indexed(each)]
        end = listed[-1].added
        store.indexes.write(index, lambda tx: tx.index.put(index, documents, start, end))
    return len(listed)


def _is_indexed(each: ToIndex) -> bool:
    return each.body is not None and each.status == "actual" and each.type not in _PASSED_OVER


def _document(each: ToIndex) -> Document:
    assert each.body is not None
    fields = msgspec.json.decode(each.body)
    area = reread_envelope(each.envelope).handling.area if each.envelope is not None else ""
    return Document(
        added=each.added,
        collection=each.collection,
        type=each.type,
        tlp=each.tlp,
        ledger=each.ledger,
        area=area or "",
        moment=_moment(each, fields.get("created")),
        words=object_words(fields),
        again=each.again,
    )


def _moment(each: ToIndex, created: object) -> int:
    """When the object is of: its version, else its making, else when it was listed."""
    for text in (each.version, created):
        if isinstance(text, str) and text:
            try:
                return to_micros(parse_time(text))
            except ValueError:
                continue
    return each.added
