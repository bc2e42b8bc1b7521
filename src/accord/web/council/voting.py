"""What a delegate does about a motion: vote; of an own one: extend it, take it back."""

from __future__ import annotations

from typing import cast, get_args

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import InputError
from accord.base.messages import say
from accord.node.deciding import extend, vote, withdraw
from accord.rules.decisions.objects import Choice
from accord.web.forms import Form
from accord.web.room import act
from accord.web.visit import Visit

from .known import motion_for
from .motions import motion_shown

_WORDS = 2_000


@act("/council/motions/{name:str}/vote", "vote", example="motion")
def vote_act(visit: Visit, form: Form, name: FromPath[str]) -> Response[bytes]:
    """Cast this member's one ballot, for the text that was read. A no breaks a silence."""
    view = motion_for(visit, name)
    try:
        if form.text("sha256") != view.sha256:
            raise InputError("council.other-text")
        reservation = form.maybe("reservation", visit.t("council.reservation"), most=_WORDS)
        reason = form.maybe("reason", visit.t("council.reason"), most=_WORDS)
        choice = form.choice("choice", get_args(Choice), visit.t("council.your-vote"))
        vote(
            visit.node,
            view.id,
            cast("Choice", choice),
            reservation={visit.language: reservation} if reservation else None,
            reason={visit.language: reason} if reason else None,
        )
    except InputError as error:
        return motion_shown(visit, view, form.typed(), error.message)
    return visit.go(f"/council/motions/{view.id}", say("council.voted"))


@act("/council/motions/{name:str}/extend", "propose", example="motion")
def extend_act(visit: Visit, form: Form, name: FromPath[str]) -> Response[bytes]:
    """Let a motion of ours close later; once."""
    view = motion_for(visit, name)
    label = visit.t("council.closes")
    try:
        until = form.moment("closes", visit.moments.zone, label)
        if until is None:
            raise InputError("web.form-missing", field=label)
        extend(visit.node, view.id, until)
    except InputError as error:
        return motion_shown(visit, view, form.typed(), error.message)
    return visit.go(f"/council/motions/{view.id}", say("council.extended"))


@act("/council/motions/{name:str}/withdraw", "propose", example="motion")
def withdraw_act(visit: Visit, name: FromPath[str]) -> Response[bytes]:
    """Take a motion of ours back before it closes."""
    view = motion_for(visit, name)
    withdraw(visit.node, view.id)
    return visit.go(f"/council/motions/{view.id}", say("council.taken-back"))
