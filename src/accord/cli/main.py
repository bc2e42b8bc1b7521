"""The command `accord`: runs one command line and ends cleanly, whatever happens."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache

import typer

from accord.base.errors import AccordError
from accord.base.messages import say, translate

from . import (
    acts,
    auditing,
    backups,
    completing,
    demo,
    drafts,
    keys,
    ledger,
    manual,
    members,
    proofs,
    publishing,
    quarantine,
    recalls,
    releases,
    retention,
    searching,
    setup,
    showing,
    sources,
    tokens,
    transfers,
    upkeep,
)
from .commands import Group, group, usage_error
from .desk import Desk, write_line
from .exits import BROKEN_PIPE, BUG, INTERRUPTED, OK, report
from .shared import Shared, language_of_terminal, take_shared

DEBUG = "ACCORD_DEBUG"  # set: a fault of the program shows where it happened


class Top(Group):
    """All commands, in the order in which a new member needs them."""

    order = (
        *("init", "serve", "token", "peer", "agreement"),
        *("release", "publish", "draft", "source", "search", "show", "proof"),
        *("recall", "hold", "retention", "ledger", "quarantine", "transfers", "audit", "key"),
        *("backup", "restore", "recover"),
        *("doctor", "upgrade", "version", "completion", "manual", "demo"),
    )


@cache
def build() -> typer.Typer:
    """The whole command line."""
    app = group("cli.help-accord", Top)
    setup.register(app)
    app.add_typer(tokens.app, name="token")
    app.add_typer(members.app, name="peer")
    app.add_typer(acts.app, name="agreement")  # with the commands of agreements.py
    app.add_typer(releases.app, name="release")
    publishing.register(app)
    app.add_typer(drafts.app, name="draft")
    app.add_typer(sources.app, name="source")
    searching.register(app)
    showing.register(app)
    proofs.register(app)
    app.add_typer(recalls.app, name="recall")
    app.add_typer(recalls.holds, name="hold")
    retention.register(app)
    app.add_typer(ledger.app, name="ledger")
    app.add_typer(quarantine.app, name="quarantine")
    transfers.register(app)
    auditing.register(app)
    app.add_typer(keys.app, name="key")
    backups.register(app)
    upkeep.register(app)
    completing.register(app)
    manual.register(app)
    demo.register(app)
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
        code = build()(arguments, prog_name="accord", obj=desk, standalone_mode=False)
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
    if completing.ASKED in os.environ:
        completing.answer_shell(typer.main.get_command(build()), Desk(Shared()))
    sys.exit(run(sys.argv[1:]))
