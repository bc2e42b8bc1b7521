"""The first account: for whoever reads what the server printed, once."""

from __future__ import annotations

from typing import get_args

import pytest

from accord.base.errors import ConflictError, DeniedError, InputError
from accord.node.accounts import NewAccount, list_accounts
from accord.node.entering import visitor_of
from accord.node.node import Node
from accord.node.setting_up import is_new, offer_set_up, set_up
from accord.rules.access import Role
from tests.node.support import HandClock

from .support import GOOD, HERE, person

FIRST = NewAccount(name="ann", roles=("delegate", "releaser"), password=GOOD)


def offered(node: Node) -> str:
    code = offer_set_up(node)
    assert code is not None
    return code


def test_the_code_makes_the_first_account_and_signs_it_in(node: Node) -> None:
    assert is_new(node)
    code = offered(node)
    session = set_up(node, code.upper().replace("-", " "), FIRST, HERE)
    visitor = visitor_of(node, session.cookie)
    assert visitor is not None
    assert visitor.reader.scope.roles == {"operator", "delegate", "releaser"}
    assert not visitor.must_change
    assert not is_new(node)
    with pytest.raises(ConflictError):
        set_up(node, code, FIRST, HERE)
    assert offer_set_up(node) is None


def test_a_code_ends_after_an_hour_and_with_the_next_start(node: Node, clock: HandClock) -> None:
    old = offered(node)
    code = offered(node)
    assert code != old
    with pytest.raises(DeniedError):
        set_up(node, old, FIRST)
    clock.advance(minutes=61)
    with pytest.raises(DeniedError):
        set_up(node, code, FIRST)
    assert is_new(node)


@pytest.mark.parametrize("code", ["", "x", "0000-0000-0000-0000", "é", "\udcff"])
def test_another_code_makes_nothing(node: Node, code: str) -> None:
    with pytest.raises(DeniedError):
        set_up(node, code, FIRST)
    offered(node)
    with pytest.raises(DeniedError):
        set_up(node, code, FIRST)
    assert list_accounts(node) == []


def test_an_account_that_cannot_be_leaves_the_code_good(node: Node) -> None:
    code = offered(node)
    with pytest.raises(InputError):
        set_up(node, code, NewAccount(name="A nn", roles=(), password=GOOD))
    assert set_up(node, code, NewAccount(name="ann", roles=(), password=GOOD)).complete


def test_an_account_made_at_the_shell_ends_the_code(node: Node) -> None:
    code = offered(node)
    person(node)
    with pytest.raises(ConflictError):
        set_up(node, code, FIRST)


def test_guessing_the_code_makes_wait(node: Node) -> None:
    code = offered(node)
    for _ in range(5):
        with pytest.raises(DeniedError):
            set_up(node, "wrong", FIRST, HERE)
    with pytest.raises(DeniedError) as caught:
        set_up(node, code, FIRST, HERE)
    assert caught.value.message.key.startswith("node.sign-in-wait")


def test_every_role_can_be_given_to_the_first_account(node: Node) -> None:
    roles = get_args(Role)
    session = set_up(node, offered(node), NewAccount(name="ann", roles=roles, password=GOOD))
    visitor = visitor_of(node, session.cookie)
    assert visitor is not None
    assert visitor.reader.scope.roles == set(roles)
