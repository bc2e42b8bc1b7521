"""Indexing beside a serving node: what trickles in by a thread, a load by a process of its own.

A load is never held up: the process has an interpreter and a low priority of its own, writes to the
index alone, and is gone when there is nothing left to do, with its memory. It ends when the node
that started it ends, however that ends.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from accord.base.errors import AccordError
from accord.store.opening import open_store
from accord.store.store import Store

from .home import Home
from .indexing import index_some, is_behind, renew, settle, sweep, to_renew
from .node import Node

FEW = 300  # listings; more than that is a load
_PAUSE = 0.2  # seconds between two looks; what was committed meanwhile is taken together
_LOOK_SECONDS = 30.0  # without any news: for sweeping, and for what was replaced
_CALM_SECONDS = 5.0  # after an erasure, until the index is made anew …
_LATEST_SECONDS = 60.0  # … however often more is erased meanwhile
_RETRY_SECONDS = 10.0  # after a fault of the machine
_LINGER_SECONDS = 3.0  # a process that has caught up waits so long for more of the load
_NICE = 10

log = logging.getLogger(__name__)


class Indexer:
    """Indexes for as long as a node is served, in one process of all that serve its store."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._erased = 0  # how often content was erased, of which an index still tells …
        self._calm = self._late = 0.0  # … and when it may, and must, be made anew
        self._news = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)

    def start(self) -> None:
        self._node.store.on_change(self._news.set)
        self._thread.start()

    def stop(self) -> None:
        """Returns when the batch under way is committed, or will never be."""
        self._ended.set()
        self._news.set()
        self._thread.join()

    def _run(self) -> None:
        """The outermost loop of the thread: a fault of the machine passes, and it goes on."""
        while not self._ended.is_set():
            try:
                if is_behind(self._node, FEW):
                    self._load()
                while index_some(self._node, FEW) and not self._ended.is_set():
                    pass
                if not self._renew():
                    sweep(self._node)
                settle(self._node)
            except AccordError as fault:
                log.warning("indexing: %s", fault)
                self._ended.wait(_RETRY_SECONDS)
            self._news.wait(_CALM_SECONDS if self._erased else _LOOK_SECONDS)
            self._ended.wait(_PAUSE)
            self._news.clear()

    def _renew(self) -> bool:
        """Begin an index anew once the erasing is over; whether that is to be done, or was.

        What is erased in a row is left out together: one index is built, not one for each.
        """
        known, self._erased = self._erased, to_renew(self._node)
        now = time.monotonic()
        if self._erased and not known:
            self._late = now + _LATEST_SECONDS
        if self._erased != known:
            self._calm = now + _CALM_SECONDS
        if self._erased and now >= min(self._calm, self._late):
            renew(self._node)
        return self._erased > 0

    def _load(self) -> None:
        """Let a process of its own index until it has caught up; what it leaves, we take."""
        command = [sys.executable, "-m", __name__, str(self._node.home.folder)]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            while process.poll() is None and not self._ended.wait(_PAUSE):
                pass
            assert process.stdin is not None
            process.stdin.close()  # it ends with its input


class _Desk(msgspec.Struct, frozen=True):
    """What stands for the node: its store, and none of its keys."""

    store: Store


def index_load(folder: Path, ended: threading.Event, linger: float = _LINGER_SECONDS) -> None:
    """Index the store of the node in `folder` until nothing more comes, or to the end of a batch.

    Raises `AccordError`.
    """
    desk = _Desk(open_store(Home(folder).database))
    try:
        until = time.monotonic() + linger
        while not ended.is_set() and time.monotonic() < until:
            if index_some(desk):
                until = time.monotonic() + linger
            else:
                ended.wait(_PAUSE)
    finally:
        desk.store.close()


def main() -> None:
    """The process of its own. Its input ends when the node ends."""
    ended = threading.Event()

    def watch() -> None:
        while os.read(0, 1024):  # `sys.stdin` would be locked when the process ends
            pass
        ended.set()

    with suppress(OSError):
        os.nice(_NICE)
    threading.Thread(target=watch, daemon=True).start()
    try:
        index_load(Path(sys.argv[1]), ended)
    except AccordError:
        sys.exit(1)  # the node's own thread meets the same fault, and says so


if __name__ == "__main__":
    main()
