"""`accord ledger verify`: our own ledger and those we follow, from the stored bytes up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.base.messages import say
from accord.node.names import Names

from .commands import Command, group
from .desk import Desk, at
from .exits import OK, REFUSED

if TYPE_CHECKING:
    from accord.node.verifying import Verified

app = group("cli.help-ledger")


@app.callback()
def ledger() -> None:
    """Keeps `verify` a command of its own."""


@app.command("verify", cls=Command, help="cli.help-ledger-verify")
def verify(
    context: typer.Context,
    member: Annotated[
        str | None, typer.Argument(metavar="MEMBER", help="cli.arg-verify-member")
    ] = None,
) -> int:
    """Verify all ledgers, or one member's. 1 if something does not hold."""
    from accord.node.verifying import verify_ledgers

    desk = at(context)
    with desk.node() as node:
        rows = node.read(lambda tx: tx.ledgers.all())
        total = sum(row.size for row in rows) if member is None else None
        with desk.progress("cli.progress-verify", total) as progress:
            found = verify_ledgers(node, member, progress)
        names = Names(node)
    desk.answer([_as_json(desk, each) for each in found])
    _show(desk, found, names)
    for each in found:
        for fault in each.faults:
            desk.tell(fault)
    faults = sum(len(each.faults) for each in found)
    desk.tell(say("cli.verify-fails", count=faults) if faults else say("cli.verify-holds"))
    return REFUSED if faults else OK


def _show(desk: Desk, found: list[Verified], names: Names) -> None:
    desk.table(
        (
            "cli.col-ledger-of",
            "cli.col-entries",
            "cli.col-openings",
            "cli.col-witnesses",
            "cli.col-holds",
        ),
        [
            (
                names[each.member],
                str(each.size),
                str(each.openings),
                names.all(each.witnesses) or "–",
                desk.word("cli.no") if each.faults else desk.word("cli.yes"),
            )
            for each in found
        ],
    )


def _as_json(desk: Desk, each: Verified) -> dict[str, Any]:
    return {
        "member": each.member,
        "origin": each.origin,
        "own": each.own,
        "size": each.size,
        "openings": each.openings,
        "witnesses": each.witnesses,
        "holds": not each.faults,
        "faults": [desk.text(fault) for fault in each.faults],
    }
