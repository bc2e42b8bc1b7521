"""A chapter: two motions, one day; what nobody speaks against is adopted, a no breaks the silence.

A motion has to lie before its readers for an hour at least. Nobody can watch that, so the clock of
the demonstration is late by what these waits take, and is turned forward.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import timedelta

from accord.base.errors import ConflictError
from accord.base.messages import LANGUAGES, say
from accord.node.agreements import propose
from accord.node.councillog import council_of
from accord.node.councils import MotionView, motion
from accord.node.deciding import move, vote
from accord.node.sighting import views_of
from accord.peers.sync import sync_once
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.motion_file import Moving
from accord.rules.decisions.states import FINAL
from accord.rules.decisions.witnessing import Witnesses
from accord.store.transaction import Transaction

from .community import Member
from .signing import draft, in_language, put_signature, wait_until_in_force
from .stage import Stage
from .watching import expect, until

_HOURS = 1  # the shortest time that a charter may give to readers
_TURN = timedelta(hours=2 * _HOURS, minutes=5)  # past the close of a motion that was just made
_TURNS = 2
LAG = _TURNS * _TURN  # how late the clock is at the beginning, so that it is right in the end


def decide_together(stage: Stage) -> None:
    """Alfa moves an agreement, and nobody objects; Bravo moves a statement, and Charlie does."""
    teller, alfa, bravo, charlie = stage.teller, stage.alfa, stage.bravo, stage.charlie
    teller.chapter("demo.council-title", "demo.council-about")
    _found_council(stage)
    text = propose(alfa.node, draft(stage, "lists", stage.members))
    teller.call(text.id, teller.word("demo.quoted", text=text.terms.titles[teller.language]))
    adopts = Effect(does="adopt-agreement", agreement=text.id, sha256=text.sha256)
    kept = _move(stage, alfa, "lists", adopts)
    broken = _move(stage, bravo, "statement", Effect(does="declare"))
    _quote(stage, kept, broken)
    teller.command("motion", "propose", "motion.toml", f"--home {alfa.slug}")
    wait_until_here(stage.members, broken)
    reason = {each: in_language("demo.statement-no", each) for each in LANGUAGES}
    vote(charlie.node, broken, "no", reason=reason)
    teller.command("motion", "vote", broken[:12], "no", '--reason "…"', f"--home {charlie.slug}")
    let_read(stage, (kept, broken), stage.members, "demo.council-turned")
    _show(stage, kept, broken)
    results = {
        (motion(each.node, kept).state, motion(each.node, broken).state) for each in stage.members
    }
    expect(results == {("adopted", "rejected")}, "demo.fault-decision")
    wait_until_in_force(stage.members, text)
    teller.done(say("demo.council-done", agreement=text.id, name=charlie.name))


def _found_council(stage: Stage) -> None:
    """A charter that all sign: who decides, how, and who witnesses times."""
    teller, members = stage.teller, stage.members
    council = {
        "witnesses": [each.id for each in members],
        "witness_quorum": len(members) - 1,
        "reading_hours": _HOURS,
        "wait_hours": _HOURS,
        "rule": {"by": "silence"},
        "rules": [{"does": "admit", "by": "unanimity"}],
    }
    charter = propose(
        stage.alfa.node, draft(stage, "charter", members, kind="charter", council=council)
    )
    stage.charter = charter.id
    teller.call(charter.id, teller.word("demo.quoted", text=charter.terms.titles[teller.language]))
    teller.command("agreement", "propose", "charter.toml", f"--home {stage.alfa.slug}")
    for member in members:
        put_signature(stage, member, charter)
    wait_until_in_force(members, charter)


def _move(stage: Stage, mover: Member, slug: str, effect: Effect) -> str:
    """Move it in three languages, with the shortest time that the charter allows; its hash."""
    return move(
        mover.node,
        Moving(
            titles={each: in_language(f"demo.motion-{slug}", each) for each in LANGUAGES},
            texts={each: in_language(f"demo.moved-{slug}", each) for each in LANGUAGES},
            effect=effect,
            body=stage.charter,
        ),
    )


def _quote(stage: Stage, *motions: str) -> None:
    names = {each.id: each.name for each in stage.members}
    for each in motions:
        view = _seen_by(stage, each)
        text = view.texts[stage.teller.language]
        stage.teller.quote(stage.teller.word("demo.moves", name=names[view.proposer], text=text))


def _seen_by(stage: Stage, sha256: str) -> MotionView:
    until(lambda: _is_here(stage.alfa, sha256), "demo.fault-no-motion")
    return motion(stage.alfa.node, sha256)


def _is_here(member: Member, sha256: str) -> bool:
    return member.node.read(lambda tx: council_of(member.node, tx).motion(sha256)) is not None


def wait_until_here(members: Sequence[Member], sha256: str) -> None:
    """Wait until each of them has the motion."""
    until(lambda: all(_is_here(each, sha256) for each in members), "demo.fault-no-motion")


def let_read(
    stage: Stage, motions: Collection[str], members: Sequence[Member], turned: str
) -> None:
    """Let the reading time go by, saying `turned`, until all these know the outcome of each."""
    teller = stage.teller

    def witnessed() -> bool:
        sync(members)
        return all(_all_witnessed(member, each) for member in members for each in motions)

    def decided() -> bool:
        sync(members)
        return all(_is_decided(member, each) for member in members for each in motions)

    with teller.busy("demo.busy-verifying"):
        until(witnessed, "demo.fault-witnesses")
    stage.clock.turn(_TURN)
    teller.say(turned)
    with teller.busy("demo.busy-tallying"):
        until(decided, "demo.fault-undecided")
    sync(members)


def sync(members: Sequence[Member]) -> None:
    """`accord peer sync` for each: their processes do the same, and rest some seconds between."""
    for member in members:
        with suppress(ConflictError):  # its process was first
            sync_once(member.node)


def _all_witnessed(reader: Member, sha256: str) -> bool:
    """Whether `reader` can prove, of each voter, that it had the motion and voted in time."""

    def job(tx: Transaction) -> bool:
        council = council_of(reader.node, tx)
        record = council.record(sha256)
        found = None if record is None else record.motion
        if record is None or found is None:
            return False
        views = views_of(reader.node, tx, council, sha256)
        latest = found.closes - found.reading
        for voter in found.electorate:
            witnesses = Witnesses(found.witnesses, found.witness_quorum, voter)
            written = [record.seen.get(voter), *(b.index for b in record.ballots.get(voter, ()))]
            if voter not in views or not all(
                index is not None and witnesses.existed_by(views[voter], index, latest)
                for index in written
            ):
                return False
        return True

    return reader.node.read(job)


def _is_decided(member: Member, sha256: str) -> bool:
    return motion(member.node, sha256).state in FINAL


def _show(stage: Stage, *motions: str) -> None:
    teller = stage.teller
    views = [_seen_by(stage, each) for each in motions]
    teller.table(
        ("demo.col-member", "demo.col-lists", "demo.col-statement"),
        [
            (member.name, *(_voice(stage, view, member) for view in views))
            for member in stage.members
        ],
    )


def _voice(stage: Stage, view: MotionView, member: Member) -> str:
    """What was found of one voter, with its reason in the reader's language."""
    voice = next(each for each in view.voices if each.member == member.id)
    word = stage.teller.word(f"rules.found-{voice.said}")
    reason = (voice.reason or {}).get(stage.teller.language)
    return word if reason is None else stage.teller.word("demo.voice-why", word=word, why=reason)
