"""Two chapters: a fourth is admitted by the council; it accedes, and receives what it may."""

from __future__ import annotations

import time
from collections.abc import Sequence

from accord.base.messages import say
from accord.node.agreements import AgreementView, show
from accord.node.applying import apply, sponsor
from accord.node.councils import motion
from accord.node.deciding import vote
from accord.node.joining import AccessionView, accessions

from .community import Member, start
from .deciding import let_read, sync, wait_until_here
from .meeting import befriend
from .signing import put_signature
from .stage import Stage, short
from .watching import Inbox, expect, until, wait_for
from .welcoming import open_pages


def admit(stage: Stage) -> None:
    """Chapter: Delta applies, Alfa sponsors it, all three say yes; it meets them and signs."""
    teller, alfa, delta = stage.teller, stage.alfa, stage.delta
    teller.chapter("demo.join-title", "demo.join-about", name=delta.name, other=alfa.name)
    voters = tuple(stage.members)
    with teller.busy("demo.busy-starting"):
        start([delta])
    open_pages(stage, [delta], "demo.pages-too")
    befriend(stage, alfa, delta)
    reason = teller.word("demo.join-reason")
    teller.say("demo.join-asks", name=alfa.name)
    teller.quote(reason)
    apply(delta.node, stage.charter, alfa.id, "member", reason)
    teller.command(
        *("community", "apply", short(stage.charter), f'--sponsor "{alfa.name}"'),
        *('--reason "…"', f"--home {delta.slug}"),
    )
    moved = _sponsored(stage)
    wait_until_here(voters, moved)
    for each in voters:
        vote(each.node, moved, "yes")
    teller.command("motion", "vote", moved[:12], "yes", f"--home {stage.bravo.slug}")
    let_read(stage, [moved], voters, "demo.join-turned")
    expect(
        {motion(each.node, moved).state for each in voters} == {"adopted"}, "demo.fault-decision"
    )
    _complete(stage, voters)
    stage.members.append(delta)
    inbox = Inbox(delta, alfa)
    inbox.look()
    expect(inbox.count(stage.places, "in") == 0, "demo.fault-left")
    teller.done(say("demo.join-done", name=delta.name))


def _sponsored(stage: Stage) -> str:
    """Alfa moves what Delta asked it for; the hash of the motion."""
    alfa, delta = stage.alfa, stage.delta

    def asked() -> bool:
        return (stage.charter, delta.id) in alfa.node.facts_now().applications

    until(asked, "demo.fault-no-motion")
    moved = sponsor(alfa.node, delta.id, body=stage.charter)
    stage.teller.command("community", "sponsor", f'"{delta.name}"', f"--home {alfa.slug}")
    return moved


def _complete(stage: Stage, voters: Sequence[Member]) -> None:
    """What is left of the accession: keys with everybody, and a signature under the charter."""
    teller, alfa, delta = stage.teller, stage.alfa, stage.delta
    for each in voters:
        if each is not alfa:
            befriend(stage, each, delta)
    teller.say("demo.join-keys", name=delta.name)
    (charter,) = show(alfa.node, stage.charter)
    put_signature(stage, delta, charter)
    teller.command("agreement", "sign", short(stage.charter), f"--home {delta.slug}")

    def complete() -> bool:
        sync(voters)
        return all(_accession(stage, each).state == "member" for each in voters)

    until(complete, "demo.fault-no-member")
    teller.command("community", "status", f'"{delta.name}"', f"--home {stage.charlie.slug}")
    teller.table(
        ("demo.col-step", "demo.col-state"),
        [
            (teller.word(f"cli.step-{step.name}"), teller.word(f"cli.step-is-{step.state}"))
            for step in _accession(stage, stage.charlie).steps
        ],
    )


def _accession(stage: Stage, seen_by: Member) -> AccessionView:
    found = accessions(seen_by.node, stage.charter)
    return next(each for each in found if each.applicant == stage.delta.id)


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
