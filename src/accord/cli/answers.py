"""`accord answer` and `accord answers`: what is said of an object, by us and by others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, cast

import msgspec
import typer

from accord.base.clock import format_time
from accord.base.errors import InputError
from accord.base.messages import say
from accord.node.names import Names

from .commands import Command, group
from .desk import Desk, at
from .drafts import tell_draft
from .inputs import read_objects
from .naming import member_named, minute, read_moment
from .orders import (
    Approvals,
    Exercise,
    Grade,
    Named,
    RetainUntil,
    Reviewers,
    ReviewText,
    TlpLevel,
    To,
    Urgent,
    holder_of,
    order_of,
    wanted_by,
)
from .publishing import conclude

if TYPE_CHECKING:
    from accord.node.answers import Answer
    from accord.node.node import Node
    from accord.node.prepare import Order
    from accord.node.publish import Publication
    from accord.node.replying import Reply

app = group("cli.help-answers")

_KINDS = ("sighting", "opinion", "note", "correction")
_OPINIONS = ("strongly-disagree", "disagree", "neutral", "agree", "strongly-agree")

Under = Annotated[str, typer.Option("--agreement", metavar="ID", help="cli.opt-answer-agreement")]
Moment = Annotated[str, typer.Option(metavar="TIME", help="cli.opt-seen")]
ObjectId = Annotated[str, typer.Argument(metavar="OBJECT-ID", help="cli.arg-object")]
Seen = Annotated[bool, typer.Option("--sighting", help="cli.opt-sighting")]
Count = Annotated[int | None, typer.Option("--count", metavar="N", min=0, help="cli.opt-count")]
View = Annotated[str, typer.Option("--opinion", metavar="OPINION", help="cli.opt-opinion")]
Explained = Annotated[
    str, typer.Option("--explanation", metavar="TEXT", help="cli.opt-explanation")
]
NoteText = Annotated[str, typer.Option("--note", metavar="TEXT", help="cli.opt-note")]
File = Annotated[str, typer.Option("--correction", metavar="FILE", help="cli.opt-correction")]
ToAuthor = Annotated[bool, typer.Option("--to-author", help="cli.opt-to-author")]


def register(top: typer.Typer) -> None:
    """Put the command that answers into `top`."""
    top.command("answer", cls=Command, help="cli.help-answer")(answer)


def answer(
    context: typer.Context,
    object_id: ObjectId,
    sighting: Seen = False,
    count: Count = None,
    first_seen: Moment = "",
    last_seen: Moment = "",
    opinion: View = "",
    explanation: Explained = "",
    note: NoteText = "",
    correction: File = "",
    to_author: ToAuthor = False,
    agreement: Under = "",
    tlp: TlpLevel = "",
    named: Named = None,
    exercise: Exercise = False,
    retain_until: RetainUntil = "",
    approvals: Approvals = None,
    grade: Grade = "",
    review: ReviewText = "",
    reviewers: Reviewers = None,
) -> None:
    """Say something about an object that another member gave, or propose another version of it."""
    desk = at(context)
    options = context.params
    if sum(map(bool, (sighting, opinion, note, correction))) != 1:
        raise InputError("cli.answer-which")
    with desk.node() as node:
        order = order_of(node, wanted_by(options))
        done = (
            _correct(node, object_id, correction, order)
            if correction
            else _reply(node, object_id, _said(options), order, to_author=to_author)
        )
        names = Names(node)
    conclude(desk, done, names)


def _correct(node: Node, object_id: str, file: str, order: Order) -> Publication:
    from accord.node.replying import propose_correction

    raws = read_objects([file], node.limits)
    if len(raws) != 1:
        raise InputError("cli.correction-one", found=len(raws))
    return propose_correction(node, object_id, raws[0], order)


def _reply(
    node: Node, object_id: str, said: Reply, order: Order, *, to_author: bool
) -> Publication:
    from accord.node.replying import answer_object

    return answer_object(node, object_id, said, order, to_author=to_author)


def _said(options: dict[str, Any]) -> Reply:
    from accord.node.replying import Note, Opinion, Sighting

    if options["note"]:
        return Note(options["note"])
    if opinion := options["opinion"]:
        if opinion not in _OPINIONS:
            allowed = ", ".join(_OPINIONS)
            raise InputError("cli.level", option="--opinion", found=opinion[:60], allowed=allowed)
        return Opinion(opinion, options["explanation"])
    first, last = options["first_seen"], options["last_seen"]
    return Sighting(
        count=options["count"],
        first_seen=read_moment("--first-seen", first) if first else None,
        last_seen=read_moment("--last-seen", last) if last else None,
    )


@app.command("list", cls=Command, help="cli.help-answers-list")
def list_(
    context: typer.Context,
    object_id: Annotated[
        str | None, typer.Argument(metavar="OBJECT-ID", help="cli.arg-answers-object")
    ] = None,
) -> None:
    """What others answered to our objects, newest first; or all that is known of one object."""
    from accord.node.answers import answers_to, answers_to_ours

    desk = at(context)
    with desk.node() as node:
        found = answers_to_ours(node) if object_id is None else answers_to(node, object_id)
        names = Names(node)
    desk.answer([_as_json(each) for each in found])
    if not found:
        desk.tell(say("cli.answers-none"))
        return
    show_answers(desk, found, names, objects=object_id is None)


@app.command("accept", cls=Command, help="cli.help-answers-accept")
def accept(
    context: typer.Context,
    correction: Annotated[str, typer.Argument(metavar="MEMBER#NUMBER", help="cli.arg-correction")],
    by: Annotated[str, typer.Option("--by", metavar="TOKEN", help="cli.opt-draft-by")] = "",
    at_once: Annotated[bool, typer.Option("--publish", help="cli.opt-accept-publish")] = False,
    to: To = None,
    tlp: TlpLevel = "",
    named: Named = None,
    urgent: Urgent = False,
    retain_until: RetainUntil = "",
    approvals: Approvals = None,
    grade: Grade = "",
    review: ReviewText = "",
    reviewers: Reviewers = None,
) -> None:
    """Another's correction as our own new version of our object: a draft of it, or published."""
    from accord.node.replying import accept_correction, draft_correction

    desk = at(context)
    member, _, number = correction.rpartition("#")
    if not member or not number.isascii() or not number.isdecimal():
        raise InputError("cli.correction-place", found=correction[:80])
    if not by and not at_once:
        raise InputError("cli.usage-missing", name="--by")
    with desk.node() as node:
        order = order_of(node, wanted_by({"agreement": "", **context.params}), draft=not at_once)
        place = (member_named(node, member), int(number[:16]))
        if not at_once:
            tell_draft(desk, draft_correction(node, holder_of(node, by), *place, order))
            return
        done = accept_correction(node, *place, order)
        names = Names(node)
    conclude(desk, done, names)


