"""Accounts: who may be one, what they may do, and that somebody always can mend it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from accord.base.errors import AccordError, ConflictError, DeniedError, InputError, NotFoundError
from accord.node.accounts import (
    NewAccount,
    add_account,
    change_manner,
    change_scope,
    disable_account,
    enable_account,
    find_account,
    list_accounts,
    note_looked,
    reset_password,
    set_password,
)
from accord.node.entering import sign_in, visitor_of
from accord.node.node import Node, open_node
from accord.node.tokens import add_token, reader_of
from accord.rules.access import may

from .support import GOOD, OTHER, person

WANTED = NewAccount(name="ann", roles=("analyst",))


def test_an_account_without_a_password_gets_one_that_is_to_be_changed(node: Node) -> None:
    account, password = add_account(node, WANTED)
    assert (account.name, account.display, account.roles) == ("ann", "ann", ("analyst",))
    assert account.must_change
    visitor = visitor_of(node, sign_in(node, "ann", password).cookie)
    assert visitor is not None
    assert visitor.must_change
    assert not visitor.reader.scope.roles, "it opens nothing before it was changed"
    set_password(node, "ann", OTHER)
    visitor = visitor_of(node, sign_in(node, "ann", OTHER).cookie)
    assert visitor is not None
    assert may(visitor.reader.scope, "read")


@pytest.mark.parametrize(
    "changed, error, key",
    [
        ({"name": "Ann"}, InputError, "node.account-name"),
        ({"name": "a b"}, InputError, "node.account-name"),
        ({"name": "source:x"}, InputError, "node.account-name"),
        ({"name": "a" * 65}, InputError, "node.account-name"),
        ({"roles": ()}, InputError, "node.account-no-role"),
        ({"roles": ("analyst", "king")}, InputError, "node.token-role"),
        ({"tlp": "pink"}, InputError, "node.token-tlp"),
        ({"agreements": ("accord-agreement--x",)}, NotFoundError, "node.agreement-unknown"),
        ({"language": "fr"}, InputError, "node.account-choice"),
        ({"zone": "Mars/Olympus"}, InputError, "node.account-zone"),
        ({"zone": "../../etc/passwd"}, InputError, "node.account-zone"),
        ({"zone": "Europe"}, InputError, "node.account-zone"),
        ({"display": "A\u202enna"}, InputError, "node.account-display"),
        ({"display": "x" * 101}, InputError, "node.account-display"),
        ({"password": "short"}, InputError, "node.password-length"),
        ({"password": "x" * 257}, InputError, "node.password-length"),
        ({"password": "annannannannann"}, InputError, "node.password-simple"),
        ({"password": "ababababababab"}, InputError, "node.password-simple"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    node: Node, changed: dict[str, Any], error: type[AccordError], key: str
) -> None:
    with pytest.raises(error) as caught:
        add_account(node, replace(WANTED, **changed))
    assert caught.value.message.key == key
    assert list_accounts(node) == []


def test_accounts_and_tokens_share_one_set_of_names(node: Node) -> None:
    add_token(node, "tool", role="analyst")
    person(node)
    with pytest.raises(ConflictError):
        add_account(node, replace(WANTED, name="tool"))
    with pytest.raises(ConflictError):
        add_account(node, WANTED)
    with pytest.raises(ConflictError):
        add_token(node, "ann", role="analyst")


def test_no_password_and_no_cookie_stands_in_any_file(node: Node) -> None:
    person(node)
    cookie = sign_in(node, "ann", GOOD).cookie
    folder = node.home.folder
    node.close()
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert GOOD.encode() not in content
            assert cookie.encode() not in content


def test_the_last_operator_stays_one(node: Node) -> None:
    person(node)
    person(node, "bea", "analyst")
    with pytest.raises(DeniedError, match="no operator would be left"):
        disable_account(node, "ann")
    with pytest.raises(DeniedError, match="no operator would be left"):
        change_scope(node, "ann", roles=("analyst",), tlp="green")
    assert find_account(node, "ann").roles == ("operator",)
    change_scope(node, "bea", roles=("operator", "analyst"), tlp="green")
    assert disable_account(node, "ann").disabled is not None


def test_what_somebody_may_do_changes_with_their_next_request(node: Node) -> None:
    person(node)
    person(node, "bea", "analyst")
    cookie = sign_in(node, "bea", GOOD).cookie
    change_scope(node, "bea", roles=("delegate", "duty"), tlp="green", circles=("c",))
    visitor = visitor_of(node, cookie)
    assert visitor is not None
    scope = visitor.reader.scope
    assert scope.roles == {"duty", "delegate"}
    assert scope.tlp == "green"
    assert scope.circles == {"c"}
    assert scope.named == {"bea"}


def test_a_disabled_account_is_out_at_once_and_its_tokens_too(node: Node) -> None:
    person(node)
    person(node, "bea", "analyst")
    token = add_token(node, "bea-tool", role="analyst", owner="bea").token
    cookie = sign_in(node, "bea", GOOD).cookie
    assert reader_of(node, token) is not None
    disable_account(node, "bea")
    assert visitor_of(node, cookie) is None
    assert reader_of(node, token) is None
    with pytest.raises(DeniedError):
        sign_in(node, "bea", GOOD)
    enable_account(node, "bea")
    assert visitor_of(node, cookie) is None, "its sessions ended"
    assert visitor_of(node, sign_in(node, "bea", GOOD).cookie) is not None


def test_a_new_password_ends_all_sessions_but_the_one_in_use(node: Node) -> None:
    person(node)
    first, second = (sign_in(node, "ann", GOOD).cookie for _ in range(2))
    visitor = visitor_of(node, first)
    assert visitor is not None
    set_password(node, "ann", OTHER, but=visitor.session)
    assert visitor_of(node, first) is not None
    assert visitor_of(node, second) is None
    given = reset_password(node, "ann")
    assert visitor_of(node, first) is None
    with pytest.raises(DeniedError):
        sign_in(node, "ann", OTHER)
    assert sign_in(node, "ann", given).complete
    assert find_account(node, "ann").must_change


def test_language_zone_theme_and_name_are_the_holders_own(node: Node) -> None:
    person(node)
    change_manner(
        node, "ann", language="zh", zone="Asia/Shanghai", theme="dark", display=" 安  娜 "
    )
    account = find_account(node, "ann")
    assert (account.language, account.zone, account.theme) == ("zh", "Asia/Shanghai", "dark")
    assert account.display == "安 娜"
    note_looked(node, "ann", 17)
    assert find_account(node, "ann").looked == 17
    with pytest.raises(InputError):
        change_manner(node, "ann", theme="pink")


def test_accounts_outlast_a_restart(node: Node) -> None:
    person(node)
    cookie = sign_in(node, "ann", GOOD).cookie
    again = open_node(node.home.folder, node.clock)
    assert visitor_of(again, cookie) is not None
    again.close()


@pytest.mark.parametrize("act", [find_account, disable_account, enable_account, reset_password])
def test_an_account_that_is_not_there_is_said_not_to_be(node: Node, act: Any) -> None:
    with pytest.raises(NotFoundError):
        act(node, "nobody")
