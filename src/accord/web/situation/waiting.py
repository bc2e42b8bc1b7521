"""What waits for the visitor, most pressing first: only what they may do something about."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from accord.base.messages import Message, say
from accord.node.agreements import to_sign
from accord.node.answering import list_followed
from accord.node.councils import MotionView, motions
from accord.node.drafts import list_drafts
from accord.node.permissions import list_permissions
from accord.node.recalling import recall_tables
from accord.node.retention import list_retained
from accord.node.waiting import list_waiting
from accord.web.visit import Visit

_REVIEW_DAYS = 14


class Waiting(msgspec.Struct, frozen=True):
    """One kind of thing that waits: what, where it is done; `mark` is "bad", "wait" or "note"."""

    message: Message
    path: str
    mark: str


def waits_for(visit: Visit) -> list[Waiting]:
    """Everything that waits, what is late first."""
    found = [each for look in _LOOKS for each in look(visit)]
    return sorted(found, key=lambda each: _ORDER[each.mark])


def _signatures(visit: Visit) -> Iterator[Waiting]:
    if not visit.may("sign"):
        return
    unsigned = [view for view in to_sign(visit.node) if visit.knows(view.id)]
    if len(unsigned) == 1:
        (view,) = unsigned
        title = view.terms.titles.get(visit.language, view.terms.name)
        path = f"/agreements/{view.id}?sha256={view.sha256}"
        yield Waiting(say("situation.wait-signature", title=title), path, "wait")
    elif unsigned:
        said = say("situation.wait-signatures", count=len(unsigned))
        yield Waiting(said, "/agreements?ours=to-sign", "wait")


def _motions(visit: Visit) -> Iterator[Waiting]:
    """Ballots and tallies."""
    if not visit.may("vote"):
        return
    for view in motions(visit.node, undecided=True):
        title, path = view.titles.get(visit.language, view.id), f"/council/motions/{view.id}"
        if not visit.knows(view.body):
            continue
        if view.state == "open" and _unsaid(visit, view):
            closes = visit.moments.minute(view.closes)
            yield Waiting(say("situation.wait-ballot", title=title, closes=closes), path, "wait")
        elif view.state in ("closed", "provisional"):
            yield Waiting(say("situation.wait-tally", title=title), path, "note")


def _unsaid(visit: Visit, view: MotionView) -> bool:
    """Whether we may vote, the time is not over, and nothing was said yet."""
    if view.closes <= visit.now:
        return False
    mine = [voice for voice in view.voices if voice.member == visit.node.member]
    return any(voice.said in ("seen", "pending") for voice in mine)


def _drafts(visit: Visit) -> Iterator[Waiting]:
    if not visit.may("approve"):
        return
    count = sum(
        draft.author != visit.reader.name and visit.knows(draft.agreement)
        for draft in list_drafts(visit.node)
    )
    if count:
        yield Waiting(say("situation.wait-drafts", count=count), "/drafts", "wait")


def _permissions(visit: Visit) -> Iterator[Waiting]:
    if not visit.may("permissions"):
        return
    me = visit.node.member
    asked = [view for view in list_permissions(visit.node) if view.author == me]
    about = [(view.entry.origin, view.entry.index) for view in asked if view.state == "open"]
    count = sum(visit.knows_any([place]) for place in about)
    if count:
        yield Waiting(say("situation.wait-permissions", count=count), "/permissions", "wait")


def _recalls(visit: Visit) -> Iterator[Waiting]:
    if not visit.may("recall"):
        return
    tables = [
        table
        for table in recall_tables(visit.node)
        if visit.knows_any((visit.node.origin, place.index) for place in table.recall.entries)
    ]
    for state, mark in (("overdue", "bad"), ("refused", "note")):
        count = sum(table.count(state) > 0 for table in tables)
        if count:
            yield Waiting(say(f"situation.wait-recalls-{state}", count=count), "/recalls", mark)


def _followed(visit: Visit) -> Iterator[Waiting]:
    if not visit.may("recall"):
        return
    count = sum(not each.answered for each in list_followed(visit.node))
    if count:
        yield Waiting(say("situation.wait-followed", count=count), "/recalls/others", "wait")


def _reviews(visit: Visit) -> Iterator[Waiting]:
    if not visit.may("recall"):
        return
    retained = list_retained(visit.node, days=_REVIEW_DAYS)
    count = sum(visit.knows(each.agreement) for each in retained)
    if count:
        said = say("situation.wait-reviews", count=count, days=_REVIEW_DAYS)
        yield Waiting(said, "/intelligence", "note")


def _quarantine(visit: Visit) -> Iterator[Waiting]:
    if not visit.may("quarantine"):
        return
    count = len(list_waiting(visit.node))
    if count:
        yield Waiting(say("situation.wait-quarantine", count=count), "/upkeep/quarantine", "note")


_LOOKS: tuple[Callable[[Visit], Iterator[Waiting]], ...] = (
    _signatures,
    _motions,
    _drafts,
    _permissions,
    _recalls,
    _followed,
    _reviews,
    _quarantine,
)
_ORDER = {"bad": 0, "wait": 1, "note": 2}
