"""The second step: codes of an app, each once, and recovery codes on paper."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from accord.base.errors import ConflictError, DeniedError, InputError
from accord.node.accounts import find_account
from accord.node.entering import is_half_in, list_sessions, second_step, sign_in, visitor_of
from accord.node.node import Node
from accord.node.second_steps import (
    RECOVERY_CODES,
    begin_second_step,
    begun_second_step,
    confirm_second_step,
    drop_second_step,
    renew_recovery_codes,
)
from tests.node.support import HandClock

from .support import GOOD, HERE, App, person, with_app
from .test_entering import denied


def test_a_second_step_counts_once_a_code_of_it_was_given(node: Node, clock: HandClock) -> None:
    person(node)
    enrolment = begin_second_step(node, "ann")
    assert begun_second_step(node, "ann") == enrolment
    uri = urlsplit(enrolment.uri)
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert parse_qs(uri.query)["secret"] == [enrolment.secret]
    with pytest.raises(InputError):
        confirm_second_step(node, "ann", App(enrolment.secret, clock).code(7))
    assert sign_in(node, "ann", GOOD).complete
    codes = confirm_second_step(node, "ann", App(enrolment.secret, clock).code())
    assert len(set(codes)) == RECOVERY_CODES
    assert begun_second_step(node, "ann") is None
    assert not sign_in(node, "ann", GOOD).complete


def test_without_the_code_the_password_opens_nothing(node: Node, clock: HandClock) -> None:
    person(node)
    app, _ = with_app(node, clock)
    half = sign_in(node, "ann", GOOD)
    assert not half.complete
    assert visitor_of(node, half.cookie) is None
    assert is_half_in(node, half.cookie)
    assert list_sessions(node, "ann") == []
    clock.advance(seconds=30)
    whole = second_step(node, half.cookie, f" {app.code()[:3]} {app.code()[3:]} ")
    assert whole.complete
    assert whole.cookie != half.cookie, "the secret that was known before is worth nothing"
    assert visitor_of(node, half.cookie) is None
    visitor = visitor_of(node, whole.cookie)
    assert visitor is not None
    assert visitor.second_step


def test_a_code_is_taken_once_and_none_older_after_it(node: Node, clock: HandClock) -> None:
    person(node)
    app, _ = with_app(node, clock)
    clock.advance(seconds=60)
    code, earlier = app.code(), app.code(-1)
    assert sign_in(node, "ann", GOOD, code).complete
    for used in (code, earlier):
        assert denied(lambda c=used: sign_in(node, "ann", GOOD, c)) == "node.second-step-wrong"  # type: ignore[misc]
    assert sign_in(node, "ann", GOOD, app.code(1)).complete


def test_a_clock_may_be_half_a_minute_wrong_and_not_more(node: Node, clock: HandClock) -> None:
    person(node)
    app, _ = with_app(node, clock)
    clock.advance(minutes=10)
    for steps in (-2, 2):
        wrong = app.code(steps)
        if wrong in {app.code(each) for each in (-1, 0, 1)}:
            continue
        assert denied(lambda c=wrong: sign_in(node, "ann", GOOD, c)) == "node.second-step-wrong"  # type: ignore[misc]
    assert sign_in(node, "ann", GOOD, app.code(-1)).complete
    assert sign_in(node, "ann", GOOD, app.code(1)).complete


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-1-1-1", "\x00" * 6]
)
def test_what_is_no_code_is_refused_in_words(node: Node, clock: HandClock, code: str) -> None:
    person(node)
    with_app(node, clock)
    assert denied(lambda: sign_in(node, "ann", GOOD, code)) == "node.second-step-wrong"


def test_a_recovery_code_opens_once_however_it_is_typed(node: Node, clock: HandClock) -> None:
    person(node)
    _, codes = with_app(node, clock)
    assert sign_in(node, "ann", GOOD, codes[0].upper().replace("-", " ")).complete
    assert denied(lambda: sign_in(node, "ann", GOOD, codes[0])) == "node.second-step-wrong"
    assert find_account(node, "ann").recovery_left == RECOVERY_CODES - 1
    fresh = renew_recovery_codes(node, "ann")
    assert denied(lambda: sign_in(node, "ann", GOOD, codes[1])) == "node.second-step-wrong"
    assert sign_in(node, "ann", GOOD, fresh[1]).complete


def test_guessing_codes_makes_wait_also_in_new_sessions(node: Node, clock: HandClock) -> None:
    person(node)
    app, _ = with_app(node, clock)
    clock.advance(seconds=30)
    for _ in range(5):
        assert denied(lambda: sign_in(node, "ann", GOOD, "x", HERE)) == "node.second-step-wrong"
    assert denied(lambda: sign_in(node, "ann", GOOD, app.code(), HERE)).startswith(
        "node.sign-in-wait"
    )


def test_the_second_step_must_follow_soon_and_the_session_is_half_until_then(
    node: Node, clock: HandClock
) -> None:
    person(node)
    app, _ = with_app(node, clock)
    half = sign_in(node, "ann", GOOD)
    clock.advance(minutes=5, seconds=1)
    assert not is_half_in(node, half.cookie)
    for cookie in (half.cookie, "never given", ""):
        assert denied(lambda c=cookie: second_step(node, c, app.code())) == "node.sign-in-again"  # type: ignore[misc]
    whole = sign_in(node, "ann", GOOD, app.code())
    assert denied(lambda: second_step(node, whole.cookie, app.code(1))) == "node.sign-in-again"


def test_a_dropped_second_step_is_asked_for_no_more(node: Node, clock: HandClock) -> None:
    person(node)
    _, codes = with_app(node, clock)
    drop_second_step(node, "ann")
    assert sign_in(node, "ann", GOOD).complete
    assert find_account(node, "ann").recovery_left == 0
    for act in (drop_second_step, renew_recovery_codes):
        with pytest.raises(ConflictError):
            act(node, "ann")
    with pytest.raises(ConflictError):
        confirm_second_step(node, "ann", codes[0])


def test_the_secret_is_sealed_and_of_no_use_under_another_key(node: Node, clock: HandClock) -> None:
    person(node)
    enrolment = begin_second_step(node, "ann")
    confirm_second_step(node, "ann", pyotp.TOTP(enrolment.secret).at(clock.moment))
    row = node.read(lambda tx: tx.accounts.get("ann"))
    assert row is not None
    sealed = row.totp
    assert sealed is not None
    assert enrolment.secret.encode() not in sealed
    node.write(lambda tx: tx.accounts.change("ann", totp=sealed[:-1] + bytes([sealed[-1] ^ 1])))
    with pytest.raises(DeniedError) as caught:
        sign_in(node, "ann", GOOD, "123456")
    assert caught.value.message.key == "node.second-step-sealed"
