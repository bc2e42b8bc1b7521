"""`accord acknowledge`: a restriction (code H3) is acknowledged before its object is read."""

from __future__ import annotations

from typing import Annotated

import typer

from accord.base.messages import say
from accord.node.names import Names

from .commands import Command
from .desk import Desk, at
from .naming import minute
from .orders import holder_of

Shown = Annotated[bool, typer.Option("--record", help="cli.opt-acknowledge-record")]


def register(app: typer.Typer) -> None:
    """Put the command of this file into `app`."""
    app.command("acknowledge", cls=Command, help="cli.help-acknowledge")(acknowledge)


def acknowledge(
    context: typer.Context,
    object_id: Annotated[
        str, typer.Argument(metavar="OBJECT-ID", help="cli.arg-acknowledge-object")
    ] = "",
    by: Annotated[str, typer.Option("--by", metavar="TOKEN", help="cli.opt-read-by")] = "",
    record: Shown = False,
) -> None:
    """Acknowledge one; without an object list what waits; or show who acknowledged it, and when."""
    desk = at(context)
    if record and object_id:
        _record(desk, object_id)
        return
    from accord.node.acknowledging import acknowledge as note
    from accord.node.acknowledging import to_acknowledge

    with desk.node() as node:
        reader = holder_of(node, by) if by else None
        found = note(node, object_id, reader) if object_id else to_acknowledge(node, reader)
        names = Names(node)
    desk.answer(found)
    if not found:
        desk.tell(say("cli.acknowledge-none"))
    for each in found:
        desk.details(
            [
                ("cli.col-object", each.object_id),
                ("cli.col-author", names[each.author]),
                ("cli.col-issued", minute(each.issued)),
                ("cli.col-restriction", each.text),
            ]
        )
        desk.line_break()
    if object_id and found:
        desk.tell(say("cli.acknowledged", id=object_id))


def _record(desk: Desk, object_id: str) -> None:
    from accord.node.acknowledging import acknowledged_by

    with desk.node() as node:
        found = acknowledged_by(node, object_id)
    desk.answer([{"reader": name, "at": moment} for name, moment in found])
    if not found:
        desk.tell(say("cli.acknowledge-none"))
        return
    desk.table(
        ("cli.col-reader", "cli.col-when"), [(name, minute(moment)) for name, moment in found]
    )
