"""`accord release preview`: who would see what, and why, before anything leaves."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.base.messages import say
from accord.node.names import Names

from .commands import Command, group
from .desk import Desk, at
from .exits import OK, REFUSED
from .inputs import read_objects
from .orders import (
    Agreement,
    Approvals,
    Area,
    Codes,
    Exercise,
    Expires,
    ForGroup,
    Grade,
    Incident,
    Named,
    PapLevel,
    Purpose,
    Restriction,
    RetainUntil,
    Reviewers,
    ReviewText,
    TlpLevel,
    To,
    Wanted,
    order_to_publish,
    wanted_by,
)

if TYPE_CHECKING:
    from accord.node.publish import Judged
    from accord.rules.preview import Row

app = group("cli.help-release")

_FEW = 20  # objects that are listed one by one, unless all are asked for


@app.callback()
def release() -> None:
    """Keeps `preview` a command of its own."""


@app.command("preview", cls=Command, help="cli.help-release-preview")
def preview(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="cli.arg-files")],
    agreement: Agreement = "",
    tlp: TlpLevel = "",
    pap: PapLevel = "",
    area: Area = "",
    purpose: Purpose = "",
    to: To = None,
    for_group: ForGroup = "",
    named: Named = None,
    expires: Expires = "",
    exercise: Exercise = False,
    retain_until: RetainUntil = "",
    approvals: Approvals = None,
    incident: Incident = "",
    codes: Codes = None,
    restriction: Restriction = "",
    grade: Grade = "",
    review: ReviewText = "",
    reviewers: Reviewers = None,
    every: Annotated[bool, typer.Option("--all", help="cli.opt-all")] = False,
) -> int:
    """Judge every object for every recipient. 1 if the set could not be published."""
    return _preview(at(context), files, wanted_by(context.params), every=every)


def _preview(desk: Desk, files: list[str], wanted: Wanted, *, every: bool) -> int:
    from accord.node.publish import NotReleasable, preview_release, refuse_withheld

    with desk.node() as node:
        order = order_to_publish(node, wanted)
        judged = preview_release(node, read_objects(files, node.limits), order)
        names = Names(node)
    try:
        refuse_withheld(judged)
        withheld = 0
    except NotReleasable as refusal:
        withheld = len(refusal.withheld)
    desk.answer(_as_json(desk, judged, withheld))
    if not desk.as_json:
        _show(desk, judged, names, every=every)
        _conclude(desk, judged, withheld)
    return REFUSED if withheld else OK


def why(desk: Desk, row: Row) -> list[str]:
    """In the reader's language: the reasons of a no, and what the references add."""
    reasons = [desk.text(reason.message) for reason in row.verdict.reasons]
    return reasons + [desk.text(finding.message) for finding in row.findings]


def _show(desk: Desk, judged: Judged, names: Names, *, every: bool) -> None:
    if every or len(judged.prepared) <= _FEW:
        desk.table(
            ("cli.col-recipient", "cli.col-released", "cli.col-object-why"),
            [
                (names[member], _yes_no(desk, row), "\n".join([row.object_id, *why(desk, row)]))
                for member, rows in judged.rows.items()
                for row in rows
            ],
        )
        return
    desk.table(
        ("cli.col-recipient", "cli.col-released", "cli.col-withheld", "cli.col-why"),
        [_summary(desk, names[member], rows) for member, rows in judged.rows.items()],
    )
    desk.tell(say("cli.preview-all", count=len(judged.prepared)))


def _summary(desk: Desk, name: str, rows: tuple[Row, ...]) -> tuple[str, str, str, str]:
    """One recipient of many objects: how many, and the most frequent reasons."""
    released = sum(row.released for row in rows)
    keys: Counter[str] = Counter()
    example: dict[str, str] = {}
    for row in rows:
        messages = [reason.message for reason in row.verdict.reasons]
        for message in messages + [finding.message for finding in row.findings]:
            keys[message.key] += 1
            example.setdefault(message.key, desk.text(message))
    said = [f"{count} × {example[key]}" for key, count in keys.most_common(5)]
    return name, str(released), str(len(rows) - released), "\n".join(said)


def _yes_no(desk: Desk, row: Row) -> str:
    return desk.word("cli.yes") if row.released else desk.word("cli.no")


def _conclude(desk: Desk, judged: Judged, withheld: int) -> None:
    for warning in judged.warnings[:_FEW]:
        desk.tell(warning.message)
    if withheld:
        desk.tell(say("cli.preview-withheld", count=withheld))
    else:
        desk.tell(say("cli.preview-fine", count=len(judged.prepared)))


def _as_json(desk: Desk, judged: Judged, withheld: int) -> dict[str, Any]:
    return {
        "objects": len(judged.prepared),
        "withheld_from_all": withheld,
        "facts": judged.facts.seq,
        "rows": [
            {
                "recipient": member,
                "object": row.object_id,
                "released": row.released,
                "why": why(desk, row),
                "keys": [reason.message.key for reason in row.verdict.reasons],
                "references": [
                    {"path": each.path, "target": each.target, "blocks": each.blocks}
                    for each in row.findings
                ],
            }
            for member, rows in judged.rows.items()
            for row in rows
        ],
        "warnings": [desk.text(warning.message) for warning in judged.warnings],
    }
