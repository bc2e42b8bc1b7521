"""`accord demo`: a community of three nodes living through a story, on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from accord.base.limits import Limits

from .commands import Command
from .desk import at
from .inputs import read_objects


def register(app: typer.Typer) -> None:
    """Put the command of this file into `app`."""
    app.command("demo", cls=Command, help="cli.help-demo")(demo)


def demo(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="cli.opt-once")] = False,
    data: Annotated[str, typer.Option("--data", metavar="FILE", help="cli.opt-data")] = "",
    pace: Annotated[
        float | None,
        typer.Option("--pace", metavar="SECONDS", min=0, max=3600, help="demo.opt-pace"),
    ] = None,
) -> int:
    """Run the demonstration in the reader's language."""
    from accord.demo.story import run

    objects = read_objects([data], Limits()) if data else None
    return run(once=once, language=at(context).language, objects=objects, pace=pace)
