"""Working groups: those that have us on their roster, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import cast, get_args

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.base.messages import LANGUAGES, Message, say
from accord.base.paging import part_of
from accord.node.groups import authorise, close, exclude, invite, join, leave
from accord.node.node import Node
from accord.rules.decisions.effects import History
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .known import agreement_for, group_for, group_names, groups_for, texts_for

MARKS = {"belongs": "good", "invited": "wait", "left": "off", "no-party": "bad"}
_REASON = 2_000
_NAME = 100
_BY = ("silence", "unanimity")


@page("/groups", "agreements")
def groups_page(visit: Visit, after: str = "") -> Response[bytes]:
    """The groups that we belong to or are invited to. Of others nobody here can know."""
    part = part_of(groups_for(visit), lambda each: each.id, after)
    names = group_names(visit)
    return visit.show("council/groups.html", tab="groups", part=part, marks=MARKS, names=names)


@page("/groups/new", "propose")
def group_form(visit: Visit) -> Response[bytes]:
    """Under which agreement, with whom, and what later members see."""
    return _form(visit, {})


@act("/groups/new", "propose")
def authorise_act(visit: Visit, form: Form) -> Response[bytes]:
    """Move in the council that it authorise the group."""
    try:
        motion = authorise(
            visit.node,
            agreement_for(visit, form.text("agreement", visit.t("council.agreement"))),
            tuple(sorted({visit.node.member, *form.all("members")})),
            form.choice("by", _BY, visit.t("council.rule")),
            cast("History", form.choice("history", get_args(History), visit.t("council.history"))),
            names=_names(visit, form),
        )
    except (InputError, DeniedError, ConflictError, NotFoundError) as error:
        return _form(visit, form.typed(), error.message)
    return visit.go(f"/council/motions/{motion}", say("council.moved"))


def _names(visit: Visit, form: Form) -> dict[str, str]:
    """What the group is called; where it is called nothing in a language, as in the visitor's."""
    label = visit.t("council.group-name")
    own = form.text(f"name_{visit.language}", label, most=_NAME)
    return {
        language: form.maybe(f"name_{language}", label, most=_NAME) or own for language in LANGUAGES
    }


@page("/groups/{name:str}", "agreements", example="group")
def group_page(visit: Visit, name: FromPath[str]) -> Response[bytes]:
    """The roster, as its members alone see it."""
    return _group(visit, name, {})


def _group(
    visit: Visit, name: str, typed: dict[str, list[str]], fault: Message | None = None
) -> Response[bytes]:
    view = group_for(visit, name)
    there = {each.member for each in view.members if each.place != "left"}
    parties = next(
        (
            text.standing.parties
            for text in texts_for(visit)
            if text.id == view.agreement and text.standing.state == "in-force"
        ),
        (),
    )
    return visit.show(
        "council/group.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        typed=typed,
        fault=fault,
        group=view,
        name=group_names(visit).get(view.id),
        marks=MARKS,
        others=[(each, visit.names[each]) for each in parties if each not in there],
    )


@act("/groups/{name:str}/join", "sign", example="group")
def join_act(visit: Visit, name: FromPath[str]) -> Response[bytes]:
    """Take the place that the group offered us."""
    join(visit.node, group_for(visit, name).id)
    return visit.go(f"/groups/{name}", say("council.joined"))


@act("/groups/{name:str}/leave", "withdraw", example="group")
def leave_group_act(visit: Visit, form: Form, name: FromPath[str]) -> Response[bytes]:
    """Leave it, at once."""
    group = group_for(visit, name).id
    try:
        leave(visit.node, group, form.maybe("reason", visit.t("council.reason"), most=_REASON))
    except (InputError, DeniedError, ConflictError) as error:
        return _group(visit, name, form.typed(), error.message)
    return visit.go("/groups", say("council.left"))


@act("/groups/{name:str}/invite", "propose", example="group")
def invite_act(visit: Visit, form: Form, name: FromPath[str]) -> Response[bytes]:
    """Move within the group that it admit a party."""
    return _moved(visit, form, name, invite)


@act("/groups/{name:str}/exclude", "propose", example="group")
def exclude_act(visit: Visit, form: Form, name: FromPath[str]) -> Response[bytes]:
    """Move within the group that one no longer belongs."""
    return _moved(visit, form, name, exclude)


def _moved(
    visit: Visit, form: Form, name: str, move: Callable[[Node, str, str], str]
) -> Response[bytes]:
    """Move something about a member within the group; on a fault its page says which."""
    group = group_for(visit, name).id
    try:
        motion = move(visit.node, group, form.text("member", visit.t("council.member")))
    except (InputError, DeniedError, ConflictError, NotFoundError) as error:
        return _group(visit, name, form.typed(), error.message)
    return visit.go(f"/council/motions/{motion}", say("council.moved"))


@act("/groups/{name:str}/close", "propose", example="group")
def close_act(visit: Visit, name: FromPath[str]) -> Response[bytes]:
    """Move in the council that the group be closed."""
    motion = close(visit.node, group_for(visit, name).id)
    return visit.go(f"/council/motions/{motion}", say("council.moved"))


def _form(
    visit: Visit, typed: dict[str, list[str]], fault: Message | None = None
) -> Response[bytes]:
    found = [
        (view.id, view.terms.titles.get(visit.language, view.terms.name))
        for view in texts_for(visit)
        if view.standing.state == "in-force" and visit.node.member in view.standing.parties
    ]
    states = visit.names.states
    others = [(*each, "") for each in visit.names.sorted() if states.get(each[0]) == "confirmed"]
    return visit.show(
        "council/group-form.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        typed=typed,
        fault=fault,
        agreements=found,
        others=others,
        histories=[(each, visit.t(f"council.history-{each}"), "") for each in get_args(History)],
        tongues=sorted(LANGUAGES, key=lambda each: each != visit.language),
        rules=[(each, visit.t(f"council.rule-{each}")) for each in _BY],
    )
