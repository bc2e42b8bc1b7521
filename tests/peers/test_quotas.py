from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accord.peers.faults import BadRequest, TooManyRequests
from accord.peers.quotas import Allowance, Bucket, Replays

NOW = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)


def test_a_bucket_lets_a_minutes_worth_through_at_once_and_then_refills() -> None:
    bucket = Bucket(60)
    assert [bucket.take(0.0) for _ in range(60)] == [0.0] * 60
    assert bucket.take(0.0) == pytest.approx(1.0)
    assert bucket.take(1.1) == 0.0
    assert bucket.take(1.1) > 0


def test_a_clock_that_jumps_back_gives_nothing_away() -> None:
    bucket = Bucket(1)
    assert bucket.take(100.0) == 0.0
    assert bucket.take(0.0) > 0
    assert bucket.take(50.0) > 0


def test_a_nonce_is_good_once_and_forgotten_when_its_signature_is() -> None:
    replays = Replays(10)
    replays.check(b"n", NOW + timedelta(seconds=60), NOW)
    with pytest.raises(BadRequest):
        replays.check(b"n", NOW + timedelta(seconds=60), NOW + timedelta(seconds=59))
    replays.check(b"n", NOW + timedelta(seconds=130), NOW + timedelta(seconds=61))


def test_the_memory_of_nonces_is_bounded() -> None:
    replays = Replays(3)
    for each in range(3):
        replays.check(bytes([each]), NOW + timedelta(seconds=60), NOW)
    with pytest.raises(TooManyRequests):
        replays.check(b"another", NOW + timedelta(seconds=60), NOW)


def test_too_many_requests_say_when_to_come_again() -> None:
    allowance = Allowance(2, 300)
    for each in range(2):
        allowance.spend(bytes([each]), NOW + timedelta(seconds=60), NOW)
    with pytest.raises(TooManyRequests) as refused:
        allowance.spend(b"third", NOW + timedelta(seconds=60), NOW)
    assert refused.value.seconds == 31
