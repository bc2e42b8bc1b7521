"""What stops when a member leaves, at once and without a vote, and what it still owes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, get_args

import msgspec

from accord.base.messages import Message, say

Act = Literal[
    "receive",  # intelligence under the agreements it left
    "publish",  # under them
    "propose",
    "vote",  # on motions that opened after it left
    "tally",  # motions in whose electorate it was when they opened
    "answer-recalls",
    "honour-retention",
    "serve-ledger",  # its history, to those who follow it
]
# What goes on: without it others could neither finish what was begun nor prove what was.
OWED: frozenset[Act] = frozenset({"tally", "answer-recalls", "honour-retention", "serve-ledger"})
STOPS: frozenset[Act] = frozenset(get_args(Act)) - OWED


class OpenRecall(msgspec.Struct, frozen=True):
    """A recall that the member has not answered with a receipt."""

    recall: str
    due: datetime


class Retained(msgspec.Struct, frozen=True):
    """How much it holds under an agreement, and when its first clock ends (None: it has none)."""

    agreement: str
    count: int
    until: datetime | None


class Electorate(msgspec.Struct, frozen=True):
    """A motion that was open when it left, and whether its outcome is final."""

    motion: str
    opens: datetime
    final: bool


class Duty(msgspec.Struct, frozen=True):
    """One thing that a departed member owes; `due` None: until it is done."""

    act: Act
    about: str
    due: datetime | None
    overdue: bool
    text: Message


def still_may(act: Act, left: datetime | None, moment: datetime) -> bool:
    """Whether a member that left at `left` (None: it did not) does `act` at `moment`."""
    return left is None or moment < left or act in OWED


def owed(
    member: str,
    left: datetime,
    now: datetime,
    *,
    recalls: Iterable[OpenRecall] = (),
    retained: Iterable[Retained] = (),
    motions: Iterable[Electorate] = (),
) -> list[Duty]:
    """What `member` owes at `now` after leaving at `left`, what is due first coming first.

    What has no clock of its own stays bound by the agreement until it is called back.
    """
    duties = [
        _duty(
            "answer-recalls", each.recall, each.due, now, say("rules.owes-receipt", member=member)
        )
        for each in recalls
    ]
    for held in retained:
        key = "rules.owes-keeping" if held.until is None else "rules.owes-deletion"
        text = say(key, member=member, count=held.count)
        duties.append(_duty("honour-retention", held.agreement, held.until, now, text))
    for each in motions:
        if each.opens < left and not each.final:
            text = say("rules.owes-tally", member=member)
            duties.append(_duty("tally", each.motion, None, now, text))
    return sorted(duties, key=lambda duty: (duty.due is None, duty.due or now, duty.about))


def _duty(act: Act, about: str, due: datetime | None, now: datetime, text: Message) -> Duty:
    return Duty(act, about, due, due is not None and due < now, text)
