"""The command `accord`: runs one command line and ends cleanly, whatever happens."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from accord.base.errors import AccordError
from accord.base.messages import say, translate

from . import completing
from .commands import Group, group, usage_error
from .desk import Desk, write_line
from .exits import BROKEN_PIPE, BUG, INTERRUPTED, OK, report
from .shared import Shared, language_of_terminal, take_shared

_GARBAGE = 50_000  # objects that are made, and stay, between two looks for garbage
DEBUG = "ACCORD_DEBUG"  # set: a fault of the program shows where it happened


# Where each command is made, in the order in which a new member needs them.
_WHERE = {
    "init": "setup:register",
    "serve": "setup:register",
    "account": "accounts:app",
    "token": "tokens:app",
    "peer": "members:app",
    "agreement": "acts:app",  # with the commands of agreements.py
    "motion": "motions:app",
    "council": "councils:app",
    "community": "communities:app",
    "group": "groups:app",
    "release": "releases:app",
    "publish": "publishing:register",
    "draft": "drafts:app",
    "source": "sources:app",
    "search": "searching:register",
    "show": "showing:register",
    "acknowledge": "acknowledging:register",
    "answer": "answers:register",
    "answers": "answers:app",
    "proof": "proofs:register",
    "permission": "permissions:app",
    "recall": "recalls:app",
    "hold": "recalls:holds",
    "retention": "retention:register",
    "ledger": "ledger:app",
    "quarantine": "quarantine:app",
    "transfers": "transfers:register",
    "why": "explaining:register",
    "audit": "auditing:register",
    "key": "keys:app",
    "backup": "backups:register",
    "restore": "backups:register",
    "recover": "backups:register",
    "doctor": "upkeep:register",
    "upgrade": "upkeep:register",
    "version": "upkeep:register",
    "completion": "completing:register",
    "manual": "manual:register",
    "demo": "demo:register",
}


class Top(Group):
    """All commands."""

    order = tuple(_WHERE)


def build(wanted: str = "") -> typer.Typer:
    """The whole command line; for a command that is `wanted`, no more than what it is made with.

    To make all the others would take longer than most commands do.
    """
    app = group("cli.help-accord", Top)
    kept = {wanted: _WHERE[wanted]} if wanted in _WHERE else _WHERE
    for where, name in {where: name for name, where in kept.items()}.items():
        module, _, place = where.partition(":")
        made = getattr(import_module(f".{module}", __package__), place)
        if isinstance(made, typer.Typer):
            app.add_typer(made, name=name)
        else:
            made(app)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Nothing is raised."""
    language, as_json = language_of_terminal(), "--json" in arguments
    try:
        shared, rest = take_shared(arguments)
        desk = Desk(shared)
        language = desk.language
        code = _call(desk, rest)
        sys.stdout.flush()
    except AccordError as error:
        return report(error, language, as_json=as_json)
    except KeyboardInterrupt:
        write_line(sys.stderr, translate(say("cli.interrupted"), language))
        return INTERRUPTED
    except BrokenPipeError:
        return _without_reader()
    except Exception as error:  # the outermost loop: a person gets a sentence, not a traceback
        if os.environ.get(DEBUG):
            raise
        problem = f"{type(error).__name__}: {error}"
        write_line(sys.stderr, translate(say("cli.bug", problem=problem), language))
        return BUG
    return code


def _call(desk: Desk, arguments: list[str]) -> int:
    """Find the command and call it. What Typer refuses becomes an error of our own."""
    try:
        program = typer.main.get_group(build(*arguments[:1]))
        code = program(arguments, prog_name="accord", obj=desk, standalone_mode=False)
    except typer.TyperException as error:
        raise usage_error(error) from None
    except typer.Abort:
        raise KeyboardInterrupt from None
    except SystemExit:  # all that Typer leaves in this way is a pipe whose reader has gone
        raise BrokenPipeError from None
    if code == INTERRUPTED:  # Typer catches Ctrl-C before we could
        raise KeyboardInterrupt
    return code if isinstance(code, int) else OK


def _without_reader() -> int:
    """Whoever read our output has gone. Python would complain when it closes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE


def main() -> None:
    """The console script."""
    # What is imported stays: to look through it for garbage takes a tenth of the start.
    gc.set_threshold(_GARBAGE)
    if completing.ASKED in os.environ:
        completing.answer_shell(typer.main.get_command(build()), Desk(Shared()))
    sys.exit(run(sys.argv[1:]))
