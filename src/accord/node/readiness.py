"""Whether a served node can do its work now: write its store, use its keys, read its tables.

Asked every few seconds by whatever watches the node; `accord doctor` looks at much more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from accord.base.errors import AccordError
from accord.base.messages import Message, say

from .history import refuse_while_waiting
from .node import Node

Part = Literal["store", "schema", "keys", "history"]

PROBE = "readiness.probe"  # a setting that is written to see whether writing works
WRITE_SECONDS = 5  # a store that takes longer to write one value is not ready
_FRESH_SECONDS = 2.0  # asked more often than this, the last answer is given again


class Lack(msgspec.Struct, frozen=True):
    """A part that is not ready, and why."""

    part: Part
    message: Message


class Readiness:
    """One for each served node; safe to share between threads."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lock = threading.Lock()
        self._found: tuple[Lack, ...] = ()
        self._until = float("-inf")

    def lacks(self) -> tuple[Lack, ...]:
        """What is not ready; empty when all is. Blocks while the store is tried."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = tuple(self._look())
                self._until = time.monotonic() + _FRESH_SECONDS
            return self._found

    def _look(self) -> Iterator[Lack]:
        checks: tuple[tuple[Part, Callable[[], None]], ...] = (
            ("store", self._check_store),
            ("schema", self._node.store.check_version),
            ("keys", self._check_keys),
            ("history", lambda: self._node.read(refuse_while_waiting)),
        )
        for part, check in checks:
            try:
                check()
            except AccordError as error:
                yield Lack(part, error.message)
            except TimeoutError:
                yield Lack(part, say("node.ready-store-slow", seconds=WRITE_SECONDS))

    def _check_store(self) -> None:
        """Write, with all that a commit takes. Raises `MachineFault` or `TimeoutError`."""
        moment = str(self._node.micros())
        done = self._node.store.submit(lambda tx: tx.settings.set(PROBE, moment))
        try:
            done.result(timeout=WRITE_SECONDS)
        finally:
            done.cancel()

    def _check_keys(self) -> None:
        """The files can be read by us alone, and are those that our card names."""
        self._node.home.keys()
        self._node.read(self._node.check_keys)
