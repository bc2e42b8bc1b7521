"""`accord draft`: what waits for a releaser before it may be published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from accord.base.clock import format_time
from accord.base.errors import InputError
from accord.base.messages import say
from accord.node.names import Names

from .commands import Command, group
from .desk import Desk, at
from .inputs import read_objects
from .naming import member_named, minute, read_moment
from .orders import (
    Agreement,
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
    ReviewText,
    TlpLevel,
    To,
    Urgent,
    evaluation_of,
    holder_of,
    order_to_publish,
    wanted_by,
)
from .publishing import conclude

if TYPE_CHECKING:
    from accord.node.drafts import Draft
    from accord.node.node import Node

app = group("cli.help-draft")

Id = Annotated[str, typer.Argument(metavar="DRAFT", help="cli.arg-draft")]
By = Annotated[str, typer.Option("--by", metavar="TOKEN", help="cli.opt-by")]


@app.command("list", cls=Command, help="cli.help-draft-list")
def list_(context: typer.Context) -> None:
    """Every draft that waits, oldest first."""
    from accord.node.drafts import list_drafts

    desk = at(context)
    with desk.node() as node:
        drafts = list_drafts(node)
    desk.answer([_as_json(desk, draft) for draft in drafts])
    if not drafts:
        desk.tell(say("cli.draft-none"))
        return
    desk.table(
        ("cli.col-draft", "cli.col-author", "cli.col-created", "cli.col-objects", "cli.col-why"),
        [
            (
                draft.id,
                draft.author,
                minute(draft.created),
                str(len(draft.objects)),
                "\n".join(desk.text(reason) for reason in draft.reasons),
            )
            for draft in drafts
        ],
    )


@app.command("show", cls=Command, help="cli.help-draft-show")
def show(context: typer.Context, draft: Id) -> None:
    """One draft, with its objects: a releaser reads them before deciding."""
    from accord.node.drafts import show_draft

    desk = at(context)
    with desk.node() as node:
        found = show_draft(node, draft)
    objects = [msgspec.Raw(raw) for raw in found.objects]
    desk.answer({**_as_json(desk, found), "content": objects})
    desk.details(
        [
            ("cli.col-draft", found.id),
            ("cli.col-author", found.author),
            ("cli.col-created", minute(found.created)),
            ("cli.col-agreement", found.agreement),
            *([("cli.col-group", found.order.group)] if found.order.group else []),
            ("cli.col-why", "\n".join(desk.text(reason) for reason in found.reasons)),
        ]
    )
    for raw in found.objects:
        desk.line_break()
        desk.quote(msgspec.json.format(raw, indent=2).decode())


@app.command("make", cls=Command, help="cli.help-draft-make")
def make(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="cli.arg-files")],
    by: Annotated[str, typer.Option("--by", metavar="TOKEN", help="cli.opt-draft-by")],
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
    incident: Incident = "",
    codes: Codes = None,
    restriction: Restriction = "",
    grade: Grade = "",
    review: ReviewText = "",
) -> None:
    """Hand objects to the releasers, with the handling that their author wants."""
    from accord.node.drafts import make_draft

    desk = at(context)
    with desk.node() as node:
        order = order_to_publish(node, wanted_by(context.params), draft=True)
        found = make_draft(node, holder_of(node, by), read_objects(files, node.limits), order)
    tell_draft(desk, found)


def tell_draft(desk: Desk, found: Draft) -> None:
    """A draft that was made just now, and why it waits."""
    desk.answer(_as_json(desk, found))
    desk.tell(say("cli.draft-made", draft=found.id, count=len(found.objects)))
    for reason in found.reasons:
        desk.tell(reason)


@app.command("release", cls=Command, help="cli.help-draft-release")
def release(
    context: typer.Context,
    draft: Id,
    by: By,
    second: Annotated[
        str, typer.Option("--second", metavar="TOKEN", help="cli.opt-draft-second")
    ] = "",
    named: Named = None,
    to: To = None,
    purpose: Purpose = "",
    retain_until: RetainUntil = "",
    incident: Incident = "",
    codes: Codes = None,
    restriction: Restriction = "",
    grade: Grade = "",
    review: ReviewText = "",
) -> None:
    """Publish a draft. The token is a releaser's, and not its author's."""
    from accord.node.drafts import Addition, release_draft

    desk = at(context)
    added = Addition(
        named=tuple(named or ()),
        purpose=purpose or None,
        retain_until=read_moment("--retain-until", retain_until) if retain_until else None,
        incident=incident or None,
        codes=tuple(codes or ()),
        restriction=restriction or None,
        evaluation=evaluation_of(grade),
        review=review,
    )
    with desk.node() as node:
        added = msgspec.structs.replace(added, audience=_audience(node, draft, to or ()))
        other = holder_of(node, second) if second else None
        done = release_draft(node, draft, holder_of(node, by), added, second=other)
        names = Names(node)
    conclude(desk, done, names)


def _audience(node: Node, draft: str, to: Sequence[str]) -> tuple[str, ...]:
    """The members by name; what is for a working group goes to nobody else."""
    from accord.node.drafts import show_draft

    if to and show_draft(node, draft).order.group is not None:
        raise InputError("cli.group-and-to")
    return tuple(sorted({member_named(node, name) for name in to}))


@app.command("discard", cls=Command, help="cli.help-draft-discard")
def discard(context: typer.Context, draft: Id, by: By) -> None:
    """Drop a draft; its author may, and any releaser."""
    from accord.node.drafts import discard_draft

    desk = at(context)
    with desk.node() as node:
        discard_draft(node, draft, holder_of(node, by))
    desk.answer({"draft": draft, "discarded": True})
    desk.tell(say("cli.draft-discarded", draft=draft))


def _as_json(desk: Desk, draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "agreement": draft.agreement,
        "group": draft.order.group,
        "author": draft.author,
        "created": format_time(draft.created),
        "objects": len(draft.objects),
        "why": [desk.text(reason) for reason in draft.reasons],
    }
