"""`accord group`: working groups, whom they admit, joining and leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from accord.base.messages import say

from .commands import Command, group
from .desk import Desk, at
from .naming import deadline, member_named, read_level, read_moment

if TYPE_CHECKING:
    from datetime import datetime

    from accord.node.groups import GroupView
    from accord.node.node import Node
    from accord.rules.decisions.effects import History

app = group("cli.help-group")

_SHORT = 12  # characters of a hash that name a motion
_RULES = ("silence", "unanimity")
_HISTORIES = ("all", "from-joining")

Id = Annotated[str, typer.Argument(metavar="GROUP", help="cli.arg-group")]
Member = Annotated[str, typer.Argument(metavar="MEMBER", help="cli.arg-group-member")]
Closes = Annotated[str, typer.Option("--closes", metavar="WHEN", help="cli.opt-closes")]


@app.command("list", cls=Command, help="cli.help-group-list")
def list_(context: typer.Context) -> None:
    """The working groups that this member belongs to, or was admitted to."""
    from accord.node import groups
    from accord.node.names import agreement_names

    desk = at(context)
    with desk.node() as node:
        views, agreements = groups.groups(node), agreement_names(node)
    desk.answer(views)
    if not views:
        desk.tell(say("cli.group-none"))
        return
    desk.table(
        ("cli.col-group", "cli.col-agreement", "cli.col-state", "cli.col-members"),
        [
            (
                view.id,
                agreements.get(view.agreement, view.agreement),
                _state(desk, view),
                str(len(view.members)),
            )
            for view in views
        ],
    )


@app.command("show", cls=Command, help="cli.help-group-show")
def show(context: typer.Context, name: Id) -> None:
    """The roster of a group, and what it shows to those who come later."""
    from accord.node import groups
    from accord.node.names import Names, agreement_names

    desk = at(context)
    with desk.node() as node:
        view, names, agreements = groups.group(node, name), Names(node), agreement_names(node)
    desk.answer(view)
    desk.details(
        [
            ("cli.col-group", view.id),
            ("cli.col-agreement", agreements.get(view.agreement, view.agreement)),
            ("cli.col-state", _state(desk, view)),
            ("cli.col-history", desk.word(f"cli.group-history-{view.history}")),
        ]
    )
    desk.line_break()
    rows = [(names[each.member], desk.word(f"cli.group-{each.place}")) for each in view.members]
    desk.table(("cli.col-member", "cli.col-state"), rows)


@app.command("propose", cls=Command, help="cli.help-group-propose")
def propose(
    context: typer.Context,
    agreement: Annotated[
        str, typer.Option("--agreement", metavar="ID", help="cli.opt-group-agreement")
    ],
    member: Annotated[
        list[str], typer.Option("--member", metavar="MEMBER", help="cli.opt-group-member")
    ],
    rule: Annotated[str, typer.Option("--rule", metavar="RULE", help="cli.opt-group-rule")] = (
        "silence"
    ),
    history: Annotated[
        str, typer.Option("--history", metavar="all|from-joining", help="cli.opt-group-history")
    ] = "all",
    closes: Closes = "",
) -> None:
    """Move in the council that it authorise a working group."""
    from accord.node import groups

    desk = at(context)
    by = read_level("--rule", "rule", rule, _RULES) or "silence"
    shown = read_level("--history", "history", history, _HISTORIES) or "all"
    with desk.node() as node:
        members = tuple(sorted({member_named(node, each) for each in member}))
        moved = groups.authorise(
            node, agreement, members, by, cast("History", shown), _moment(closes)
        )
        _tell(desk, node, moved)


@app.command("invite", cls=Command, help="cli.help-group-invite")
def invite(context: typer.Context, name: Id, member: Member, closes: Closes = "") -> None:
    """Move within a group that it admit a party of its agreement."""
    from accord.node import groups

    desk = at(context)
    with desk.node() as node:
        moved = groups.invite(node, name, member_named(node, member), _moment(closes))
        _tell(desk, node, moved)


@app.command("exclude", cls=Command, help="cli.help-group-exclude")
def exclude(context: typer.Context, name: Id, member: Member, closes: Closes = "") -> None:
    """Move within a group that a member no longer belongs, or that it has left."""
    from accord.node import groups

    desk = at(context)
    with desk.node() as node:
        moved = groups.exclude(node, name, member_named(node, member), _moment(closes))
        _tell(desk, node, moved)


@app.command("close", cls=Command, help="cli.help-group-close")
def close(context: typer.Context, name: Id, closes: Closes = "") -> None:
    """Move in the council that a group be closed."""
    from accord.node import groups

    desk = at(context)
    with desk.node() as node:
        _tell(desk, node, groups.close(node, name, _moment(closes)))


@app.command("join", cls=Command, help="cli.help-group-join")
def join(context: typer.Context, name: Id) -> None:
    """Say that this member joins a group that has admitted it."""
    from accord.node import groups

    desk = at(context)
    with desk.node() as node:
        groups.join(node, name)
        view = groups.group(node, name)
    desk.answer(view)
    desk.tell(say("cli.group-joined", group=view.id))


@app.command("leave", cls=Command, help="cli.help-group-leave")
def leave(
    context: typer.Context,
    name: Id,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="cli.opt-group-reason")
    ] = "",
) -> None:
    """Say that this member leaves a group: at once, and until it is admitted anew."""
    from accord.node import groups

    desk = at(context)
    with desk.node() as node:
        groups.leave(node, name, reason)
        view = groups.group(node, name)
    desk.answer(view)
    desk.tell(say("cli.group-left-now", group=view.id))


def _state(desk: Desk, view: GroupView) -> str:
    return desk.word("cli.group-closed" if view.closed else f"cli.group-{view.mine}")


def _moment(closes: str) -> datetime | None:
    return read_moment("--closes", closes) if closes else None


def _tell(desk: Desk, node: Node, moved: str) -> None:
    from accord.node import councils

    view = councils.motion(node, moved)
    desk.answer(view)
    desk.tell(say("cli.motion-moved", motion=view.sha256[:_SHORT], closes=deadline(view.closes)))
