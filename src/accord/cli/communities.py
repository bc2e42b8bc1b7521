"""`accord community`: who belongs, how one joins step by step, how one leaves and what is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from accord.base.errors import InputError
from accord.base.messages import say

from .agreements import ask
from .commands import Command, Group, group
from .desk import Desk, at
from .motions import rule_in_words
from .naming import deadline, member_named, minute, read_moment

if TYPE_CHECKING:
    from accord.node.departing import DepartureView
    from accord.node.joining import AccessionView, Step
    from accord.node.names import Names
    from accord.rules.community.standings import Standing

_STANDINGS = ("member", "observer", "dialogue-partner")
_SHORT = 12


class _Community(Group):
    """Alone, it shows who belongs."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["show"])


app = group("cli.help-community", _Community)

Body = Annotated[str, typer.Option("--body", metavar="ID", help="cli.opt-body")]
Closes = Annotated[str, typer.Option("--closes", metavar="WHEN", help="cli.opt-closes")]


@app.command("show", cls=Command, help="cli.help-community-show")
def show(context: typer.Context) -> None:
    """Who belongs to what, with which standing, and what was put in force."""
    from accord.node import councils
    from accord.node.names import Names, agreement_names

    desk = at(context)
    with desk.node() as node:
        found, names = councils.community(node), Names(node)
        agreements = agreement_names(node)
    desk.answer(found)
    if not found.bodies:
        desk.tell(say("cli.community-none"))
        return
    for view in found.bodies:
        title = agreements.get(view.body) or desk.word("cli.community-group")
        desk.quote(f"{title}  {view.body}")
        desk.quote(rule_in_words(desk, view.rule))
        rows = [
            (
                f"{names[each.member]}\n{each.member}",
                desk.word(f"rules.standing-{each.standing}"),
                desk.word("cli.community-suspended") if each.suspended else "–",
            )
            for each in view.members
        ]
        desk.table(("cli.col-member", "cli.col-standing", "cli.col-rights"), rows)
        desk.line_break()
    for group_id in found.closed:
        desk.tell(say("cli.community-closed", group=group_id))
    for operation in found.operations:
        desk.tell(say("cli.community-operation", operation=operation))


@app.command("apply", cls=Command, help="cli.help-community-apply")
def apply(
    context: typer.Context,
    body: Annotated[str, typer.Argument(metavar="CHARTER", help="cli.arg-charter")],
    sponsor: Annotated[str, typer.Option("--sponsor", metavar="MEMBER", help="cli.opt-sponsor")],
    standing: Annotated[
        str, typer.Option("--as", metavar="STANDING", help="cli.opt-standing")
    ] = "member",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="cli.opt-reason")] = "",
) -> None:
    """Ask a member of a community to move our admission."""
    from accord.node import applying, joining

    desk = at(context)
    if standing not in _STANDINGS:
        allowed = ", ".join(_STANDINGS)
        raise InputError("cli.level", option="--as", found=standing[:60], allowed=allowed)
    with desk.node() as node:
        reason = reason or ask(desk, "cli.ask-reason", "--reason")
        to = member_named(node, sponsor)
        applying.apply(node, body, to, cast("Standing", standing), reason)
        (view,) = [each for each in joining.accessions(node, body) if each.applicant == node.member]
    desk.answer(view)
    desk.tell(say("cli.community-applied", member=to))


@app.command("sponsor", cls=Command, help="cli.help-community-sponsor")
def sponsor(
    context: typer.Context,
    applicant: Annotated[str, typer.Argument(metavar="APPLICANT", help="cli.arg-applicant")],
    body: Body = "",
    closes: Closes = "",
    session: Annotated[str, typer.Option("--session", metavar="ID", help="cli.opt-session")] = "",
) -> None:
    """Move the admission of one that asked us to."""
    from accord.node import applying, councils

    desk = at(context)
    until = read_moment("--closes", closes) if closes else None
    with desk.node() as node:
        moved = applying.sponsor(
            node,
            member_named(node, applicant),
            body=body or None,
            closes=until,
            session=session or None,
        )
        view = councils.motion(node, moved)
    desk.answer(view)
    desk.tell(say("cli.motion-moved", motion=view.sha256[:_SHORT], closes=deadline(view.closes)))


