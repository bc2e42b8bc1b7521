"""Two chapters: a fourth is admitted by the council; it accedes, and receives what it may."""

from __future__ import annotations

import time

from accord.base.messages import say
from accord.node.agreements import AgreementView
from accord.node.councils import community, motion
from accord.node.deciding import vote
from accord.rules.decisions.effects import Effect

from .community import start
from .deciding import let_read, put_motion, wait_until_here
from .meeting import befriend
from .signing import put_signature
from .stage import Stage, short
from .watching import Inbox, expect, wait_for


def admit(stage: Stage) -> None:
    """Chapter: Delta comes, Alfa moves its admission, all three say yes, and it belongs."""
    teller, alfa, delta = stage.teller, stage.alfa, stage.delta
    teller.chapter("demo.join-title", "demo.join-about", name=delta.name, other=alfa.name)
    voters = tuple(stage.members)
    with teller.busy("demo.busy-starting"):
        start([delta])
    for each in voters:
        befriend(stage, each, delta)
    teller.command("peer", "confirm", f'"{delta.name}"', "…", f"--home {stage.bravo.slug}")
    admits = Effect(does="admit", member=delta.id, standing="member")
    moved = put_motion(stage, alfa, "join", admits)
    wait_until_here(voters, moved)
    for each in voters:
        vote(each.node, moved, "yes")
    teller.command("motion", "propose", "admission.toml", f"--home {alfa.slug}")
    teller.command("motion", "vote", moved[:12], "yes", f"--home {stage.bravo.slug}")
    let_read(stage, [moved], voters, "demo.join-turned")
    stage.members.append(delta)
    expect(
        {motion(each.node, moved).state for each in voters} == {"adopted"}, "demo.fault-decision"
    )
    _show_members(stage)
    inbox = Inbox(delta, alfa)
    inbox.look()
    expect(inbox.count(stage.places, "in") == 0, "demo.fault-left")
    teller.done(say("demo.join-done", name=delta.name))


def _show_members(stage: Stage) -> None:
    teller, names = stage.teller, {each.id: each.name for each in stage.members}
    teller.command("community", f"--home {stage.charlie.slug}")
    bodies = community(stage.charlie.node).bodies
    council = next(each for each in bodies if each.body == stage.charter)
    ranks = {
        each.member: teller.word(f"rules.standing-{each.standing}") for each in council.members
    }
    expect(set(ranks) == set(names), "demo.fault-decision")
    teller.table(
        ("demo.col-member", "demo.col-standing"),
        [(name, ranks[member]) for member, name in names.items()],
    )


def accede(stage: Stage, view: AgreementView) -> None:
    """Chapter: Delta signs the text in force, and what may reach it does."""
    teller, delta = stage.teller, stage.delta
    teller.chapter("demo.accede-title", "demo.accede-about", name=delta.name)
    teller.command("agreement", "sign", short(view.id), f"--home {delta.slug}")
    open_to_all = [place for place in stage.places if place not in stage.closed]
    inbox = Inbox(delta, stage.alfa)
    put_signature(stage, delta, view)
    begun = time.monotonic()
    done = wait_for([inbox], open_to_all, "in")
    expect(inbox.count(stage.closed, "in") == 0, "demo.fault-left")
    teller.table(
        ("demo.col-withheld", "demo.col-fate"),
        [
            (str(len(open_to_all)), teller.word("demo.accede-received")),
            *((str(1), why) for why in stage.closed.values()),
        ],
    )
    took = teller.seconds(done[delta.slug] - begun)
    teller.done(say("demo.accede-done", name=delta.name, number=len(open_to_all), seconds=took))
