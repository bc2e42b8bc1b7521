"""Every command line in the documents is one that the program understands."""

from __future__ import annotations

import re
import shlex
from typing import Any, get_args

import pytest
import typer

from accord.base.messages import LANGUAGES
from accord.cli.commands import Group
from accord.cli.desk import Desk
from accord.cli.main import build
from accord.cli.shared import take_shared
from accord.rules.access import Role
from tests.conftest import ROOT
from tests.docs.pages import all_pages, blocks, table, text_of
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
    called: list[str] = []
    command: Any = typer.main.get_command(build())
    _disarm(command, called)
    command(rest, prog_name="accord", obj=Desk(shared), standalone_mode=False)
    assert len(called) == 1, page


def _disarm(command: Any, called: list[str]) -> None:
    """Commands are found and their options read, and then nothing is done."""
    if isinstance(command, Group):
        for each in command.commands.values():
            _disarm(each, called)
    else:
        command.callback = lambda **_: called.append(command.name)


@pytest.mark.parametrize("page", [str(page.relative_to(ROOT)) for page in all_pages()])
def test_a_command_named_in_a_sentence_exists_with_its_options(page: str) -> None:
    for line in _INLINE.findall(text_of(page)):
        command: Any = typer.main.get_command(build())
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
    rows = table(text_of("docs/operate.md").partition("| role |")[2])
    assert [row[0] for row in rows[-len(get_args(Role)) :]] == list(get_args(Role))
