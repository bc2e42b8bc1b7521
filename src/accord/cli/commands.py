"""Commands and groups as this program has them: their help is in the reader's language.

Help texts are keys of messages, translated when they are shown; Typer itself speaks English only.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from accord.base.errors import InputError

from .desk import Desk, at, console

if TYPE_CHECKING:
    from rich.table import Table
    from typer import Context

SHARED = (
    ("--home DIR", "cli.opt-home"),
    ("--json", "cli.opt-json"),
    ("--lang zh|ru|en", "cli.opt-lang"),
    ("--help", "cli.opt-help"),
)


class Command(TyperCommand):
    """One command."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(help_text(self, ctx, {}))

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        return _in_words(ctx, super().shell_complete(ctx, incomplete))


class Group(TyperGroup):
    """Commands about one thing. Alone, it shows what there is, in the order of its class."""

    order: tuple[str, ...] = ()

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["--help"])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in self.commands:
            known = ", ".join(self.commands)
            raise InputError("cli.usage-no-command", found=args[0][:60], known=known)
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(help_text(self, ctx, dict(self.in_order())))

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        return _in_words(ctx, super().shell_complete(ctx, incomplete))

    def in_order(self) -> list[tuple[str, Any]]:
        """The commands with their names, in the order in which they are shown."""
        return sorted(self.commands.items(), key=lambda item: self._place(item[0]))

    def _place(self, name: str) -> int:
        return self.order.index(name) if name in self.order else len(self.order)


def _in_words(context: Context, found: list[Any]) -> list[Any]:
    """What a shell is told beside a word that may follow, in the reader's language."""
    for item in found:
        if item.help:
            item.help = at(context).word(item.help)
    return found


def group(help_key: str, cls: type[Group] = Group) -> typer.Typer:
    """An empty group of commands."""
    return typer.Typer(cls=cls, help=help_key, add_completion=False, rich_markup_mode=None)


def usage_error(error: typer.TyperException) -> InputError:
    """What is wrong with a command line, as one of our own errors.

    Typer's errors are told apart by what they carry.
    """
    option, param = getattr(error, "option_name", None), getattr(error, "param", None)
    problem = error.message
    if hasattr(error, "possibilities"):
        return InputError("cli.usage-no-option", option=str(option))
    if hasattr(error, "param_type"):
        return InputError("cli.usage-missing", name=shown(param))
    if param is not None:
        return InputError("cli.usage-value", name=shown(param), problem=problem)
    if option is not None:
        return InputError("cli.usage-value", name=str(option), problem=problem)
    return InputError("cli.usage", problem=problem)


def help_text(command: Any, context: Context, commands: Mapping[str, Any]) -> str:
    """The help of a command or group, 80 columns wide at most."""
    from rich.padding import Padding

    desk = at(context)
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [
        each for each in command.params if each.param_type_name == "option" and each.name != "help"
    ]
    usage = [context.command_path, *(_in_usage(each) for each in arguments)]
    usage += ["COMMAND"] if commands else []
    usage.append(desk.word("cli.help-any-options"))
    text = StringIO()
    paper = console(text, width=min(shutil.get_terminal_size().columns, 80))
    paper.print(f"{desk.word('cli.help-usage')} {' '.join(usage)}\n\n{desk.word(command.help)}")
    for heading, rows in (
        ("cli.help-commands", [(name, each.help) for name, each in commands.items()]),
        ("cli.help-arguments", [(shown(each), each.help) for each in arguments]),
        ("cli.help-options", [(shown(each), each.help) for each in options]),
        ("cli.help-shared", SHARED),
    ):
        if rows:
            paper.print(f"\n{desk.word(heading)}")
            paper.print(Padding(_columns(desk, rows), (0, 0, 0, 2)))
    return text.getvalue()


def _columns(desk: Desk, rows: Sequence[tuple[str, str | None]]) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(min_width=12, max_width=28)
    grid.add_column(overflow="fold")  # Chinese has no blanks to break at
    for name, key in rows:
        grid.add_row(name, desk.word(key) if key else "")
    return grid


def _in_usage(param: Any) -> str:
    name = shown(param)
    return name if param.required else f"[{name}]"


def shown(param: Any) -> str:
    """A parameter as a person writes it: `FILE...`, `--tlp LEVEL`."""
    metavar = param.metavar or ("" if getattr(param, "is_flag", False) else param.name.upper())
    if param.param_type_name == "argument":
        return metavar + ("..." if param.nargs == -1 else "")
    return " ".join(filter(None, (", ".join(param.opts), metavar)))
