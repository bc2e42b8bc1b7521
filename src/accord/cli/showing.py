"""`accord show`: one object as this node knows it, whoever published it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from accord.base.clock import format_time
from accord.base.messages import say
from accord.node.names import Names

from .answers import show_answers
from .commands import Command
from .desk import Desk, at
from .naming import minute
from .orders import holder_of

if TYPE_CHECKING:
    from accord.node.showing import Carried, HoldingView


def register(app: typer.Typer) -> None:
    """Put the command of this file into `app`."""
    app.command("show", cls=Command, help="cli.help-show")(show)


def show(
    context: typer.Context,
    object_id: Annotated[str, typer.Argument(metavar="OBJECT-ID", help="cli.arg-object")],
    history: Annotated[bool, typer.Option("--history", help="cli.opt-history")] = False,
    by: Annotated[str, typer.Option("--by", metavar="TOKEN", help="cli.opt-read-by")] = "",
) -> None:
    """Each publisher's newest version of an object, with where it came from and where it went."""
    from accord.node.acknowledging import SHELL
    from accord.node.answers import answers_to, counted
    from accord.node.showing import show_object

    desk = at(context)
    with desk.node() as node:
        reader = holder_of(node, by).name if by else SHELL
        views = show_object(node, object_id, history=history, reader=reader)
        answers = answers_to(node, object_id)
        names = Names(node)
    counts = counted(answers)
    desk.answer([{**_as_json(view), "answers": counts} for view in views])
    for view in views:
        _show(desk, view, names)
    if answers:
        show_answers(desk, answers, names, objects=False)


def _show(desk: Desk, view: HoldingView, names: Names) -> None:
    rows = [("cli.col-publisher", names[view.publisher])]
    if view.correction:
        rows.append(("cli.col-kind", desk.word("cli.correction-shown")))
    if view.version:
        rows.append(("cli.col-version", view.version))
    if view.status != "actual":
        rows.append(("cli.col-status", desk.word(f"cli.status-{view.status}")))
    for carried in view.carried:
        rows += _entry_rows(desk, carried, names)
    for came in view.came:
        taken = say("cli.came", name=came.source, url=came.url, at=minute(came.at))
        rows.append(("cli.col-source", desk.text(taken)))
        if came.added is not None:
            rows.append(("cli.col-added", came.added))
    if view.evidence is not None:
        allowed = ", ".join(view.evidence) or desk.word("cli.evidence-none")
        rows.append(("cli.col-evidence", allowed))
    if not view.carried:
        rows.append(("cli.col-entry", desk.word("cli.private-only")))
    desk.details(rows)
    desk.line_break()
    if view.restriction is not None:
        desk.tell(say("cli.withheld", restriction=view.restriction))
    elif view.body is None:
        desk.quote(desk.word("cli.erased"))
    else:
        desk.quote(msgspec.json.format(view.body, indent=2).decode())
    desk.line_break()


def _entry_rows(desk: Desk, carried: Carried, names: Names) -> list[tuple[str, str]]:
    envelope = carried.envelope
    handling = [
        f"TLP:{envelope.handling.tlp.upper()}" if envelope.handling.tlp else "",
        f"PAP:{envelope.handling.pap.upper()}" if envelope.handling.pap else "",
        envelope.handling.area or "",
        envelope.handling.purpose or "",
    ]
    rows = [
        ("cli.col-entry", f"{carried.origin} #{carried.index}"),
        ("cli.col-issued", envelope.issued),
        ("cli.col-handling", ", ".join(filter(None, handling)) or "–"),
    ]
    if envelope.agreement is not None:
        rows.append(("cli.col-agreement", envelope.agreement.id))
    rows.append(("cli.col-audience", audience_in_words(desk, envelope.audience, names)))
    for passage in carried.passages:
        way = desk.word(f"cli.direction-{passage.direction}")
        rows.append(("cli.col-transfer", f"{way} {names[passage.peer]}, {minute(passage.at)}"))
    return rows


def audience_in_words(desk: Desk, audience: tuple[str, ...], names: Names) -> str:
    """For whom an entry is: the parties, a working group, or members by name."""
    from accord.ledger.envelope import PARTIES

    return desk.word("cli.audience-parties") if PARTIES in audience else names.all(audience)


def _as_json(view: HoldingView) -> dict[str, Any]:
    return {
        "publisher": view.publisher,
        "own": view.own,
        "correction": view.correction,
        "version": view.version,
        "type": view.type,
        "status": view.status,
        "restriction": view.restriction,
        "evidence": view.evidence,
        "sources": [
            {
                "name": came.source,
                "url": came.url,
                "at": format_time(came.at),
                "date_added": came.added,
            }
            for came in view.came
        ],
        "object": None if view.body is None else msgspec.Raw(view.body),
        "entries": [
            {
                "origin": carried.origin,
                "index": carried.index,
                "envelope": carried.envelope,
                "transfers": [
                    {
                        "seq": passage.seq,
                        "at": format_time(passage.at),
                        "direction": passage.direction,
                        "peer": passage.peer,
                        "facts": passage.facts,
                    }
                    for passage in carried.passages
                ],
            }
            for carried in view.carried
        ],
    }
