"""The newest fold of decisions of what is committed: for all threads of a process."""

from __future__ import annotations

import threading

import msgspec

from accord.rules.decisions.kept import Kept


class Folded(msgspec.Struct, frozen=True):
    """A council with how far it came: to the entry `seq`.

    Its records are those that differ from what the store keeps, which came to the entry `stored`.
    """

    stored: int = 0
    seq: int = 0
    kept: Kept = Kept()


class Newest:
    """The newest of what was put here. Nobody changes what others read too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest = Folded()

    def get(self) -> Folded:
        with self._lock:
            return self._newest

    def put(self, folded: Folded) -> None:
        """Keep it, unless what is kept came further, or rests on more that is stored."""
        with self._lock:
            known = self._newest
            if (known.stored, known.seq) < (folded.stored, folded.seq):
                self._newest = folded
