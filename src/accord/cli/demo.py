"""`accord demo`: a community of three nodes living through a story, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .commands import Command
from .desk import at


def register(app: typer.Typer) -> None:
    """Put the command of this file into `app`."""
    app.command("demo", cls=Command, help="cli.help-demo")(demo)


def demo(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="cli.opt-once")] = False,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FILE", help="cli.opt-data")
    ] = None,
) -> int:
    """Run the demonstration in the reader's language."""
    from accord.demo.story import run

    return run(once=once, data=data, language=at(context).language) or 0
