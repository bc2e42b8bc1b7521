"""`accord quarantine`: what waits for a fact, and what was refused. Content stays unread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from accord.base.messages import Message, say
from accord.node.names import Names

from .commands import Command, group
from .desk import Desk, at
from .naming import minute_of

if TYPE_CHECKING:
    from accord.node.node import Node
    from accord.store.records import QuarantineRow, RefusalRow

app = group("cli.help-quarantine")


@app.command("list", cls=Command, help="cli.help-quarantine-list")
def list_(
    context: typer.Context,
    refused: Annotated[bool, typer.Option("--refused", help="cli.opt-refused")] = False,
    by_others: Annotated[bool, typer.Option("--by-others", help="cli.opt-by-others")] = False,
    limit: Annotated[
        int, typer.Option("--limit", metavar="NUMBER", min=1, help="cli.opt-limit")
    ] = 1000,
) -> None:
    """What waits, oldest first; or what was refused, by us or of ours by others, newest first."""
    from accord.node.waiting import list_refused, list_waiting

    desk = at(context)
    if by_others:
        _list_by_others(desk, limit)
        return
    rows: list[QuarantineRow] | list[RefusalRow]
    with desk.node() as node:
        rows = list_refused(node, limit) if refused else list_waiting(node)[:limit]
        members, names = _members(node), Names(node)
    desk.answer([_as_json(desk, row, members) for row in rows])
    if not rows:
        desk.tell(say("cli.refused-none") if refused else say("cli.quarantine-none"))
        return
    desk.table(
        ("cli.col-number", "cli.col-from", "cli.col-entry", "cli.col-when", "cli.col-why"),
        [
            (
                str(row.seq),
                names[members.get(row.ledger, "")],
                f"#{row.number}",
                minute_of(row.recorded),
                _why(desk, row.reasons),
            )
            for row in rows
        ],
    )


def _list_by_others(desk: Desk, limit: int) -> None:
    """What others told us that they did not keep, with their reasons in the reader's language."""
    from accord.node.notices import told_to_us

    with desk.node() as node:
        rows, names = told_to_us(node, limit)[:limit], Names(node)
    desk.answer(
        [
            {
                "member": row.member,
                "at": minute_of(row.at),
                "index": row.number,
                "object": row.object_id,
                "reason": desk.text(row.reason),
            }
            for row in rows
        ]
    )
    if not rows:
        desk.tell(say("cli.by-others-none"))
        return
    desk.table(
        ("cli.col-member", "cli.col-entry", "cli.col-when", "cli.col-why"),
        [
            (
                names[row.member],
                f"#{row.number}\n{row.object_id or ''}",
                minute_of(row.at),
                desk.text(row.reason),
            )
            for row in rows
        ],
    )


@app.command("show", cls=Command, help="cli.help-quarantine-show")
def show(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="cli.arg-quarantine")],
) -> None:
    """One entry that waits: its place, its size and all reasons."""
    from accord.node.waiting import show_waiting

    desk = at(context)
    with desk.node() as node:
        row = show_waiting(node, number)
        members, names = _members(node), Names(node)
    desk.answer(_as_json(desk, row, members))
    member = members.get(row.ledger, "")
    desk.details(
        [
            ("cli.col-number", str(row.seq)),
            ("cli.col-from", f"{names[member]}\n{member}"),
            ("cli.col-entry", f"#{row.number}"),
            ("cli.col-when", minute_of(row.recorded)),
            ("cli.col-bytes", str(len(row.opening))),
            ("cli.col-why", _why(desk, row.reasons)),
        ]
    )


@app.command("retry", cls=Command, help="cli.help-quarantine-retry")
def retry(
    context: typer.Context,
    number: Annotated[
        int | None, typer.Argument(metavar="NUMBER", help="cli.arg-quarantine-retry")
    ] = None,
) -> None:
    """Judge again what waits, or one of it, on what is known today."""
    from accord.node.waiting import retry_waiting

    desk = at(context)
    with desk.node() as node:
        outcome = retry_waiting(node, seq=number)
    desk.answer(outcome)
    desk.tell(
        say(
            "cli.quarantine-retried",
            kept=outcome.kept,
            refused=outcome.refused,
            held=outcome.held,
        )
    )


def _members(node: Node) -> dict[int, str]:
    return {row.id: row.member for row in node.read(lambda tx: tx.ledgers.all())}


def _why(desk: Desk, reasons: tuple[Message, ...]) -> str:
    return "\n".join(desk.text(reason) for reason in reasons)


def _as_json(
    desk: Desk, row: QuarantineRow | RefusalRow, members: dict[int, str]
) -> dict[str, object]:
    return {
        "number": row.seq,
        "member": members.get(row.ledger, ""),
        "index": row.number,
        "recorded": minute_of(row.recorded),
        "why": [desk.text(reason) for reason in row.reasons],
        "keys": [reason.key for reason in row.reasons],
    }
