"""A fold of what is committed, as bytes, with how far it came: for all threads of a process."""

from __future__ import annotations

import threading


class Newest:
    """The newest of what was put here; bytes, so that nobody can change what another reads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: tuple[int, bytes] | None = None

    def get(self) -> tuple[int, bytes] | None:
        with self._lock:
            return self._newest

    def put(self, seq: int, raw: bytes) -> None:
        """Keep it, unless what is kept came further."""
        with self._lock:
            if self._newest is None or self._newest[0] < seq:
                self._newest = (seq, raw)
