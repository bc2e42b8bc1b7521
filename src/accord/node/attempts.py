"""Tries to sign in: counted before they are made, so that many at once gain nothing.

What succeeded is taken back; what failed makes the next wait, longer each time. The counts are in
the store: a restart forgets none, and all workers share them.
"""

from __future__ import annotations

import hashlib
from ipaddress import IPv6Address, ip_address

import msgspec

from accord.base.errors import DeniedError
from accord.store.records import AttemptRow
from accord.store.transaction import Transaction

from .node import Node

_SECOND = 1_000_000
_FORGOTTEN = 3600 * _SECOND  # after the last failure
_FIRST_WAIT = 15  # seconds; doubles with each further failure
_PREFIX = 64  # bits of an IPv6 address that one subscriber has


class _Count(msgspec.Struct, frozen=True):
    """What is counted: so many failures are free, then there is a wait of at most `longest` s."""

    key: bytes
    free: int
    longest: int


class Tries:
    """The tries of one name from one address.

    The two together wait longest. A name from anywhere, or an address with any names, waits for a
    minute at most: nobody can lock others out for long.
    """

    def __init__(self, node: Node, kind: str, name: str, address: str) -> None:
        self._node = node
        network = _network(address)
        self._own = (
            _Count(_key(node, kind, name, network), 5, 15 * 60),
            _Count(_key(node, kind, name, "*"), 50, 60),
        )
        self._all = (*self._own, _Count(_key(node, kind, "*", network), 100, 60))

    def begin(self) -> None:
        """Count one more. Raises `DeniedError`, which says how long to wait."""
        now = self._node.micros()

        def job(tx: Transaction) -> None:
            tx.attempts.clear(now - _FORGOTTEN)
            rows = [(each, tx.attempts.get(each.key)) for each in self._all]
            wait = max(_wait(each, row, now) for each, row in rows)
            if wait:
                raise _too_many(wait)
            for each, row in rows:
                count = 1 if row is None else row.count + 1
                tx.attempts.put(AttemptRow(key=each.key, count=count, last=now))

        self._node.write(job)

    def passed(self, tx: Transaction) -> None:
        """Take the last one back: it was right, though it did not lead in yet."""
        self._take_back(tx, self._all)

    def succeeded(self, tx: Transaction) -> None:
        """Take the last one back, and forget what this name failed before."""
        self._take_back(tx, self._all[-1:])
        self.forget(tx)

    def forget(self, tx: Transaction) -> None:
        """Forget what this name failed before."""
        for each in self._own:
            tx.attempts.remove(each.key)

    def _take_back(self, tx: Transaction, counts: tuple[_Count, ...]) -> None:
        for each in counts:
            row = tx.attempts.get(each.key)
            if row is not None and row.count > 1:
                tx.attempts.put(msgspec.structs.replace(row, count=row.count - 1))
            elif row is not None:
                tx.attempts.remove(each.key)


def _wait(count: _Count, row: AttemptRow | None, now: int) -> int:
    """Seconds until the next try, 0 when it may be made."""
    if row is None or row.count < count.free:
        return 0
    doubled = _FIRST_WAIT << min(row.count - count.free, 20)
    left = row.last + min(doubled, count.longest) * _SECOND - now
    return -(-left // _SECOND) if left > 0 else 0


def _too_many(seconds: int) -> DeniedError:
    if seconds < 120:
        return DeniedError("node.sign-in-wait-seconds", count=seconds)
    return DeniedError("node.sign-in-wait-minutes", count=-(-seconds // 60))


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or int(found) >> (128 - _PREFIX))
    return str(found)


def _key(node: Node, *parts: str) -> bytes:
    text = "\n".join(parts).encode("utf-8", "replace")
    key = node.keys.token
    return hashlib.blake2b(text, key=key, digest_size=16, person=b"accord/attempts").digest()
