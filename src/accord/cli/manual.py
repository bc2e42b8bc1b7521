"""`accord manual`: the manual page, drawn from the commands as they are (man(7))."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

import accord

from .commands import SHARED, Command, Group, shown
from .desk import Desk, at
from .exits import BROKEN_PIPE, BUG, INTERRUPTED, MACHINE, OK, PEER, REFUSED, USAGE

_EXITS = (
    (OK, "cli.exit-ok"),
    (REFUSED, "cli.exit-refused"),
    (USAGE, "cli.exit-usage"),
    (MACHINE, "cli.exit-machine"),
    (PEER, "cli.exit-peer"),
    (BUG, "cli.exit-bug"),
    (INTERRUPTED, "cli.exit-interrupted"),
    (BROKEN_PIPE, "cli.exit-broken-pipe"),
)


def register(app: typer.Typer) -> None:
    """Put the command of this file into `app`."""
    app.command("manual", cls=Command, help="cli.help-manual")(manual)


def manual(context: typer.Context) -> None:
    """Print the manual page, for `man`."""
    from .main import build  # all commands: this one was made alone

    desk = at(context)
    page = "\n".join(_page(desk, typer.main.get_group(build())))
    desk.answer({"page": page})
    desk.quote(page)


def _page(desk: Desk, program: Any) -> Iterator[str]:
    word = desk.word
    yield f'.TH ACCORD 1 "" "accord {accord.__version__}"'
    yield f".SH {_text(word('cli.man-name'))}"
    yield f"accord \\- {_text(word(program.help))}"
    yield f".SH {_text(word('cli.man-synopsis'))}"
    yield f".B accord\n.I COMMAND\n{_text(word('cli.help-any-options'))}"
    yield f".SH {_text(word('cli.man-commands'))}"
    for name, command in _commands(program, "accord"):
        yield from _command(desk, name, command)
    yield f".SH {_text(word('cli.man-options'))}"
    for option, key in SHARED:
        yield from _item(option, word(key))
    yield f".SH {_text(word('cli.man-exit'))}"
    for code, key in _EXITS:
        yield from _item(str(code), word(key))
    yield f".SH {_text(word('cli.man-environment'))}"
    yield from _item("ACCORD_HOME", word("cli.opt-home"))


def _command(desk: Desk, name: str, command: Any) -> Iterator[str]:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [
        each for each in command.params if each.param_type_name == "option" and each.name != "help"
    ]
    usage = " ".join(shown(each) for each in arguments)
    yield f".SS {_text(f'{name} {usage}'.rstrip())}"
    yield _text(desk.word(command.help))
    for each in (*arguments, *options):
        yield from _item(shown(each), desk.word(each.help) if each.help else "")


def _commands(group: Group, name: str) -> Iterator[tuple[str, Any]]:
    for part, command in group.in_order():
        if isinstance(command, Group):
            yield from _commands(command, f"{name} {part}")
        else:
            yield f"{name} {part}", command


def _item(term: str, text: str) -> Iterator[str]:
    yield f".TP\n.B {_text(term)}\n{_text(text)}"


def _text(text: str) -> str:
    """Text in which nothing is taken for a request or a hyphenation point."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(
        f"\\&{line}" if line[:1] in (".", "'") else line for line in escaped.split("\n")
    )
