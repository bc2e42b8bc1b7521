"""`accord motion`: what is moved, how members vote on it, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from accord.base.errors import InputError
from accord.base.limits import KIB
from accord.base.messages import Message, say
from accord.node.names import Names, agreement_names

from .commands import Command, group
from .desk import Desk, at
from .inputs import read_text
from .naming import deadline, read_moment

if TYPE_CHECKING:
    from accord.node.councils import MotionView, Voice
    from accord.rules.decisions.effects import Effect
    from accord.rules.decisions.objects import Choice

app = group("cli.help-motion")

_CHOICES = ("yes", "no", "abstain")
_SHORT = 12  # characters of a hash that name a motion in a list

Id = Annotated[str, typer.Argument(metavar="MOTION", help="cli.arg-motion")]


@app.command("propose", cls=Command, help="cli.help-motion-propose")
def propose(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="cli.arg-motion-file")],
) -> None:
    """Move what a TOML file says. Who votes, by which rule, follows from the charter."""
    from accord.node import councils, deciding
    from accord.rules.decisions.motion_file import moving_from_toml

    desk = at(context)
    moving = moving_from_toml(read_text(file, 256 * KIB))
    with desk.node() as node:
        view = councils.motion(node, deciding.move(node, moving))
    desk.answer(view)
    desk.tell(say("cli.motion-moved", motion=view.sha256[:_SHORT], closes=deadline(view.closes)))


@app.command("list", cls=Command, help="cli.help-motion-list")
def list_(context: typer.Context) -> None:
    """All motions, the last to close first."""
    from accord.node import councils

    desk = at(context)
    with desk.node() as node:
        views = councils.motions(node)
    desk.answer(views)
    if not views:
        desk.tell(say("cli.motion-none"))
        return
    desk.table(
        ("cli.col-motion", "cli.col-subject", "cli.col-state", "cli.col-closes"),
        [
            (
                view.sha256[:_SHORT],
                view.titles[desk.language],
                desk.word(f"cli.motion-{view.state}"),
                deadline(view.closes),
            )
            for view in views
        ],
    )


@app.command("show", cls=Command, help="cli.help-motion-show")
def show(context: typer.Context, motion: Id) -> None:
    """The text, what it does, and what each voter said or was found to have said."""
    from accord.node import councils

    desk = at(context)
    with desk.node() as node:
        view, names = councils.motion(node, motion), Names(node)
        agreements = agreement_names(node)
    desk.answer(view)
    desk.quote(f"{view.titles[desk.language]}  {view.sha256}")
    desk.line_break()
    desk.quote(view.texts[desk.language])
    desk.line_break()
    desk.details(
        [
            ("cli.col-author", names[view.proposer]),
            ("cli.col-effect", desk.text(_effect(desk, view.effect, names, agreements))),
            ("cli.col-rule", rule_in_words(desk, view.rule)),
            ("cli.col-state", desk.word(f"cli.motion-{view.state}")),
            ("cli.col-closes", deadline(view.closes)),
        ]
    )
    desk.line_break()
    rows = [(names[each.member], _voice(desk, each)) for each in view.voices]
    desk.table(("cli.col-member", "cli.col-voice"), rows)
    for message in _remarks(view, names):
        desk.tell(message)


@app.command("vote", cls=Command, help="cli.help-motion-vote")
def vote(
    context: typer.Context,
    motion: Id,
    choice: Annotated[str, typer.Argument(metavar="yes|no|abstain", help="cli.arg-choice")],
    reservation: Annotated[
        str, typer.Option("--reservation", metavar="TEXT", help="cli.opt-vote-reservation")
    ] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="cli.opt-vote-why")] = "",
) -> None:
    """Cast this member's one ballot. A no breaks a silence."""
    from accord.node import councils, deciding

    desk = at(context)
    if choice not in _CHOICES:
        allowed = ", ".join(_CHOICES)
        raise InputError("cli.level", option="MOTION", found=choice[:60], allowed=allowed)
    with desk.node() as node:
        deciding.vote(
            node,
            motion,
            cast("Choice", choice),
            reservation={desk.language: reservation} if reservation else None,
            reason={desk.language: reason} if reason else None,
        )
        view = councils.motion(node, motion)
    desk.answer(view)
    desk.tell(say("cli.motion-voted", motion=view.sha256[:_SHORT]))


@app.command("extend", cls=Command, help="cli.help-motion-extend")
def extend(
    context: typer.Context,
    motion: Id,
    closes: Annotated[str, typer.Option("--closes", metavar="WHEN", help="cli.opt-closes")],
) -> None:
    """Let a motion of ours close later; once."""
    from accord.node import councils, deciding

    desk = at(context)
    until = read_moment("--closes", closes)
    with desk.node() as node:
        deciding.extend(node, motion, until)
        view = councils.motion(node, motion)
    desk.answer(view)
    desk.tell(say("cli.motion-extended", motion=view.sha256[:_SHORT], closes=deadline(until)))


@app.command("withdraw", cls=Command, help="cli.help-motion-withdraw")
def withdraw(context: typer.Context, motion: Id) -> None:
    """Take a motion of ours back before it closes."""
    from accord.node import councils, deciding

    desk = at(context)
    with desk.node() as node:
        deciding.withdraw(node, motion)
        view = councils.motion(node, motion)
    desk.answer(view)
    desk.tell(say("cli.motion-taken-back", motion=view.sha256[:_SHORT]))


def rule_in_words(desk: Desk, rule: Any) -> str:
    """A rule of adoption in the reader's language."""
    word = desk.word(f"cli.rule-{rule.by}")
    if rule.by != "majority":
        return word
    of = desk.word(f"cli.rule-of-{rule.of}")
    return f"{word} {'>' if rule.exceed else '≥'} {rule.share} {of}"


def _effect(desk: Desk, effect: Effect, names: Names, agreements: dict[str, str]) -> Message:
    what = effect.agreement or effect.group or effect.operation or ""
    standing = desk.word(f"rules.standing-{effect.standing or 'member'}")
    member = names[effect.member] if effect.member else ""
    told: dict[str, str | int] = {
        "member": member,
        "what": agreements.get(what, what),
        "standing": standing,
    }
    return Message(f"rules.effect-{effect.does}", told)


def _voice(desk: Desk, voice: Voice) -> str:
    word = desk.word(
        f"cli.voice-{voice.said}"
        if voice.said in ("seen", "pending")
        else f"rules.found-{voice.said}"
    )
    words = [said for said in (voice.reservation, voice.reason) if said]
    quoted = [said.get(desk.language) or next(iter(said.values())) for said in words]
    return "\n".join([word, *quoted])


def _remarks(view: MotionView, names: Names) -> list[Message]:
    """What speaks against the motion or its voters, with names in the place of ids."""
    found = [*([view.misfit] if view.misfit is not None else []), *view.contradictions]
    if view.carried_out is False:
        found.append(say("cli.motion-not-carried-out"))
    return [
        say(
            each.key,
            **{
                name: names[value] if isinstance(value, str) else value
                for name, value in each.args.items()
            },
        )
        for each in found
    ]
