"""Call back what was given; keep or give up what others call back."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import cast, get_args

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import InputError, NotFoundError
from accord.base.messages import Message, say
from accord.node.answering import answer_recalls
from accord.node.carried import carried_by
from accord.node.legal_holds import lift_hold, place_hold
from accord.node.recalling import Order, Recalling, find_entries, recall_entries
from accord.rules.recall import Mode
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .recalls import holds_for, may_hold, show_holds

_DAYS = 3  # what a member has to answer in, where nothing else is said
_MOST = 200_000  # characters of a list of ids
_REASON = 2_000


@page("/recalls/new", "recall")
def recall_form(visit: Visit, object: str = "") -> Response[bytes]:  # noqa: A002
    """What is to be called back, how strictly, why, and by when."""
    return _form(visit, {"objects": [object]})


@act("/recalls/order", "recall")
def order(visit: Visit, form: Form) -> Response[bytes]:
    """Every version of these objects that we published is called back, at once."""
    try:
        done = recall_entries(visit.node, *_wanted(visit, form))
    except InputError as error:
        return _form(visit, form.typed(), error.message)
    return visit.go(_where(done), _said(done))


def _wanted(visit: Visit, form: Form) -> tuple[list[int], Order]:
    ids = form.text("objects", visit.t("publishing.recall-objects"), most=_MOST).split()
    mode = form.choice("mode", get_args(Mode), visit.t("publishing.recall-mode"))
    due = form.moment("due", visit.moments.zone, visit.t("publishing.recall-due"))
    wanted = Order(
        mode=cast("Mode", mode),
        reason=form.text("reason", visit.t("publishing.recall-reason"), most=_REASON),
        due=due or visit.now + timedelta(days=_DAYS),
        keep=form.ticked("keep"),
    )
    return _known_to(visit, find_entries(visit.node, ids)), wanted


def _known_to(visit: Visit, numbers: list[int]) -> list[int]:
    """Those of these entries of ours that the visitor may know of. Raises `NotFoundError`."""
    carried = carried_by(visit.node, ((visit.node.origin, number) for number in numbers))
    known = {
        number: each.object_id
        for (_, number), each in carried.items()
        if visit.knows(each.agreement, each.group)
    }
    unknown = {each.object_id for each in carried.values()} - set(known.values())
    if unknown:
        raise NotFoundError("node.recall-not-ours", id=min(unknown))
    return sorted(known)


def _where(done: Recalling) -> str:
    return f"/recalls/{done.numbers[0]}" if len(done.numbers) == 1 else "/recalls"


def _said(done: Recalling) -> Message:
    if not done.entries:
        return say("publishing.recall-before")
    if not done.given:
        return say("publishing.recall-nobody", count=done.entries)
    return say("publishing.recall-ordered", count=done.entries)


def _form(
    visit: Visit, typed: dict[str, list[str]], fault: Message | None = None
) -> Response[bytes]:
    due = visit.now + timedelta(days=_DAYS)
    return visit.show(
        "publishing/recall-form.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        typed=typed,
        fault=fault,
        modes=get_args(Mode),
        due=due.astimezone(visit.moments.zone).strftime("%Y-%m-%dT%H:%M"),
    )


@act("/recalls/holds/place", "recall")
def place(visit: Visit, form: Form) -> Response[bytes]:
    """Keep what we hold of an object, whoever recalls it. The author is told the reason."""
    try:
        object_id = form.text("object", visit.t("publishing.hold-object"))
        if not may_hold(visit, object_id):
            raise NotFoundError("node.object-unknown", id=object_id[:100])
        place_hold(visit.node, object_id, form.text("reason", visit.t("publishing.hold-reason")))
    except InputError as error:
        return show_holds(visit, form.typed(), error.message)
    return visit.go("/recalls/holds", say("publishing.hold-placed"))


@act("/recalls/holds/{hold:int}/lift", "recall", example="hold")
def lift(visit: Visit, hold: FromPath[int]) -> Response[bytes]:
    """The recalls that it stood against are carried out now, and answered."""
    if all(each.number != hold for each in holds_for(visit)):
        raise NotFoundError("node.hold-unknown", number=hold)
    done = lift_hold(visit.node, hold)
    answer_recalls(visit.node)
    return visit.go("/recalls/holds", say("publishing.hold-lifted", count=done))
