"""Signing in: what opens, what does not, how long it lasts, and what guessing costs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from accord.base.errors import DeniedError, NotFoundError
from accord.base.limits import Limits
from accord.node import passwords
from accord.node.attempts import _network
from accord.node.entering import (
    Place,
    end_session,
    end_sessions,
    list_sessions,
    prove_again,
    sign_in,
    sign_out,
    visitor_of,
)
from accord.node.node import Node, open_node
from accord.node.passwords import hashed, is_right
from accord.store.records import AccountRow
from tests.node.support import HandClock

from .support import GOOD, HERE, OTHER, THERE, person


def denied(act: Callable[[], object]) -> str:
    """With which message it is refused."""
    with pytest.raises(DeniedError) as caught:
        act()
    return caught.value.message.key


def fail(node: Node, times: int, name: str = "ann", place: Place = HERE) -> list[str]:
    return [denied(lambda: sign_in(node, name, OTHER, place=place)) for _ in range(times)]


def test_the_right_password_opens_for_the_one_it_belongs_to(node: Node) -> None:
    person(node)
    person(node, "bea", "analyst", password=OTHER)
    session = sign_in(node, " Ann ", GOOD, place=HERE)
    visitor = visitor_of(node, session.cookie)
    assert visitor is not None
    assert (visitor.reader.name, visitor.reader.person) == ("ann", "ann")
    for name, password in (("ann", OTHER), ("bea", GOOD), ("carl", GOOD), ("", ""), ("ann", "")):
        assert denied(lambda n=name, p=password: sign_in(node, n, p)) == "node.sign-in-failed"  # type: ignore[misc]


def test_a_cookie_that_was_not_given_opens_nothing(node: Node) -> None:
    person(node)
    cookie = sign_in(node, "ann", GOOD).cookie
    for other in ("", cookie[:-1], cookie + "x", cookie.swapcase(), "\udcff", "é" * 5000):
        assert visitor_of(node, other) is None


def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(node)
    compared: list[str] = []
    hasher = passwords._hasher(node.limits)
    verify = hasher.verify

    class Watched:
        def verify(self, kept: str, given: bytes) -> bool:
            compared.append(kept.split("$")[3])  # the parameters
            return verify(kept, given)

    monkeypatch.setattr(passwords, "_hasher", lambda limits: Watched())
    passwords._nobodys.cache_clear()
    monkeypatch.setattr(passwords, "_nobodys", lambda limits: hasher.hash("nobody"))
    fail(node, 1)
    fail(node, 1, "nobody")
    assert len(compared) == 2
    assert len(set(compared)) == 1


def test_a_session_ends_when_it_is_not_used_and_at_last_in_any_case(
    node: Node, clock: HandClock
) -> None:
    person(node)
    idle, used = sign_in(node, "ann", GOOD).cookie, sign_in(node, "ann", GOOD).cookie
    clock.advance(hours=7)
    assert visitor_of(node, used) is not None
    clock.advance(hours=2)
    assert visitor_of(node, idle) is None
    assert visitor_of(node, used) is not None
    clock.advance(hours=3, seconds=1)
    assert visitor_of(node, used) is None


def test_that_a_session_is_used_is_written_once_a_minute_at_most(
    node: Node, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(node)
    cookie = sign_in(node, "ann", GOOD).cookie
    written: list[object] = []
    write = node.store.write

    def watched(job: Any) -> Any:
        written.append(job)
        return write(job)

    monkeypatch.setattr(node.store, "write", watched)
    for _ in range(5):
        visitor_of(node, cookie)
    assert not written
    clock.advance(seconds=61)
    for _ in range(5):
        visitor_of(node, cookie)
    assert len(written) == 1


def test_signing_out_ends_this_session_and_no_other(node: Node) -> None:
    person(node)
    here, there = (sign_in(node, "ann", GOOD, place=each).cookie for each in (HERE, THERE))
    sign_out(node, here)
    sign_out(node, here)
    assert visitor_of(node, here) is None
    assert visitor_of(node, there) is not None


def test_somebody_ends_their_own_sessions_and_nobody_elses(node: Node) -> None:
    person(node)
    person(node, "bea", "analyst")
    cookie = sign_in(node, "ann", GOOD, place=HERE).cookie
    sign_in(node, "ann", GOOD, place=THERE)
    sign_in(node, "bea", GOOD, place=THERE)
    assert [(row.address, row.agent) for row in list_sessions(node, "ann")] == [
        (THERE.address, THERE.agent),
        (HERE.address, HERE.agent),
    ]
    other = list_sessions(node, "ann")[0].id
    with pytest.raises(NotFoundError):
        end_session(node, "bea", other)
    end_session(node, "ann", other)
    visitor = visitor_of(node, cookie)
    assert visitor is not None
    sign_in(node, "ann", GOOD)
    assert end_sessions(node, "ann", but=visitor.session) == 1
    assert {row.account for row in list_sessions(node)} == {"ann", "bea"}


def test_guessing_makes_wait_longer_each_time_and_says_how_long(
    node: Node, clock: HandClock
) -> None:
    person(node)
    assert fail(node, 5) == ["node.sign-in-failed"] * 5
    waits = []
    for _ in range(8):
        with pytest.raises(DeniedError) as caught:
            sign_in(node, "ann", GOOD, place=HERE)
        message = caught.value.message
        assert message.key.startswith("node.sign-in-wait")
        seconds = int(message.args["count"]) * (60 if message.key.endswith("minutes") else 1)
        waits.append(seconds)
        clock.advance(seconds=seconds)
        assert fail(node, 1) == ["node.sign-in-failed"]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (15, 900)
    clock.advance(minutes=15)
    assert sign_in(node, "ann", GOOD, place=HERE).complete


def test_what_was_failed_here_stops_nobody_elsewhere(node: Node) -> None:
    person(node)
    person(node, "bea", "analyst")
    fail(node, 5)
    assert sign_in(node, "ann", GOOD, place=THERE).complete
    assert sign_in(node, "bea", GOOD, place=HERE).complete


def test_a_name_is_guessed_from_many_places_no_faster_than_once_a_minute(
    node: Node, clock: HandClock
) -> None:
    person(node)
    for number in range(50):
        fail(node, 1, place=Place(f"203.0.113.{number}"))
    fresh = Place("203.0.113.99")
    for _ in range(6):
        assert denied(lambda: sign_in(node, "ann", GOOD, place=fresh)).startswith(
            "node.sign-in-wait"
        )
        clock.advance(seconds=61)
        fail(node, 1, place=Place("203.0.113.98"))
    clock.advance(seconds=61)
    assert sign_in(node, "ann", GOOD, place=fresh).complete


def test_one_address_tries_many_names_no_faster_than_once_a_minute(node: Node) -> None:
    person(node)
    for number in range(100):
        fail(node, 1, f"name{number}")
    assert denied(lambda: sign_in(node, "ann", GOOD, place=HERE)).startswith("node.sign-in-wait")
    assert sign_in(node, "ann", GOOD, place=THERE).complete


def test_tries_are_remembered_by_a_restart_and_by_other_workers(node: Node) -> None:
    person(node)
    fail(node, 5)
    again = open_node(node.home.folder, node.clock)
    assert denied(lambda: sign_in(again, "ann", GOOD, place=HERE)).startswith("node.sign-in-wait")
    again.close()


def test_many_tries_at_once_gain_nothing(node: Node) -> None:
    person(node)
    said: list[str] = []
    threads = [threading.Thread(target=lambda: said.extend(fail(node, 1))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said.count("node.sign-in-failed") == 5
    assert len(said) == 20


def test_signing_in_forgets_what_was_failed_before(node: Node) -> None:
    person(node)
    for _ in range(3):
        fail(node, 4)
        sign_in(node, "ann", GOOD, place=HERE)
    assert node.read(lambda tx: tx.attempts.count()) <= 1


def test_tries_are_forgotten_after_an_hour(node: Node, clock: HandClock) -> None:
    person(node)
    fail(node, 5)
    fail(node, 3, "somebody")
    clock.advance(hours=1, seconds=1)
    sign_in(node, "ann", GOOD, place=HERE)
    assert node.read(lambda tx: tx.attempts.count()) == 0


def test_one_subscriber_of_ipv6_is_one_address(node: Node) -> None:
    assert _network("2001:db8::1") == _network("2001:db8::ffff:1")
    assert _network("2001:db8::1") != _network("2001:db8:0:1::1")
    assert _network("::ffff:192.0.2.7") == _network("192.0.2.7")
    assert _network("x" * 500) == "x" * 64


def test_whoever_is_signed_in_proves_it_again_with_the_password(node: Node) -> None:
    person(node)
    prove_again(node, "ann", GOOD, HERE)
    keys = [denied(lambda: prove_again(node, "ann", OTHER, HERE)) for _ in range(6)]
    assert keys[:5] == ["node.password-wrong"] * 5
    assert keys[5].startswith("node.sign-in-wait")


def test_a_password_is_kept_anew_when_its_cost_was_raised(node: Node) -> None:
    person(node)
    costlier = msgspec.structs.replace(node.settings.limits, password_kib=128)
    node.settings = msgspec.structs.replace(node.settings, limits=costlier)
    before = _row(node).password
    sign_in(node, "ann", GOOD)
    after = _row(node).password
    assert "m=64," in before
    assert "m=128," in after
    assert sign_in(node, "ann", GOOD).complete


def _row(node: Node) -> AccountRow:
    row = node.read(lambda tx: tx.accounts.get("ann"))
    assert row is not None
    return row


def test_what_passwords_cost_is_what_owasp_asks_for() -> None:
    kept = hashed(Limits(), GOOD)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert is_right(Limits(), kept, GOOD)
    assert not is_right(Limits(), None, GOOD)
    assert not is_right(Limits(), "not a hash", GOOD)


@pytest.mark.parametrize(
    "text", ["", "\x00", "\udcff", "é" * 5000, "\u202eann", "ann\n", "' OR 1=1 --", "👩🏽‍🚀" * 50]
)
def test_whatever_is_typed_is_refused_in_words(node: Node, text: str) -> None:
    person(node)
    for name, password in ((text, text), ("ann", text)):
        key = denied(lambda n=name, p=password: sign_in(node, n, p, place=Place(text, text)))  # type: ignore[misc]
        assert key == "node.sign-in-failed"
