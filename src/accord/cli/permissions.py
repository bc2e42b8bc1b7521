"""`accord permission`: may this be passed on, to whom, for what?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from accord.base.messages import say
from accord.node.names import Names

from .commands import Command, group
from .desk import Desk, at
from .naming import member_named, minute, read_moment

if TYPE_CHECKING:
    from accord.node.permissions import PermissionView

app = group("cli.help-permission")

Request = Annotated[str, typer.Argument(metavar="REQUEST", help="cli.arg-permission-request")]
Text = Annotated[str, typer.Option("--text", metavar="TEXT", help="cli.opt-permission-text")]


@app.command("ask", cls=Command, help="cli.help-permission-ask")
def ask(
    context: typer.Context,
    object_id: Annotated[str, typer.Argument(metavar="OBJECT-ID", help="cli.arg-object")],
    to: Annotated[list[str], typer.Option("--to", metavar="MEMBER", help="cli.opt-permission-to")],
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="PURPOSE", help="cli.opt-permission-purpose")
    ],
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="cli.opt-permission-reason")
    ],
) -> None:
    """Ask the member that gave an object whether it may be passed on."""
    from accord.node.permissions import ask_permission

    desk = at(context)
    with desk.node() as node:
        members = [member_named(node, name) for name in to]
        view = ask_permission(node, object_id, members, purpose, reason)
        names = Names(node)
    desk.answer(view)
    desk.tell(say("cli.permission-asked", member=names[view.author], id=view.id))


@app.command("list", cls=Command, help="cli.help-permission-list")
def list_(context: typer.Context) -> None:
    """Every request, ours and those to us, with what became of it."""
    from accord.node.permissions import list_permissions

    desk = at(context)
    with desk.node() as node:
        found, names = list_permissions(node), Names(node)
    desk.answer(found)
    if not found:
        desk.tell(say("cli.permission-none"))
        return
    _show(desk, found, names)


@app.command("grant", cls=Command, help="cli.help-permission-grant")
def grant(
    context: typer.Context,
    request: Request,
    text: Text = "",
    until: Annotated[
        str, typer.Option("--until", metavar="TIME", help="cli.opt-permission-until")
    ] = "",
) -> None:
    """Allow what was asked, of an object of ours."""
    _answer(at(context), request, granted=True, text=text, until=until)


@app.command("refuse", cls=Command, help="cli.help-permission-refuse")
def refuse(context: typer.Context, request: Request, text: Text = "") -> None:
    """Refuse what was asked, or withdraw what was granted."""
    _answer(at(context), request, granted=False, text=text, until="")


def _answer(desk: Desk, request: str, *, granted: bool, text: str, until: str) -> None:
    from accord.node.permissions import answer_request

    with desk.node() as node:
        end = read_moment("--until", until) if until else None
        view = answer_request(node, request, granted=granted, text=text, until=end)
        names = Names(node)
    desk.answer(view)
    if not desk.as_json:
        _show(desk, [view], names)


def _show(desk: Desk, found: Sequence[PermissionView], names: Names) -> None:
    for view in found:
        rows = [
            ("cli.col-request", view.id),
            ("cli.col-from", names[view.asker]),
            ("cli.col-author", names[view.author]),
            ("cli.col-entry", f"{view.entry.origin} #{view.entry.index}"),
            ("cli.col-to", names.all(view.members)),
            ("cli.col-purpose", view.purpose),
            ("cli.col-why", view.reason),
            ("cli.col-state", desk.word(f"cli.permission-{view.state}")),
        ]
        if view.text:
            rows.append(("cli.col-said", view.text))
        if view.until is not None:
            rows.append(("cli.col-until", minute(view.until)))
        desk.details(rows)
        desk.line_break()
