"""Help and errors of the command line itself, in three languages."""

from __future__ import annotations

import re

import pytest

from accord.cli.main import Top, build
from accord.cli.shared import Shared, language_of_terminal, take_shared

from .conftest import Accord

GROUPS = ("token", "peer", "agreement", "release", "draft", "ledger", "quarantine", "key")


def _commands() -> list[tuple[str, ...]]:
    app = build()
    found: list[tuple[str, ...]] = [()]
    found += [(str(command.name),) for command in app.registered_commands]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        found.append((str(group.name),))
        inner = group.typer_instance.registered_commands
        found += [(str(group.name), str(command.name)) for command in inner]
    return found


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
@pytest.mark.parametrize("words", _commands(), ids=" ".join)
def test_every_command_has_help_in_every_language(
    accord: Accord, words: tuple[str, ...], language: str
) -> None:
    ended = accord(*words, "--help", "--lang", language)
    assert ended.code == 0
    assert ended.err == ""
    assert re.search(r"\bcli\.", ended.out) is None  # a key without words
    assert "--home" in ended.out
    assert all(len(line) <= 80 for line in ended.out.splitlines())


def test_every_command_has_its_place_in_the_help() -> None:
    names = {words[0] for words in _commands() if words}
    assert names == set(Top.order)


def test_help_follows_the_terminal_where_nothing_else_is_said(
    accord: Accord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    assert "Вызов:" in accord("--help").out
    assert "用法" in accord("--lang", "zh", "--help").out


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_alone_shows_what_there_is(accord: Accord, group: str) -> None:
    ended = accord(group)
    assert ended.code == 0
    assert "Commands:" in ended.out


@pytest.mark.parametrize(
    "words, said",
    [
        (("tokn",), "no command “tokn”"),
        (("token", "ad"), "no command “ad”"),
        (("token", "add", "x"), "--role ROLE is missing"),
        (("token", "add"), "NAME is missing"),
        (("token", "list", "--rol"), "no option --rol"),
        (("serve", "--port", "many"), "--port PORT cannot take this value"),
        (("serve", "--port", "0"), "--port PORT cannot take this value"),
        (("token", "list", "extra"), "extra"),
        (("token", "list", "--home"), "--home needs a value"),
        (("--lang", "fr", "version"), "“fr” is not spoken"),
    ],
)
def test_a_command_line_that_is_wrong_is_told_in_one_line(
    accord: Accord, words: tuple[str, ...], said: str
) -> None:
    ended = accord(*words)
    assert ended.code == 2
    assert ended.out == ""
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_usage_errors_are_in_the_readers_language(accord: Accord) -> None:
    assert "Команды «tokn» здесь нет" in accord("--lang", "ru", "tokn").err
    assert "没有命令“tokn”" in accord("tokn", "--lang", "zh").err


def test_shared_options_are_taken_from_anywhere_before_the_double_dash() -> None:
    shared, rest = take_shared(["a", "--home", "x", "b", "--json", "--lang=ru", "--", "--json"])
    assert shared == Shared("x", True, "ru")
    assert rest == ["a", "b", "--", "--json"]


@pytest.mark.parametrize(
    "environment, language",
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": ""}, "ru"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_the_language_of_a_terminal_is_that_of_its_locale(
    environment: dict[str, str], language: str
) -> None:
    assert language_of_terminal(environment) == language


def test_a_fault_of_the_program_is_one_sentence(
    accord: Accord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_database: object) -> None:
        raise ZeroDivisionError("unforeseen")

    monkeypatch.setattr("accord.store.opening.upgrade_store", fail)
    ended = accord("upgrade", "--home", "nowhere")
    assert ended.code == 2  # the home is looked at first
    monkeypatch.setattr("accord.cli.upkeep.platform.python_version", lambda: 1 / 0)
    ended = accord("version")
    assert ended.code == 5
    assert "ZeroDivisionError" in ended.err
    assert ended.err.count("\n") == 1


def test_ctrl_c_ends_without_noise(accord: Accord, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("accord.cli.upkeep.platform.python_version", interrupt)
    ended = accord("version")
    assert (ended.code, ended.err) == (130, "Interrupted.\n")
