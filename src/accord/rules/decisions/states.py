"""The life of a motion, as a declared table."""

from __future__ import annotations

from typing import Literal, get_args

from accord.rules.machine import Machine, Move

MotionState = Literal[
    "unknown",  # something names it; it has not come
    "waiting",  # the state of the body that it is made on is not known here yet
    "void",  # that state does not allow it
    "open",
    "closed",  # the time has run; voters tally
    "provisional",  # enough tallies agree; not enough voters have said that they saw it
    "adopted",
    "rejected",
    "lapsed",
    "withdrawn",
    "contested",  # more voters lied than a minority: two outcomes are final. People must act
]
MotionEvent = Literal[
    "came", "fitted", "misfitted", "closed", "agreed",
    "made-adopted", "made-rejected", "made-lapsed", "made-withdrawn", "contradicted",
]  # fmt: skip
Cause = Literal["proposer", "base", "clock", "voters", "liars"]

_RUNNING: tuple[MotionState, ...] = ("open", "closed", "provisional")
_FINAL: tuple[MotionState, ...] = ("adopted", "rejected", "lapsed", "withdrawn")

MOTION: Machine[MotionState, MotionEvent] = Machine(
    states=get_args(MotionState),
    events=get_args(MotionEvent),
    causes=get_args(Cause),
    start="unknown",
    ends=("void", "contested"),
    moves=(
        Move(("unknown",), "came", "waiting", "proposer"),
        Move(("waiting",), "fitted", "open", "base"),
        Move(("waiting",), "misfitted", "void", "base"),
        Move(("open",), "closed", "closed", "clock"),
        Move(("open", "closed"), "agreed", "provisional", "voters"),
        Move(_RUNNING, "made-adopted", "adopted", "voters"),
        Move(_RUNNING, "made-rejected", "rejected", "voters"),
        Move(_RUNNING, "made-lapsed", "lapsed", "voters"),
        Move(_RUNNING, "made-withdrawn", "withdrawn", "voters"),
        Move(_FINAL, "contradicted", "contested", "liars"),
    ),
)
FINAL: frozenset[MotionState] = frozenset(_FINAL)
