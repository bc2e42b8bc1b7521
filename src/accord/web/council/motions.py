"""Motions: what is decided, what each voter said, and how long there is still time."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from litestar import Response
from litestar.params import FromPath

from accord.base.clock import format_time
from accord.base.messages import Message, say
from accord.node.councils import MotionList, MotionView, Voice
from accord.rules.community.circles import is_group
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.rule import Rule
from accord.web.room import Fragment, page
from accord.web.visit import Visit

from .known import group_names, motion_for, motions_for

MARKS = {
    "open": "wait",
    "closed": "note",
    "provisional": "note",
    "adopted": "good",
    "rejected": "bad",
    "lapsed": "off",
    "withdrawn": "off",
    "void": "off",
    "waiting": "off",
    "unknown": "off",
    "contested": "bad",
}
_UNHEARD = ("seen", "pending", "unknown", "absent")  # of whom nothing is known yet, or ever
_PERCENT = 100


@page("/council", "agreements")
def motions_page(visit: Visit, after: str = "") -> Response[bytes]:
    """What is not decided first; then what is, the last to close first, in parts."""
    found = motions_for(visit, after)
    return visit.show(
        "council/motions.html", tab="motions", list=_list(visit, found), settled=found.settled
    )


@page("/council/motions/{name:str}", "agreements", example="motion")
def motion_page(visit: Visit, name: FromPath[str]) -> Response[bytes]:
    """The text, what it does, by which rule, and every voter's voice."""
    return motion_shown(visit, motion_for(visit, name), {})


def motion_shown(
    visit: Visit, view: MotionView, typed: dict[str, list[str]], fault: Message | None = None
) -> Response[bytes]:
    """The page of a motion; after a faulty form with what was typed and what is wrong with it."""
    me = visit.node.member
    mine = next((voice for voice in view.voices if voice.member == me), None)
    return visit.show(
        "council/motion.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        typed=typed,
        fault=fault,
        view=view,
        title=in_own(visit, view.titles),
        mark=MARKS.get(view.state, "off"),
        effect=effect_of(visit, view.effect),
        rule=rule_of(visit, view.rule),
        voices=_voices(visit, view),
        may_vote=_may_vote(visit, view, mine),
        changeable=view.proposer == me and view.state == "open" and view.change is None,
        own=lambda said: in_own(visit, said),
        group=group_names(visit).get(view.body) if is_group(view.body) else None,
    )


def voices_html(visit: Visit, about: str) -> str:
    """How a motion stands, who said what, and how its time runs: a part of the page that lives."""
    return _voices(visit, motion_for(visit, about))


def _voices(visit: Visit, view: MotionView) -> str:
    said, _ = _tally(view)
    return visit.html(
        "council/voices.html",
        view=view,
        mark=MARKS.get(view.state, "off"),
        voices=[(voice, voice_word(visit, voice)) for voice in view.voices],
        said=said,
        elapsed=elapsed(visit, view),
        remarks=remarks(view),
        change=change_of(view),
        own=lambda words: in_own(visit, words),
    )


def list_html(visit: Visit) -> str:
    """The first motions as a part of the page that lives."""
    return _list(visit, motions_for(visit))


LIVE = {
    "council-motions": Fragment("agreements", list_html),
    "council-voices": Fragment("agreements", voices_html, concerns=True),
}


def in_own(visit: Visit, said: Mapping[str, str]) -> str:
    """Words in the visitor's language, else in the first there is."""
    return said.get(visit.language) or next(iter(said.values()), "")


def effect_of(visit: Visit, effect: Effect) -> Message:
    """What a motion does when it is final, in words."""
    what = effect.agreement or effect.operation or ""
    if effect.group is not None:
        what = group_names(visit).get(effect.group, effect.group)
    standing = visit.t(f"rules.standing-{effect.standing or 'member'}")
    return Message(
        f"council.effect-{effect.does}",
        {"member": effect.member or "", "what": what, "standing": standing},
    )


def rule_of(visit: Visit, rule: Rule) -> str:
    """A rule of adoption in the visitor's language."""
    word = visit.t(f"council.rule-{rule.by}")
    if rule.by != "majority":
        return word
    of = visit.t(f"council.rule-of-{rule.of}")
    return f"{word} {'>' if rule.exceed else '≥'} {rule.share} {of}"


def voice_word(visit: Visit, voice: Voice) -> str:
    """What a voter said, or was found to have said."""
    if voice.said in ("seen", "pending"):
        return visit.t(f"council.voice-{voice.said}")
    return visit.t(f"rules.found-{voice.said}")


def elapsed(visit: Visit, view: MotionView) -> int:
    """How much of the time has run, in percent."""
    whole = (view.closes - view.opens).total_seconds()
    run = (visit.now - view.opens).total_seconds()
    return _PERCENT if whole <= 0 else max(0, min(_PERCENT, round(_PERCENT * run / whole)))


def remarks(view: MotionView) -> list[Message]:
    """What speaks against the motion or its voters."""
    found = [*([view.misfit] if view.misfit is not None else []), *view.contradictions]
    if view.carried_out is False:
        found.append(say("council.not-carried-out"))
    return found


def change_of(view: MotionView) -> Message | None:
    """What the proposer changed while it is open, and whether that counts yet."""
    change = view.change
    if change is None or view.state != "open":
        return None
    how = "counts" if change.counts else "waits"
    if change.closes is None:
        return Message(f"council.withdrawal-{how}", {})
    return Message(f"council.extension-{how}", {"closes": format_time(change.closes)})


def _may_vote(visit: Visit, view: MotionView, mine: Voice | None) -> bool:
    withdrawn = view.change is not None and view.change.withdrawn and view.change.counts
    in_time = view.state == "open" and visit.now < view.closes and not withdrawn
    unsaid = mine is not None and mine.said in ("seen", "pending")
    return visit.may("vote") and in_time and unsaid


def _list(visit: Visit, found: MotionList) -> str:
    views = [*sorted(found.undecided, key=lambda view: view.state != "open"), *found.settled.rows]
    rows = [
        (view, in_own(visit, view.titles), MARKS.get(view.state, "off"), _tally(view))
        for view in views
    ]
    return visit.html("council/motion-list.html", rows=rows, elapsed=lambda v: elapsed(visit, v))


def _tally(view: MotionView) -> tuple[int, int]:
    """How many voters have said something, of how many."""
    said = sum(voice.said not in _UNHEARD for voice in view.voices)
    return said, len(view.voices)
