"""`accord draft`: what waits for a releaser before it may be published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from accord.base.clock import format_time
from accord.base.messages import say
from accord.node.names import Names

from .commands import Command, group
from .desk import Desk, at
from .naming import member_named, minute, read_moment
from .orders import Named, Purpose, RetainUntil, To, holder_of
from .publishing import conclude

if TYPE_CHECKING:
    from accord.node.drafts import Draft

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
            ("cli.col-why", "\n".join(desk.text(reason) for reason in found.reasons)),
        ]
    )
    for raw in found.objects:
        desk.line_break()
        desk.quote(msgspec.json.format(raw, indent=2).decode())


@app.command("release", cls=Command, help="cli.help-draft-release")
def release(
    context: typer.Context,
    draft: Id,
    by: By,
    named: Named = None,
    to: To = None,
    purpose: Purpose = "",
    retain_until: RetainUntil = "",
) -> None:
    """Publish a draft. The token is a releaser's, and not its author's."""
    from accord.node.drafts import release_draft

    desk = at(context)
    with desk.node() as node:
        done = release_draft(
            node,
            draft,
            holder_of(node, by),
            named=tuple(named or ()),
            audience=tuple(sorted({member_named(node, name) for name in to or ()})),
            purpose=purpose or None,
            retain_until=read_moment("--retain-until", retain_until) if retain_until else None,
        )
        names = Names(node)
    conclude(desk, done, names)


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
        "author": draft.author,
        "created": format_time(draft.created),
        "objects": len(draft.objects),
        "why": [desk.text(reason) for reason in draft.reasons],
    }
