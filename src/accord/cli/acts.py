"""`accord agreement`: amendments, objections, the register, the notices and the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from accord.base.errors import InputError
from accord.base.messages import say
from accord.node.names import Names

from .agreements import Id, as_row, ask, tell_standing, title
from .agreements import app as app
from .commands import Command
from .desk import Desk, at
from .inputs import read_text
from .naming import member_named, minute

if TYPE_CHECKING:
    from accord.node.registers import RegisterView
    from accord.rules.acts import ObjectionSubject
    from accord.rules.register import PartyStatus

_SHORT = 12
_SUBJECTS = ("reservation", "accession", "renewal")


@app.command("amend", cls=Command, help="cli.help-agreement-amend")
def amend(
    context: typer.Context,
    agreement: Id,
    file: Annotated[str, typer.Argument(metavar="FILE", help="cli.arg-agreement-file")],
) -> None:
    """Propose a text that is to take the place of the one in force."""
    from accord.node import agreements

    desk = at(context)
    with desk.node() as node:
        view = agreements.amend(node, agreement, read_text(file, node.limits.control_bytes))
        desk.answer(as_row(view))
        desk.tell(say("cli.agreement-amended", agreement=agreement, sha256=view.sha256))
        tell_standing(desk, node, view)


@app.command("object", cls=Command, help="cli.help-agreement-object")
def object_(
    context: typer.Context,
    agreement: Id,
    about: Annotated[str, typer.Option("--about", metavar="WHAT", help="cli.opt-about")],
    member: Annotated[str, typer.Option("--member", metavar="MEMBER", help="cli.opt-whose")] = "",
    precludes: Annotated[bool, typer.Option("--precludes", help="cli.opt-precludes")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="cli.opt-reason")] = "",
    sha256: Annotated[str, typer.Option("--sha256", metavar="HEX", help="cli.opt-sha256")] = "",
) -> None:
    """Object to a member's reservation or accession, or to the next renewal."""
    from accord.node import agreements

    desk = at(context)
    _one_of("--about", about, _SUBJECTS)
    if about != "renewal" and not member:
        raise InputError("cli.usage-missing", name="--member")
    with desk.node() as node:
        reason = reason or ask(desk, "cli.ask-reason", "--reason")
        view = agreements.object_to(
            node,
            agreement,
            about=cast("ObjectionSubject", about),
            member=member_named(node, member) if member else None,
            reason=reason,
            precludes=precludes,
            sha256=sha256 or None,
        )
        desk.answer(as_row(view))
    desk.tell(say("cli.agreement-objected", agreement=agreement))


@app.command("take-back", cls=Command, help="cli.help-agreement-take-back")
def take_back(
    context: typer.Context,
    agreement: Id,
    what: Annotated[str, typer.Argument(metavar="WHAT", help="cli.arg-taken-back")],
    about: Annotated[str, typer.Option("--about", metavar="WHAT", help="cli.opt-about")] = "",
    member: Annotated[str, typer.Option("--member", metavar="MEMBER", help="cli.opt-whose")] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="cli.opt-reason")] = "",
    sha256: Annotated[str, typer.Option("--sha256", metavar="HEX", help="cli.opt-sha256")] = "",
) -> None:
    """Take our reservation, or one of our objections, back alone."""
    from accord.node import agreements

    desk = at(context)
    _one_of("WHAT", what, ("reservation", "objection"))
    if what == "objection":
        _one_of("--about", about, _SUBJECTS)
    with desk.node() as node:
        reason = reason or ask(desk, "cli.ask-reason", "--reason")
        view = agreements.take_back(
            node,
            agreement,
            part=cast("Literal['reservation', 'objection']", what),
            reason=reason,
            about=cast("ObjectionSubject", about) if about else None,
            member=member_named(node, member) if member else None,
            sha256=sha256 or None,
        )
        desk.answer(as_row(view))
    desk.tell(say("cli.agreement-taken-back", agreement=agreement))


