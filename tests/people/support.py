"""People for tests."""

from __future__ import annotations

import pyotp

from accord.node.accounts import Account, NewAccount, add_account
from accord.node.entering import Place
from accord.node.node import Node
from accord.node.second_steps import begin_second_step, confirm_second_step
from tests.node.support import HandClock

LIMITS = {"password_kib": 64, "password_passes": 1}  # so that a test does not wait for Argon2
GOOD = "correct horse battery"
OTHER = "staple and nine ponies"
OWN_PAGES = ("/account", "/account/password", "/account/second-step")
OPERATORS_PAGES = ("/accounts", "/accounts/new", "/accounts/ann", "/tokens", "/tokens/new")
HERE = Place("192.0.2.7", "a browser")
THERE = Place("198.51.100.9", "another browser")


def person(node: Node, name: str = "ann", *roles: str, password: str = GOOD) -> Account:
    """Somebody who chose their own password; without roles named, an operator."""
    wanted = NewAccount(
        name=name, roles=roles or ("operator",), password=password, must_change=False
    )
    return add_account(node, wanted)[0]


def newcomer(node: Node, name: str, *roles: str) -> None:
    """Somebody whose password was chosen by somebody else."""
    add_account(node, NewAccount(name=name, roles=roles, password=GOOD))


class App:
    """An authenticator app in somebody's hand."""

    def __init__(self, secret: str, clock: HandClock) -> None:
        self._totp = pyotp.TOTP(secret)
        self._clock = clock

    def code(self, steps: int = 0) -> str:
        """What it shows now, or so many half minutes later."""
        return self._totp.at(self._clock.moment, counter_offset=steps)


def with_app(node: Node, clock: HandClock, name: str = "ann") -> tuple[App, tuple[str, ...]]:
    """Give an account a second step; the app, whose code was just used, and the recovery codes."""
    app = App(begin_second_step(node, name).secret, clock)
    return app, confirm_second_step(node, name, app.code())
