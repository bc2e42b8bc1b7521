"""`accord audit`: the record of transfers verified, counted, exported and judged again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.base.errors import InputError, MachineFault
from accord.base.messages import say
from accord.node.names import Names, agreement_names

from .commands import Command
from .desk import Desk, at
from .inputs import STDIN

if TYPE_CHECKING:
    from accord.ledger.record import Head
    from accord.node.auditing import Count, Difference
    from accord.node.node import Node

_MOST = 1000  # differences that are shown

Export = Annotated[str, typer.Option("--export", metavar="FILE", help="cli.opt-audit-export")]
Check = Annotated[str, typer.Option("--check", metavar="FILE", help="cli.opt-audit-check")]
Judge = Annotated[bool, typer.Option("--judge", help="cli.opt-audit-judge")]
Noted = Annotated[str, typer.Option("--noted", metavar="HEAD", help="cli.opt-audit-noted")]


def register(app: typer.Typer) -> None:
    """Put the command of this file into `app`."""
    app.command("audit", cls=Command, help="cli.help-audit")(audit)


def audit(
    context: typer.Context,
    export: Export = "",
    check: Check = "",
    judge: Judge = False,
    noted: Noted = "",
) -> None:
    """Verify the record and count it; or export it, check an export, judge every line again."""
    from accord.ledger.record import Head

    desk = at(context)
    before = Head.parse(noted) if noted else None
    if check:
        _check(desk, check, before)
        return
    from accord.node.auditing import count_record, differences, verify_record

    with desk.node() as node:
        head = verify_record(node, before)
        if export:
            _export(node, export)
        found = list(differences(node, limit=_MOST)) if judge else []
        counts = count_record(node)
        names, titles = Names(node), agreement_names(node)
    if export == STDIN:
        return
    answer = {"lines": head.lines, "head": str(head), "counts": counts}
    desk.answer({**answer, "differences": [_as_json(desk, each) for each in found]})
    _tell(desk, head)
    _show_counts(desk, counts, names, titles)
    if judge:
        _show_differences(desk, found)


def _check(desk: Desk, file: str, noted: Head | None) -> None:
    from accord.ledger.record import check_lines

    try:
        with Path(file).open("rb") as lines:
            head = check_lines(lines, noted)
    except OSError as error:
        problem = error.strerror or str(error)
        raise InputError("cli.file-unreadable", file=file, problem=problem) from None
    desk.answer({"lines": head.lines, "head": str(head)})
    _tell(desk, head)


def _tell(desk: Desk, head: Head) -> None:
    desk.tell(say("cli.audit-holds", count=head.lines))
    desk.tell(say("cli.audit-head", head=str(head)))


def _export(node: Node, path: str) -> None:
    from accord.node.auditing import export_record

    if path == STDIN:
        sys.stdout.buffer.writelines(export_record(node))
        return
    try:
        with Path(path).open("wb") as file:
            file.writelines(export_record(node))
    except OSError as error:
        problem = error.strerror or str(error)
        raise MachineFault("cli.file-unwritable", file=path, problem=problem) from None


def _show_counts(desk: Desk, counts: list[Count], names: Names, titles: dict[str, str]) -> None:
    if not counts:
        return
    desk.line_break()
    desk.table(
        ("cli.col-month", "cli.col-way", "cli.col-agreement", "cli.col-area", "cli.col-lines"),
        [
            (
                row.month,
                f"{desk.word(f'cli.direction-{row.direction}')} {names[row.peer]}",
                titles.get(row.agreement, row.agreement) or "–",
                row.area or "–",
                str(row.lines),
            )
            for row in counts
        ],
    )


def _show_differences(desk: Desk, found: list[Difference]) -> None:
    desk.line_break()
    if not found:
        desk.tell(say("cli.audit-same"))
        return
    desk.table(
        ("cli.col-number", "cli.col-recorded", "cli.col-known-then", "cli.col-known-now"),
        [
            (
                str(row.seq),
                _word(desk, row.recorded),
                _word(desk, row.then),
                "\n".join([_word(desk, row.now), *(desk.text(each) for each in row.why)]),
            )
            for row in found
        ],
    )


def _word(desk: Desk, allowed: bool) -> str:
    return desk.word("cli.yes") if allowed else desk.word("cli.no")


def _as_json(desk: Desk, row: Difference) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "recorded": row.recorded,
        "then": row.then,
        "now": row.now,
        "why": [desk.text(each) for each in row.why],
    }