def show_answers(desk: Desk, found: Sequence[Answer], names: Names, *, objects: bool) -> None:
    """A row for each answer, and below how much of what that is; `objects`: each names its own."""
    from accord.node.answers import counted

    headings = ["cli.col-from", "cli.col-entry", "cli.col-kind", "cli.col-said", "cli.col-when"]
    rows = [
        [
            names[each.author],
            f"{names[each.author]}#{each.number}",
            _kind(desk, each),
            _words(desk, each),
            minute(each.issued),
        ]
        for each in found
    ]
    if objects:
        headings.append("cli.col-object")
        rows = [[*row, each.object_id] for row, each in zip(rows, found, strict=True)]
    desk.table(headings, rows)
    parts = [f"{_word(desk, name)} {count}" for name, count in counted(found).items()]
    desk.quote(" · ".join(parts))


def _kind(desk: Desk, each: Answer) -> str:
    kind = desk.word(f"cli.answer-{each.kind}")
    if each.status == "actual":
        return kind
    return f"{kind} ({desk.word(f'cli.status-{each.status}')})"


def _word(desk: Desk, name: str) -> str:
    kind = name in _KINDS
    return desk.word(f"cli.answer-{name}") if kind else desk.word(f"cli.opinion-{name}")


def _words(desk: Desk, each: Answer) -> str:
    said = each.said
    if each.kind == "sighting":
        return str(said.count)
    if each.kind == "opinion":
        opinion = desk.word(f"cli.opinion-{said.opinion}")
        return f"{opinion}: {said.explanation}" if said.explanation else opinion
    return said.content or "–"


def _as_json(each: Answer) -> dict[str, Any]:
    return {
        **{name: getattr(each, name) for name in ("object_id", "kind", "id", "author", "own")},
        "number": each.number,
        "issued": format_time(each.issued),
        "status": each.status,
        "version": each.version,
        "object": cast("Any", msgspec.Raw(each.body)),
    }
