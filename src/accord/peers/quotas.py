"""What one peer may ask: so many requests a minute, and each signed request once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

from .faults import BadRequest, TooManyRequests


class Bucket:
    """A token bucket: `per_minute` requests at once, refilled evenly over a minute."""

    def __init__(self, per_minute: int) -> None:
        self._capacity = float(per_minute)
        self._rate = per_minute / 60
        self._tokens = float(per_minute)
        self._at: float | None = None

    def take(self, now: float) -> float:
        """Take one token; how many seconds until there is one, 0 when it was taken."""
        if self._at is not None:
            grown = self._tokens + max(0.0, now - self._at) * self._rate
            self._tokens = min(self._capacity, grown)
        self._at = now
        if self._tokens < 1:
            return (1 - self._tokens) / self._rate
        self._tokens -= 1
        return 0.0


class Replays:
    """The nonces of one peer's requests for as long as their signatures are good.

    They are kept in memory: all requests only read, and a signature is good for minutes, so a
    restart gives away no more than an answer to who could read the request and its answer before.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: OrderedDict[bytes, datetime] = OrderedDict()

    def check(self, nonce: bytes, until: datetime, now: datetime) -> None:
        """Remember a nonce until `until`. Raises `BadRequest` when it was seen before."""
        while self._seen and next(iter(self._seen.values())) < now:
            self._seen.popitem(last=False)
        if nonce in self._seen:
            raise BadRequest("peers.signature-replayed")
        if len(self._seen) >= self._most:
            raise TooManyRequests("peers.too-many-requests", seconds=60)
        self._seen[nonce] = until


class Allowance:
    """What one peer has asked lately. Safe to share between threads."""

    def __init__(self, per_minute: int, good_seconds: int) -> None:
        self._lock = threading.Lock()
        self._bucket = Bucket(per_minute)
        self._replays = Replays(per_minute * (2 + good_seconds // 60))

    def spend(self, nonce: bytes, until: datetime, now: datetime) -> None:
        """Count one verified request. Raises `TooManyRequests`, or `BadRequest` for a replay."""
        with self._lock:
            self._replays.check(nonce, until, now)
            seconds = self._bucket.take(now.timestamp())
        if seconds:
            raise TooManyRequests("peers.too-many-requests", seconds=int(seconds) + 1)
