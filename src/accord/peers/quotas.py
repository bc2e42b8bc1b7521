"""What one peer may ask: so many requests a minute, and each signed request once.

All workers of a host count together, in shared memory that is made before they are forked.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from struct import Struct

from .faults import BadRequest, TooManyRequests

_NONCES = 1 << 17  # that are remembered at once: 400 requests a second for as long as each is good
_PEERS = 1 << 12
_PROBES = 16  # places that a key may have


class Quotas:
    """What all peers have asked lately. Safe to share between threads, and with forked processes.

    It is memory alone: all requests only read, and a signature is good for minutes, so a restart
    gives away no more than an answer to who could read the request and its answer before.
    """

    def __init__(self) -> None:
        self._nonces = _Table(_NONCES, values=1)  # until when the signature is good
        self._buckets = _Table(_PEERS, values=2)  # when it was last counted, requests left
        self._thread = threading.Lock()
        with tempfile.TemporaryFile() as file:
            self._file = os.dup(file.fileno())  # its lock is the process's, and ends with it
        weakref.finalize(self, os.close, self._file)

    def spend(
        self, member: str, per_minute: int, nonce: bytes, until: datetime, now: datetime
    ) -> None:
        """Count one verified request of a member that has so many a minute.

        Raises `TooManyRequests`, or `BadRequest` for a replay.
        """
        key = _key(member.encode() + b"\x00" + nonce)
        with self._alone():
            place, seen = self._nonces.find(key)
            if seen is not None and seen[0] >= now.timestamp():
                raise BadRequest("peers.signature-replayed")
            seconds = self._take(_key(member.encode()), per_minute, now.timestamp())
            if not seconds:
                self._nonces.put(place, key, until.timestamp())
        if seconds:
            raise TooManyRequests("peers.too-many-requests", seconds=int(seconds) + 1)

    def _take(self, member: bytes, per_minute: int, now: float) -> float:
        """Take from a bucket that holds a minute's worth and refills evenly; how long until it can.

        0 when it was taken.
        """
        rate = per_minute / 60
        place, known = self._buckets.find(member)
        at, left = known or (now, per_minute)
        left = min(per_minute, left + max(0.0, now - at) * rate)
        taken = left >= 1
        self._buckets.put(place, member, now, left - taken)
        return 0.0 if taken else (1 - left) / rate

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._thread:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


class _Table:
    """Numbers by key in shared memory, a fixed amount of it: a new key takes an old one's place.

    The first number of a key says how new it is; 0 stands where there never was one.
    """

    def __init__(self, size: int, values: int) -> None:
        self._size = size
        self._entry = Struct(f"<16s{values}d")
        self._memory = mmap.mmap(-1, size * self._entry.size)

    def find(self, key: bytes) -> tuple[int, tuple[float, ...] | None]:
        """The place of a key with its numbers; or a place for it, and null."""
        first = int.from_bytes(key[:8], "little")
        oldest, age = 0, float("inf")
        for probe in range(_PROBES):
            place = (first + probe) % self._size * self._entry.size
            found, *values = self._entry.unpack_from(self._memory, place)
            if values[0] and found == key:
                return place, tuple(values)
            if values[0] < age:
                oldest, age = place, values[0]
            if not values[0]:
                break
        return oldest, None

    def put(self, place: int, key: bytes, *values: float) -> None:
        self._entry.pack_into(self._memory, place, key, *values)


def _key(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=16).digest()
