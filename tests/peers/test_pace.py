"""Hundreds of peers that may be silent are asked one after the other, a few of them at once."""

from __future__ import annotations

import pytest

from accord.peers.pace import Pace


def test_a_handful_does_not_wait() -> None:
    pace = Pace()
    assert [pace.wait(1000.0) for _ in range(16)] == [0.0] * 16


def test_hundreds_wait_for_their_turn() -> None:
    pace = Pace()
    waits = [pace.wait(1000.0) for _ in range(200)]
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx((200 - 16) / 20)
    within = [sum(at <= each < at + 1 for each in waits) for at in range(1, 9)]
    assert max(within) <= 21  # in no second more, after the first ones


def test_who_asks_now_and_then_never_waits() -> None:
    pace = Pace()
    assert [pace.wait(1000.0 + second) for second in range(30)] == [0.0] * 30


def test_after_a_rest_a_handful_has_turns_at_once_again_and_no_more() -> None:
    pace = Pace()
    for _ in range(100):
        pace.wait(1000.0)
    waits = [pace.wait(1100.0) for _ in range(20)]
    assert waits.count(0.0) == 16
