"""`accord source`: collections of other TAXII servers, from which this node takes objects."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.base.errors import InputError
from accord.base.messages import say

from .commands import Command, group
from .desk import Desk, at
from .exits import OK, PEER
from .naming import minute_of

if TYPE_CHECKING:
    from accord.node.node import Node
    from accord.node.sources import Secret
    from accord.store.records import SourceRow
    from accord.taxii.client import Collection
    from accord.taxii.rounds import Round

app = group("cli.help-source")

_PRIVATE = "private"

Name = Annotated[str, typer.Argument(metavar="NAME", help="cli.arg-source")]


@app.command("add", cls=Command, help="cli.help-source-add")
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="cli.arg-source-url")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="cli.opt-source-name")] = "",
    into: Annotated[
        str, typer.Option("--into", metavar="private|AGREEMENT", help="cli.opt-source-into")
    ] = _PRIVATE,
    every: Annotated[
        int, typer.Option("--every", metavar="MINUTES", help="cli.opt-source-every")
    ] = 60,
    user: Annotated[str, typer.Option("--user", metavar="USER", help="cli.opt-source-user")] = "",
    password_env: Annotated[
        str, typer.Option("--password-env", metavar="VARIABLE", help="cli.opt-password-env")
    ] = "",
    token_env: Annotated[
        str, typer.Option("--token-env", metavar="VARIABLE", help="cli.opt-token-env")
    ] = "",
) -> None:
    """Ask the collection what it is, and take from it from now on."""
    from accord.node.sources import add_source

    desk = at(context)
    secret = _secret(user, password_env, token_env)
    with desk.node() as node:
        found = asyncio.run(_look(node, url, secret))
        row = add_source(
            node,
            url,
            name=name,
            agreement=None if into == _PRIVATE else into,
            minutes=every,
            secret=secret,
        )
    desk.answer({**_as_json(desk, row), "collection": found.id, "title": found.title})
    desk.tell(say("cli.source-added", name=row.name, title=found.title or found.id))
    if row.agreement is None:
        desk.tell(say("cli.source-into-private"))
    else:
        desk.tell(say("cli.source-into-drafts", agreement=row.agreement))


@app.command("list", cls=Command, help="cli.help-source-list")
def list_(context: typer.Context) -> None:
    """Every source: where it goes, when it was last read, what came, what was wrong."""
    from accord.node.sources import list_sources

    desk = at(context)
    with desk.node() as node:
        rows = list_sources(node)
    desk.answer([_as_json(desk, row) for row in rows])
    if not rows:
        desk.tell(say("cli.source-none"))
        return
    desk.table(
        (
            "cli.col-name",
            "cli.col-into",
            "cli.col-every",
            "cli.col-contact",
            "cli.col-objects",
            "cli.col-invalid",
            "cli.col-fault",
        ),
        [
            (
                row.name,
                row.agreement or _PRIVATE,
                str(row.minutes),
                minute_of(row.last_contact),
                str(row.objects),
                str(row.invalid),
                desk.text(row.last_fault) if row.last_fault is not None else "–",
            )
            for row in rows
        ],
    )


@app.command("sync", cls=Command, help="cli.help-source-sync")
def sync(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="cli.arg-source-or-all")
    ] = None,
) -> int:
    """Take now what one source or all of them have for us. 4 if one is at fault."""
    from accord.node.sources import find_source, list_sources
    from accord.taxii.rounds import take_round

    desk = at(context)
    with desk.node() as node:
        rows = list_sources(node) if name is None else [find_source(node, name)]
        done = [asyncio.run(take_round(node, row)) for row in rows]
    desk.answer([_round_json(desk, each) for each in done])
    for each in done:
        _tell_round(desk, each)
    if not done:
        desk.tell(say("cli.source-none"))
    return PEER if any(each.fault is not None for each in done) else OK


@app.command("remove", cls=Command, help="cli.help-source-remove")
def remove(context: typer.Context, name: Name) -> None:
    """Take nothing more from it. What it gave stays, with where it came from."""
    from accord.node.sources import remove_source

    desk = at(context)
    with desk.node() as node:
        row = remove_source(node, name)
    desk.answer({"name": row.name, "url": row.url, "removed": True})
    desk.tell(say("cli.source-removed", name=row.name))


async def _look(node: Node, url: str, secret: Secret | None) -> Collection:
    """What the collection says of itself. Raises `SourceFault`, also where we may not read it."""
    from accord.node.sources import collection_url
    from accord.taxii.client import HttpSourceClient, SourceFault

    client = HttpSourceClient(collection_url(url), node.limits, secret)
    try:
        found = await client.collection()
    finally:
        await client.close()
    if not found.can_read:
        raise SourceFault("cli.source-unreadable", title=found.title or found.id)
    return found


def _secret(user: str, password_env: str, token_env: str) -> Secret | None:
    """With what to sign in. Secrets come from the environment: a command line is seen by others."""
    from accord.node.sources import Secret

    if token_env and (user or password_env):
        raise InputError("cli.source-two-secrets")
    if bool(user) != bool(password_env):
        raise InputError("cli.source-half-secret")
    if token_env:
        token = _from_environment("--token-env", token_env)
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise InputError("cli.source-token-form", variable=token_env)
        return Secret(token=token)
    if not user:
        return None
    if ":" in user:  # RFC 7617 section 2
        raise InputError("cli.source-user-form", found=user[:60])
    return Secret(user=user, password=_from_environment("--password-env", password_env))


def _from_environment(option: str, variable: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise InputError("cli.source-variable", option=option, variable=variable[:60])
    return value


def _tell_round(desk: Desk, done: Round) -> None:
    taken = done.taken
    if done.fault is None or taken.given:
        desk.tell(
            say(
                "cli.source-synced",
                name=done.source.name,
                new=taken.new,
                known=taken.known + taken.others,
                invalid=taken.invalid,
            )
        )
    if taken.drafted or taken.withheld:
        desk.tell(say("cli.source-drafted", drafted=taken.drafted, withheld=taken.withheld))
    for fault in taken.faults:
        desk.quote(f"  {desk.text(fault)}")
    if done.fault is not None:
        desk.tell(say("cli.source-sync-failed", name=done.source.name))
        desk.tell(done.fault.message)


def _round_json(desk: Desk, done: Round) -> dict[str, Any]:
    taken = done.taken
    return {
        "name": done.source.name,
        "pages": taken.pages,
        "given": taken.given,
        "new": taken.new,
        "known": taken.known,
        "others": taken.others,
        "invalid": taken.invalid,
        "drafted": taken.drafted,
        "withheld": taken.withheld,
        "faults": [desk.text(fault) for fault in taken.faults],
        "fault": None if done.fault is None else desk.text(done.fault.message),
    }


def _as_json(desk: Desk, row: SourceRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "url": row.url,
        "into": row.agreement or _PRIVATE,
        "minutes": row.minutes,
        "objects": row.objects,
        "invalid": row.invalid,
        "last_date_added": row.last or None,
        "last_contact": None if row.last_contact is None else minute_of(row.last_contact),
        "last_fault": None if row.last_fault is None else desk.text(row.last_fault),
        "fault_at": None if row.fault_at is None else minute_of(row.fault_at),
    }
