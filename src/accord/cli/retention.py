"""`accord retention`: what may not be kept for ever, and is to be looked at."""

from __future__ import annotations

from typing import Annotated

import typer

from accord.base.messages import say
from accord.node.names import Names

from .commands import Command
from .desk import at
from .naming import minute


def register(app: typer.Typer) -> None:
    """Add the command to the top level."""
    app.command("retention", cls=Command, help="cli.help-retention")(retention)


def retention(
    context: typer.Context,
    days: Annotated[
        int, typer.Option("--days", metavar="DAYS", min=0, max=3650, help="cli.opt-retention-days")
    ] = 30,
    limit: Annotated[
        int, typer.Option("--limit", metavar="NUMBER", min=1, help="cli.opt-limit")
    ] = 1000,
) -> None:
    """What is to be looked at within so many days, and what is hidden and will be erased."""
    from accord.node.retention import list_retained

    desk = at(context)
    with desk.node() as node:
        rows, names = list_retained(node, days, limit), Names(node)
    desk.answer(rows)
    if not rows:
        desk.tell(say("cli.retention-none", days=days))
        return
    desk.table(
        ("cli.col-object", "cli.col-from", "cli.col-review", "cli.col-hidden", "cli.col-erased"),
        [
            (
                row.object_id,
                names[row.member],
                minute(row.review),
                minute(row.ends),
                minute(row.purge)
                if row.held is None
                else desk.text(say("cli.retention-held", reason=row.held)),
            )
            for row in rows
        ],
    )
