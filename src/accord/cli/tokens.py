"""`accord token`: who may ask this node for what."""

from __future__ import annotations

from typing import Annotated

import typer

from accord.base.messages import say

from .commands import Command, group
from .desk import at
from .naming import minute_of

app = group("cli.help-token")


@app.command("add", cls=Command, help="cli.help-token-add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="cli.arg-token")],
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="cli.opt-role")],
    tlp: Annotated[
        str, typer.Option("--tlp", metavar="LEVEL", help="cli.opt-token-tlp")
    ] = "amber+strict",
    agreement: Annotated[
        list[str] | None,
        typer.Option("--agreement", metavar="ID", help="cli.opt-token-agreement"),
    ] = None,
    circle: Annotated[
        list[str] | None, typer.Option("--circle", metavar="GROUP", help="cli.opt-token-circle")
    ] = None,
    owner: Annotated[
        str, typer.Option("--owner", metavar="ACCOUNT", help="cli.opt-token-owner")
    ] = "",
) -> None:
    """Make a token; its secret is shown this once."""
    from accord.node.groups import group as group_named
    from accord.node.tokens import add_token

    desk = at(context)
    with desk.node() as node:
        level = tlp.lower().removeprefix("tlp:")
        circles = tuple(group_named(node, each).id for each in circle or ())
        made = add_token(
            node,
            name,
            role=role,
            tlp=level,
            agreements=tuple(agreement) if agreement else None,
            owner=owner or None,
            circles=circles,
        )
    desk.answer(made)
    desk.tell(say("cli.token-made", name=made.name, role=made.role, tlp=made.tlp))
    desk.quote(f"  {made.token}")
    desk.tell(say("cli.token-keep"))


@app.command("list", cls=Command, help="cli.help-token-list")
def list_(context: typer.Context) -> None:
    """Every token ever made, revoked ones included."""
    from accord.node.tokens import list_tokens

    desk = at(context)
    with desk.node() as node:
        rows = list_tokens(node)
    desk.answer(
        [
            {
                "name": row.name,
                "role": row.role,
                "tlp": row.tlp,
                "agreements": row.agreements,
                "circles": row.circles or (),
                "owner": row.owner,
                "created": minute_of(row.created),
                "revoked": None if row.revoked is None else minute_of(row.revoked),
            }
            for row in rows
        ]
    )
    if not rows:
        desk.tell(say("cli.token-none"))
        return
    desk.table(
        ("cli.col-name", "cli.col-role", "cli.col-tlp", "cli.col-owner", "cli.col-created",
         "cli.col-revoked"),
        [
            (row.name, row.role, row.tlp, row.owner or "–", minute_of(row.created),
             minute_of(row.revoked))
            for row in rows
        ],
    )  # fmt: skip


@app.command("revoke", cls=Command, help="cli.help-token-revoke")
def revoke(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="cli.arg-token")],
) -> None:
    """From the next request on, the token opens nothing."""
    from accord.node.tokens import revoke_token

    desk = at(context)
    with desk.node() as node:
        revoke_token(node, name)
    desk.answer({"name": name, "revoked": True})
    desk.tell(say("cli.token-revoked", name=name))