def _one_of(option: str, found: str, allowed: tuple[str, ...]) -> None:
    if found not in allowed:
        raise InputError("cli.level", option=option, found=found[:60], allowed=", ".join(allowed))


@app.command("register", cls=Command, help="cli.help-agreement-register")
def register(context: typer.Context, agreement: Id) -> None:
    """Each party's acts under each text, as treaty registers show them."""
    from accord.node import registers

    desk = at(context)
    with desk.node() as node:
        found = registers.register_of(node, agreement)
        names = Names(node)
    desk.answer([{**as_row(each.text), "register": each.parties} for each in found])
    for each in found:
        _show_register(desk, each, names)


@app.command("notices", cls=Command, help="cli.help-agreement-notices")
def notices(
    context: typer.Context,
    agreement: Annotated[
        str, typer.Option("--agreement", metavar="ID", help="cli.opt-of-agreement")
    ] = "",
) -> None:
    """What a depositary would notify to this member, in the order of time."""
    from accord.node import registers

    desk = at(context)
    with desk.node() as node:
        found = registers.notices(node, agreement or None)
    desk.answer(
        [
            {
                "at": each.at,
                "agreement": each.agreement,
                "sha256": each.sha256,
                "key": each.message.key,
                "arguments": each.message.args,
                "text": desk.text(each.message),
                "to": each.to,
            }
            for each in found
        ]
    )
    rows = [(minute(each.at), desk.text(each.message)) for each in found]
    desk.table(("cli.col-when", "cli.col-notice"), rows)


@app.command("export", cls=Command, help="cli.help-agreement-export")
def export(
    context: typer.Context,
    agreement: Id,
    sha256: Annotated[str, typer.Option("--sha256", metavar="HEX", help="cli.opt-sha256")] = "",
) -> None:
    """A text as the TOML file that would propose it again."""
    from accord.node import registers

    desk = at(context)
    with desk.node() as node:
        text = registers.as_file(node, agreement, sha256 or None)
    desk.answer({"toml": text})
    desk.quote(text.rstrip("\n"))


def _show_register(desk: Desk, each: RegisterView, names: Names) -> None:
    desk.quote(f"{title(desk, each.text)}  {each.text.sha256}")
    decided_by = each.text.standing.decided_by
    if decided_by is not None:
        desk.tell(say("cli.agreement-decided", motion=decided_by[:_SHORT]))
    rows = [
        (
            f"{names[line.member]}\n{line.member}",
            "\n".join([_standing(desk, line), *_acts(desk, line, names)]),
        )
        for line in each.parties
    ]
    desk.table(("cli.col-party", "cli.col-acts"), rows)
    desk.line_break()


def _standing(desk: Desk, line: PartyStatus) -> str:
    state = desk.word(f"cli.party-state-{line.state}")
    return f"{state}  {minute(line.in_force_since)}" if line.in_force_since else state


def _acts(desk: Desk, line: PartyStatus, names: Names) -> list[str]:
    """What the party did, and what others said to it, a line each."""
    found = []
    signed = line.signed or line.acceded
    if signed is not None:
        key = "cli.party-signed" if line.signed else "cli.party-acceded"
        person, office = line.person or "", line.office or ""
        found.append(desk.text(say(key, at=minute(signed), person=person, office=office)))
    if line.reservation is not None:
        found.append(desk.text(say("cli.party-reserved", text=line.reservation.text)))
    if line.unreserved is not None:
        found.append(desk.text(say("cli.party-unreserved", at=minute(line.unreserved))))
    for each in line.objections:
        key = "cli.party-objected-barring" if each.precludes else "cli.party-objected"
        said = say(key, at=minute(each.at), member=names[each.author], reason=each.reason)
        found.append(desk.text(said))
        if each.withdrawn is not None:
            taken = say(
                "cli.party-unobjected", at=minute(each.withdrawn), member=names[each.author]
            )
            found.append(desk.text(taken))
    if line.withdrawn is not None:
        said = say("cli.party-left", at=minute(line.withdrawn), reason=line.reason or "")
        found.append(desk.text(said))
    return found
