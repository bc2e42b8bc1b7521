"""`accord council`: sessions, who attended, their agenda and their minutes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from accord.base.errors import MachineFault
from accord.base.limits import KIB
from accord.base.messages import say

from .commands import Command, group
from .desk import at
from .inputs import read_text
from .naming import deadline

app = group("cli.help-council")

Session = Annotated[str, typer.Option("--session", metavar="ID", help="cli.opt-session")]


@app.command("convene", cls=Command, help="cli.help-council-convene")
def convene(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="cli.arg-session-file")],
) -> None:
    """Announce the session in a TOML file."""
    from accord.node import sessions

    desk = at(context)
    with desk.node() as node:
        session = sessions.convene(node, read_text(file, 64 * KIB))
    desk.answer(session)
    desk.tell(say("cli.council-convened", session=session.id, begins=deadline(session.begins)))


@app.command("attend", cls=Command, help="cli.help-council-attend")
def attend(
    context: typer.Context,
    person: Annotated[str, typer.Option("--person", metavar="NAME", help="cli.opt-attended")],
    office: Annotated[str, typer.Option("--office", metavar="NAME", help="cli.opt-office")],
    session: Session = "",
) -> None:
    """Say who attended for this member."""
    from accord.node import sessions

    desk = at(context)
    with desk.node() as node:
        found, _ = sessions.agenda_of(node, session or None)
        sessions.attend(node, found.id, [(person, office)])
    desk.answer({"session": found.id, "person": person, "office": office})
    desk.tell(say("cli.council-attended", session=found.id))


@app.command("agenda", cls=Command, help="cli.help-council-agenda")
def agenda(context: typer.Context, session: Session = "") -> None:
    """The motions and papers of a session."""
    from accord.node import councils, sessions

    desk = at(context)
    with desk.node() as node:
        found, motions = sessions.agenda_of(node, session or None)
        views = [councils.motion(node, each) for each in motions]
    desk.answer({"session": found, "motions": views})
    desk.quote(f"{found.titles[desk.language]}  {found.id}")
    desk.quote(f"{deadline(found.begins)} – {deadline(found.ends)}, {found.place}")
    desk.line_break()
    rows = [(view.sha256[:12], view.titles[desk.language], deadline(view.closes)) for view in views]
    rows += [(paper.ref, paper.title, "–") for paper in found.papers]
    if not rows:
        desk.tell(say("rules.minutes-none"))
        return
    desk.table(("cli.col-id", "cli.col-subject", "cli.col-closes"), rows)


@app.command("minutes", cls=Command, help="cli.help-council-minutes")
def minutes(
    context: typer.Context,
    session: Session = "",
    html: Annotated[str, typer.Option("--html", metavar="FILE", help="cli.opt-html")] = "",
) -> None:
    """The minutes of a session, in the reader's language: as Markdown, or as a page to print."""
    from accord.node import sessions
    from accord.rules.community.minutes import as_markdown

    desk = at(context)
    with desk.node() as node:
        said = sessions.minutes_data(node, session or None, desk.language)
    text = as_markdown(said)
    desk.answer({"language": desk.language, "minutes": said, "markdown": text})
    if not html:
        desk.quote(text.rstrip("\n"))
        return
    from accord.node.printing import minutes_page

    try:
        Path(html).write_text(minutes_page(said), "utf-8")
    except OSError as error:
        problem = error.strerror or str(error)
        raise MachineFault("cli.file-unwritable", file=html, problem=problem) from None
    desk.tell(say("cli.council-printed", file=html))
