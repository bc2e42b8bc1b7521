"""`accord completion`: what a shell reads to complete commands, and the answers it then asks for.

Typer knows how each shell is spoken to; the words beside a command are ours, in the reader's
language.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from accord.base.errors import InputError

from .commands import Command
from .desk import Desk, at

ASKED = "_ACCORD_COMPLETE"  # set by a shell that wants to know how a line may go on
SHELLS = ("bash", "zsh", "fish")


def register(app: typer.Typer) -> None:
    """Put the command of this file into `app`."""
    app.command("completion", cls=Command, help="cli.help-completion")(completion)


def completion(
    context: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish", help="cli.arg-shell")],
) -> None:
    """Print the script that a shell reads when it starts."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    if shell not in SHELLS:
        raise InputError("cli.shell-unknown", found=shell[:60], allowed=", ".join(SHELLS))
    script = get_completion_script(prog_name="accord", complete_var=ASKED, shell=shell)
    desk = at(context)
    desk.answer({"shell": shell, "script": script})
    desk.quote(script.rstrip())


def answer_shell(program: Any, desk: Desk) -> None:
    """Tell a shell how the line that stands in its environment may go on. Does not return."""
    from typer.completion import completion_init  # type: ignore[attr-defined]

    completion_init()
    os.environ.setdefault("COMP_WORDS", "")
    program([], prog_name="accord", obj=desk, complete_var=ASKED)
    sys.exit(1)  # a question that is none
