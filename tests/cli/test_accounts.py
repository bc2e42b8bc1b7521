"""`accord account`, whose a token is, and the code that a first start prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accord.cli import setup
from accord.cli.desk import Desk
from accord.cli.shared import Shared
from accord.node.accounts import NewAccount
from accord.node.entering import sign_in, visitor_of
from accord.node.node import open_node
from accord.node.setting_up import set_up
from tests.node.support import indicator

from .conftest import Accord, Homes

GOOD = "correct horse battery"


def signed_in(home: Path, name: str, password: str) -> bool:
    """Whether the password opens the account, for work and not only for its own change."""
    node = open_node(home)
    visitor = visitor_of(node, sign_in(node, name, password).cookie)
    node.close()
    return visitor is not None and bool(visitor.reader.scope.roles)


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(GOOD + "\n")
    return file


def test_a_password_that_was_not_given_is_chosen_and_shown_once(
    accord: Accord, homes: Homes
) -> None:
    made = accord("account", "add", "ann", "--role", "duty", "--home", homes.alfa, "--json").json
    assert (made["name"], made["roles"], made["must_change"]) == ("ann", ["duty"], True)
    assert not signed_in(homes.alfa, "ann", made["password"]), "it is to be changed first"
    listed = accord("account", "list", "--home", homes.alfa)
    assert "ann" in listed.out
    assert made["password"] not in listed.out


def test_a_password_is_taken_from_a_file_or_a_pipe_and_lasts_when_told_so(
    accord: Accord, homes: Homes, password_file: Path
) -> None:
    at = ("--home", homes.alfa, "--json")
    words = ("account", "add", "ann", "--role", "operator", "--lasting", *at)
    made = accord(*words, "--password-file", password_file).json
    assert (made["password"], made["must_change"]) == (None, False)
    assert signed_in(homes.alfa, "ann", GOOD)
    piped = accord(
        *("account", "password", "ann", "--password-file", "-", "--lasting", *at),
        stdin=b"staple and nine ponies",
    )
    assert piped.code == 0
    assert signed_in(homes.alfa, "ann", "staple and nine ponies")


def test_what_is_given_is_changed_and_the_rest_stays(accord: Accord, homes: Homes) -> None:
    at = ("--home", homes.alfa, "--json")
    first = ("--role", "operator", "--role", "analyst", "--tlp", "TLP:GREEN", "--speaks", "ru")
    accord("account", "add", "ann", *first, "--agreement", homes.agreement, *at)
    changed = accord("account", "change", "ann", "--zone", "Asia/Almaty", *at).json
    assert (changed["tlp"], changed["language"], changed["zone"]) == ("green", "ru", "Asia/Almaty")
    assert changed["roles"] == ["analyst", "operator"]
    assert changed["agreements"] == [homes.agreement]
    changed = accord("account", "change", "ann", "--agreement", "all", "--tlp", "red", *at).json
    assert (changed["agreements"], changed["tlp"]) == (None, "red")
    assert changed["roles"] == ["analyst", "operator"]


def test_sessions_are_shown_and_ended(accord: Accord, homes: Homes, password_file: Path) -> None:
    at = ("--home", homes.alfa)
    words = ("account", "add", "ann", "--role", "duty", "--lasting", *at)
    accord(*words, "--password-file", password_file)
    assert signed_in(homes.alfa, "ann", GOOD)
    (row,) = accord("account", "sessions", "ann", *at, "--json").json
    assert row["account"] == "ann"
    assert "ann" in accord("account", "sessions", *at).out
    assert accord("account", "sessions", "ann", "--end", *at).code == 0
    assert accord("account", "sessions", "ann", *at, "--json").json == []
    assert accord("account", "sessions", "bea", *at).code == 1


def test_an_account_is_disabled_and_enabled_and_its_second_step_dropped(
    accord: Accord, homes: Homes
) -> None:
    at = ("--home", homes.alfa)
    accord("account", "add", "ann", "--role", "operator", *at)
    accord("account", "add", "bea", "--role", "duty", *at)
    assert accord("account", "disable", "bea", *at, "--json").json["disabled"]
    assert accord("account", "enable", "bea", *at, "--json").json["disabled"] is None
    ended = accord("account", "disable", "ann", *at)
    assert (ended.code, "no operator would be left" in ended.err) == (1, True)
    assert "password alone" in accord("account", "totp", "bea", *at).out
    assert accord("account", "totp", "bea", "--drop", *at).code == 1


def test_a_token_names_its_owner(accord: Accord, homes: Homes) -> None:
    at = ("--home", homes.alfa)
    accord("account", "add", "ann", "--role", "duty", *at)
    words = ("token", "add", "tool", "--role", "duty", "--owner")
    assert accord(*words, "ann", *at, "--json").json["owner"] == "ann"
    assert accord("token", "list", *at, "--json").json[0]["owner"] == "ann"
    assert accord("token", "add", "other", *words[3:], "bea", *at).code == 1


def test_two_tokens_of_one_person_are_not_two_releasers(
    accord: Accord, homes: Homes, tmp_path: Path
) -> None:
    at = ("--home", homes.alfa, "--json")
    accord("account", "add", "ann", "--role", "releaser", *at)
    tokens = [
        accord("token", "add", name, "--role", "releaser", "--owner", owner, *at).json["token"]
        for name, owner in (("one", "ann"), ("two", "ann"))
    ]
    file = tmp_path / "object.json"
    file.write_bytes(indicator(1))
    words = ("publish", file, "--agreement", homes.agreement, "--retain-until", "2030-01-01")
    given = [word for token in tokens for word in ("--approval", token)]
    assert accord(*words, *given, *at).error["error"] == "cli.approvals"


def test_a_first_start_prints_a_code_until_there_is_an_account(
    homes: Homes, capsys: pytest.CaptureFixture[str]
) -> None:
    node = open_node(homes.alfa)
    desk = Desk(Shared(home=str(homes.alfa)))
    setup._ready(desk, node, "http://127.0.0.1:8100")
    said = capsys.readouterr().out
    code = re.search(r"^  (\w{4}(?:-\w{4}){3})$", said, re.MULTILINE)
    assert "/setup" in said
    assert code is not None
    set_up(node, code[1], NewAccount(name="ann", roles=(), password=GOOD))
    setup._ready(desk, node, "http://127.0.0.1:8100")
    assert "/setup" not in capsys.readouterr().out
    node.close()
