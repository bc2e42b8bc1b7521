"""Every command line in the documents is one that the program understands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import pytest
import typer

from accord.base.messages import LANGUAGES
from accord.cli import exits
from accord.cli.commands import Group
from accord.cli.desk import Desk
from accord.cli.main import build
from accord.cli.shared import take_shared
from accord.rules.access import Role
from tests.conftest import ROOT
from tests.docs.pages import all_pages, blocks, section, table, text_of
from tests.docs.test_release_page import sentences

_INLINE = re.compile(r"`accord ([a-z][^`\n]*)`")


def _lines() -> list[tuple[str, str]]:
    """The command lines in the shell blocks of every page: (page, line)."""
    return [
        (str(page.relative_to(ROOT)), line)
        for page in all_pages()
        for block in blocks(page.read_text("utf-8"), "sh")
        for line in block.replace("\\\n", " ").splitlines()
        if line.startswith("accord ")
    ]


@pytest.mark.parametrize("page, line", _lines())
def test_a_command_line_of_a_page_is_understood(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    shared, rest = take_shared(words)
    assert shared.language in ("", *LANGUAGES)
    name = _disarmed()(rest, prog_name="accord", obj=Desk(shared), standalone_mode=False)
    assert " ".join(words).startswith(name), page


@cache
def _disarmed() -> Any:
    """The program, whose commands read their options and do nothing but say their name."""
    program: Any = typer.main.get_command(build())
    for name, command in _commands(program, ""):
        command.callback = lambda _name=name, **_: _name
    return program


@pytest.mark.parametrize("page", [str(page.relative_to(ROOT)) for page in all_pages()])
def test_a_command_named_in_a_sentence_exists_with_its_options(page: str) -> None:
    for line in _INLINE.findall(text_of(page)):
        command = _disarmed()
        words = [word for word in line.split() if not word.startswith("-")]
        while isinstance(command, Group) and words:
            assert words[0] in command.commands, line
            command = command.commands[words.pop(0)]
        known = {option for each in command.params for option in each.opts}
        for option in re.findall(r"--[a-z-]+", line):
            assert option in known | {"--home", "--json", "--lang", "--help"}, line


def test_the_messages_of_the_operators_page_are_said_like_that() -> None:
    rows = table(text_of("docs/operate.md").partition("## What it says")[2])
    assert len(rows) > 10
    for key, sentence, _ in rows:
        assert sentences(key.partition(".")[0])[key] == sentence


def test_the_roles_of_the_operators_page_are_those_there_are() -> None:
    parts = section("docs/operate.md", "Tools and people").split("\n\n")
    (roles,) = (part for part in parts if part.startswith("| role"))
    assert [row[0] for row in table(roles)] == list(get_args(Role))


def test_the_commands_of_the_reference_are_those_there_are() -> None:
    rows = table(section("docs/reference/cli.md", "Commands"))
    assert {row[0] for row in rows} == {f"accord {name}" for name, _ in _commands(_disarmed(), "")}


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command with its whole name."""
    if isinstance(command, Group):
        for part, each in command.commands.items():
            yield from _commands(each, f"{name} {part}".strip())
    else:
        yield name, command


def test_the_exit_codes_of_the_reference_are_those_of_the_program() -> None:
    rows = table(section("docs/reference/cli.md", "Exit codes"))
    named = {
        name: value for name, value in vars(exits).items() if name.isupper() and name[0] != "_"
    }
    assert [int(row[0]) for row in rows] == [v for v in named.values() if isinstance(v, int)]
