from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from accord.peers import quotas as module
from accord.peers.faults import BadRequest, TooManyRequests
from accord.peers.quotas import Quotas

NOW = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)


class Asking:
    """A peer that signs each of its requests anew, each good for a minute."""

    def __init__(self, per_minute: int, quotas: Quotas, member: str = "alfa") -> None:
        self._per_minute = per_minute
        self._quotas = quotas
        self._member = member
        self._asked = 0

    def times(self, count: int, seconds: float = 0.0) -> int:
        """Ask so often at that moment; how many were let through."""
        passed = 0
        for _ in range(count):
            self._asked += 1
            passed += self.once(self._asked.to_bytes(8), seconds) == 0
        return passed

    def once(self, nonce: bytes, seconds: float = 0.0) -> int:
        """Ask with this nonce; 0, or when to come again."""
        now = NOW + timedelta(seconds=seconds)
        try:
            self._quotas.spend(
                self._member, self._per_minute, nonce, now + timedelta(seconds=60), now
            )
        except TooManyRequests as refused:
            return refused.seconds
        return 0


def test_a_minutes_worth_goes_through_at_once_and_then_refills() -> None:
    asking = Asking(60, Quotas())
    assert asking.times(100) == 60
    assert asking.times(2, 1.1) == 1


def test_each_peer_has_its_own() -> None:
    shared = Quotas()
    assert Asking(10, shared).times(100) == 10
    assert Asking(10, shared, "bravo").times(100) == 10


def test_a_clock_that_jumps_back_gives_nothing_away() -> None:
    asking = Asking(1, Quotas())
    assert asking.times(2, 100.0) == 1
    assert asking.times(1, 0.0) == 0
    assert asking.times(1, 50.0) == 0


def test_a_nonce_is_good_once_and_forgotten_when_its_signature_is() -> None:
    asking = Asking(10, Quotas())
    asking.once(b"n")
    with pytest.raises(BadRequest):
        asking.once(b"n", 59.0)
    assert Asking(10, Quotas(), "bravo").once(b"n") == 0
    assert asking.once(b"n", 61.0) == 0


def test_too_many_requests_say_when_to_come_again() -> None:
    asking = Asking(2, Quotas())
    asking.times(2)
    assert asking.once(b"third") == 31


def test_whoever_came_too_often_may_send_the_same_request_later() -> None:
    asking = Asking(1, Quotas())
    asking.times(1)
    assert asking.once(b"n") > 0
    assert asking.once(b"n", 60.0) == 0


def test_the_memory_of_nonces_is_bounded_and_keeps_the_newest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_NONCES", 32)
    asking = Asking(1000, Quotas())
    for each in range(500):
        assert asking.once(each.to_bytes(8), each / 100) == 0
    with pytest.raises(BadRequest):
        asking.once((499).to_bytes(8), 5.0)


def test_forked_processes_count_together_and_one_that_dies_holds_up_nobody() -> None:
    shared = Quotas()
    for each in range(3):
        child = os.fork()
        if not child:
            Asking(20, shared, "alfa").once(bytes([each]))
            shared._alone().__enter__()  # killed in the middle of it
            os._exit(0)
        os.waitpid(child, 0)
    asking = Asking(20, shared)
    for each in range(3):
        with pytest.raises(BadRequest):
            asking.once(bytes([each]))
    assert asking.times(100) == 17
