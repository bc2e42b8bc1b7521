"""`accord publish`: objects into our ledger, under an agreement, for whom it entitles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from accord.base.messages import say
from accord.node.names import Names

from .commands import Command
from .desk import Desk, at
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
    Urgent,
    Wanted,
    order_to_publish,
    wanted_by,
)

if TYPE_CHECKING:
    from accord.node.publish import Publication

_MOST_WARNINGS = 20


def register(app: typer.Typer) -> None:
    """Put the command of this file into `app`."""
    app.command("publish", cls=Command, help="cli.help-publish")(publish)


def publish(
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
    urgent: Urgent = False,
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
) -> None:
    """Publish every object of these files; all are checked and judged before the first."""
    _publish(at(context), files, wanted_by(context.params))


def _publish(desk: Desk, files: list[str], wanted: Wanted) -> None:
    from accord.node import publish as publishing

    with desk.node() as node:
        raws = read_objects(files, node.limits)
        order = order_to_publish(node, wanted)
        with desk.progress("cli.progress-publish", len(raws)) as progress:
            done = publishing.publish(node, raws, order, progress)
        names = Names(node)
    conclude(desk, done, names)


def conclude(desk: Desk, done: Publication, names: Names) -> None:
    """Tell what was published, and who is granted how much."""
    desk.answer(
        {
            "published": done.published,
            "already": done.already,
            "granted": done.granted,
            "entries": done.numbers,
            "warnings": [desk.text(warning.message) for warning in done.warnings],
        }
    )
    for warning in done.warnings[:_MOST_WARNINGS]:
        desk.tell(warning.message)
    if len(done.warnings) > _MOST_WARNINGS:
        desk.tell(say("cli.more", count=len(done.warnings) - _MOST_WARNINGS))
    desk.tell(say("cli.published", count=done.published))
    if done.already:
        desk.tell(say("cli.published-before", count=done.already))
    for member, count in done.granted.items():
        desk.tell(say("cli.granted", member=names[member], count=count))
