"""Keeping the search index up with what is listed: after the commits, and out of their way.

A load is never held up: the words are read in this thread, the writer only takes them, a few
hundred at a time; and while others commit, indexing rests longer than it works. A crash between two
of its commits loses nothing: an index knows how far it has come.
"""

from __future__ import annotations

import logging
import threading
import time

import msgspec

from accord.base.clock import parse_time, to_micros
from accord.base.errors import AccordError
from accord.ledger.envelope import reread_envelope
from accord.stix.tokens import VERSION
from accord.stix.words import object_words
from accord.store.index import Document, Index, IndexState, ToIndex
from accord.store.transaction import Transaction

from .node import Node

BATCH = 250  # listings a commit
_REST = 8.0  # while others commit: so many times as long as the last batch took
_LOOK_SECONDS = 1.0  # how soon a commit of another process is seen
_RETIRED_SECONDS = 60.0  # a replaced index is kept for those who are reading it
_READERS_SECONDS = 1.0  # who has begun to read an index is done by then
_RETRY_SECONDS = 10.0  # after a fault of the machine

# They travel with every object and say nothing by themselves.
_PASSED_OVER = frozenset({"marking-definition", "extension-definition"})

log = logging.getLogger(__name__)


def index_some(node: Node) -> int:
    """One batch, in one commit; returns how many listings it took, 0 when all are indexed.

    An index by other rules than this program's is replaced: the new one is built beside it, and
    takes its place when it has caught up.
    """
    state = node.read(lambda tx: tx.index.state())
    current = state.building or state.serving
    if current is None or current.rules != VERSION:
        state = node.write(_build_if_due)
    for index in state.all():
        waiting = node.read(lambda tx: tx.index.next(index, BATCH))  # noqa: B023
        if waiting:
            documents = [_document(each) for each in waiting if _is_indexed(each)]
            last = waiting[-1].added
            node.write(lambda tx: tx.index.put(index, documents, last))  # noqa: B023
            return len(waiting)
    if state.building is not None:
        node.write(lambda tx: _swap(tx, node.micros()))
    return 0


def catch_up(node: Node, seconds: float | None = None) -> int:
    """Index until nothing is left, or for so long; returns how many listings are left."""
    until = None if seconds is None else time.monotonic() + seconds
    while index_some(node):
        if until is not None and time.monotonic() > until:
            return lag(node)
    return 0


def rebuild(node: Node) -> int:
    """Build the index anew while the old one answers; returns how many listings it has read."""
    node.write(lambda tx: tx.index.build(VERSION))
    done = 0
    while found := index_some(node):
        done += found
    return done


def lag(node: Node) -> int:
    """How many listings the index that answers has not reached."""

    def job(tx: Transaction) -> int:
        index = tx.index.state().serving
        return tx.index.lag(index if index is not None else Index(0, 0))

    return node.read(job)


def sweep(node: Node) -> None:
    """Let go of what is indexed and not listed: a program that knew no index took it out."""
    for index in node.read(lambda tx: tx.index.state()).all():
        while gone := node.read(lambda tx: tx.index.orphans(index)):  # noqa: B023
            node.write(lambda tx: tx.index.forget(gone))


def purge_forgotten(node: Node) -> None:
    """After this, nothing of a text that was taken out is in the index's pages.

    Merging would not do: what a database moves about inside its pages it leaves behind there. So
    the index is built anew, and the old one's pages are given back, which both databases clear.
    What is left is the database's log (docs/reference/store.md).
    """
    rebuild(node)
    time.sleep(_READERS_SECONDS)
    node.write(lambda tx: tx.index.drop_retired(node.micros() + 1))


class Indexer:
    """Indexes in a thread of its own for as long as the node is served."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._rung = threading.Event()
        self._ended = threading.Event()
        self._commits = 0
        self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)
        node.store.on_commit(self._ring)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the batch under way is committed."""
        self._ended.set()
        self._rung.set()
        self._thread.join()

    def _ring(self) -> None:
        self._commits += 1
        self._rung.set()

    def _run(self) -> None:
        """The outermost loop of the thread: a fault of the machine passes, and it goes on."""
        swept = False
        while not self._ended.is_set():
            try:
                if not swept:
                    sweep(self._node)
                    swept = True
                self._drain()
            except AccordError as fault:
                log.warning("indexing: %s", fault)
                self._ended.wait(_RETRY_SECONDS)
            self._rung.wait(_LOOK_SECONDS)
            self._rung.clear()

    def _drain(self) -> None:
        taken = 0
        while not self._ended.is_set():
            commits, began = self._commits, time.monotonic()
            found = index_some(self._node)
            if not found:
                break
            taken += found
            if self._commits - commits > 1:  # not ours alone
                self._ended.wait((time.monotonic() - began) * _REST)
        if taken:
            self._node.write(lambda tx: _settle(tx, self._node.micros()))


def _build_if_due(tx: Transaction) -> IndexState:
    state = tx.index.state()
    current = state.building or state.serving
    return tx.index.build(VERSION) if current is None or current.rules != VERSION else state


def _swap(tx: Transaction, now: int) -> None:
    """Unless something was listed meanwhile."""
    building = tx.index.state().building
    if building is not None and not tx.index.lag(building):
        tx.index.swap(now)


def _settle(tx: Transaction, now: int) -> None:
    tx.index.drop_retired(now - int(_RETIRED_SECONDS * 1_000_000))
    for index in tx.index.state().all():
        tx.index.settle(index)


def _is_indexed(each: ToIndex) -> bool:
    return each.body is not None and each.status == "actual" and each.type not in _PASSED_OVER


def _document(each: ToIndex) -> Document:
    assert each.body is not None
    fields = msgspec.json.decode(each.body)
    area = reread_envelope(each.envelope).handling.area if each.envelope is not None else None
    return Document(
        added=each.added,
        ledger=each.ledger,
        area=area,
        moment=_moment(each, fields.get("created")),
        words=object_words(fields),
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