@app.command("status", cls=Command, help="cli.help-community-status")
def status(
    context: typer.Context,
    applicant: Annotated[str, typer.Argument(metavar="APPLICANT", help="cli.arg-applicant")] = "",
    body: Body = "",
) -> None:
    """Accessions step by step: what is done, what is next, and who must act."""
    from accord.node import joining
    from accord.node.names import Names, agreement_names

    desk = at(context)
    with desk.node() as node:
        found, names = joining.accessions(node, body or None), Names(node)
        agreements = agreement_names(node)
        if applicant:
            wanted = member_named(node, applicant)
            found = [each for each in found if each.applicant == wanted]
    desk.answer(found)
    if not found:
        desk.tell(say("cli.community-no-accession"))
    for view in found:
        _show_accession(desk, view, names, agreements)


def _show_accession(
    desk: Desk, view: AccessionView, names: Names, agreements: dict[str, str]
) -> None:
    state = desk.word(f"cli.accession-{view.state}")
    desk.quote(f"{names[view.applicant]}  {desk.word(f'rules.standing-{view.standing}')}: {state}")
    desk.quote(f"{agreements.get(view.body, view.body)}  {view.applicant}")
    if view.reason:
        desk.quote(view.reason)
    rows = [
        (
            desk.word(f"cli.step-{step.name}"),
            desk.word(f"cli.step-is-{step.state}"),
            names.all(step.who) if step.state == "next" else "–",
            _left(step, names, agreements),
        )
        for step in view.steps
    ]
    headings = ("cli.col-step", "cli.col-state", "cli.col-who-acts", "cli.col-left-to-do")
    desk.table(headings, rows)
    desk.line_break()


def _left(step: Step, names: Names, agreements: dict[str, str]) -> str:
    if step.name == "decide":
        return "\n".join(each[:_SHORT] for each in step.what) or "–"
    if step.name == "keys":
        return names.all(step.what) or "–"
    return "\n".join(agreements.get(each, each) for each in step.what) or "–"


@app.command("leave", cls=Command, help="cli.help-community-leave")
def leave(
    context: typer.Context,
    body: Body = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="cli.opt-reason")] = "",
) -> None:
    """Leave a community and all agreements under its charter, at once and without a vote."""
    from accord.node import departing

    desk = at(context)
    with desk.node() as node:
        reason = reason or ask(desk, "cli.ask-reason", "--reason")
        left = departing.leave(node, body=body or None, reason=reason)
        found = [each for each in departing.departures(node) if each.member == node.member]
    desk.answer({"left": left, "departures": found})
    for agreement in left:
        desk.tell(say("cli.community-left", agreement=agreement))
    if not left:
        desk.tell(say("cli.community-taken-back"))
    for view in found:
        _show_departure(desk, view)


@app.command("departures", cls=Command, help="cli.help-community-departures")
def departures(context: typer.Context) -> None:
    """Who has left, what stopped with it, and what is still owed."""
    from accord.node import departing

    desk = at(context)
    with desk.node() as node:
        found = departing.departures(node)
    desk.answer(found)
    if not found:
        desk.tell(say("cli.community-nobody-left"))
    for view in found:
        _show_departure(desk, view)


def _show_departure(desk: Desk, view: DepartureView) -> None:
    key = "cli.departure-noted" if view.noted else "cli.departure-open"
    desk.quote(f"{view.member}  {view.body}")
    desk.tell(say(key, at=minute(view.left)))
    stops = "\n".join(desk.word(f"rules.act-{act}") for act in view.stops)
    goes_on = "\n".join(desk.word(f"rules.act-{act}") for act in view.goes_on)
    desk.details([("cli.departure-stops", stops), ("cli.departure-goes-on", goes_on)])
    rows = [
        (
            desk.text(duty.text),
            duty.about,
            "–" if duty.due is None else minute(duty.due),
            desk.word("cli.departure-overdue") if duty.overdue else "–",
        )
        for duty in view.owed
    ]
    if rows:
        headings = ("cli.departure-owes", "cli.col-left-to-do", "cli.col-due", "cli.col-state")
        desk.table(headings, rows)
    desk.line_break()
