"""Joining a community and leaving it, step by step, with who must act next."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

from babel.lists import format_list
from litestar import Response
from litestar.params import FromPath

from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.base.messages import Message, say
from accord.node.applying import apply, sponsor, take_back
from accord.node.councils import community
from accord.node.departing import leave
from accord.node.joining import AccessionView, Step, accessions
from accord.rules.community.standings import STANDINGS, Standing
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .directory import ACCESSION_MARKS

_REASON = 2_000
_STATES = {"done": "done", "next": "now", "later": "later", "refused": "now"}


@page("/members/accessions/{charter:str}/{applicant:str}", "members", example="accession")
def accession_page(
    visit: Visit, charter: FromPath[str], applicant: FromPath[str]
) -> Response[bytes]:
    """What is done, what is next, and who must act."""
    view = _found(visit, charter, applicant)
    me = visit.node.member
    return visit.show(
        "members/accession.html",
        view=view,
        mark=ACCESSION_MARKS.get(view.state, "off"),
        steps=[(_STATES[step.state], *_in_words(visit, step)) for step in view.steps],
        may_sponsor=view.sponsor == me and view.state == "applied" and visit.may("propose"),
        may_take_back=view.applicant == me and view.state != "gone" and visit.may("propose"),
    )


@page("/members/apply", "propose")
def apply_form(visit: Visit) -> Response[bytes]:
    """To which community, in which standing, with whom as sponsor."""
    return _form(visit, {})


@act("/members/apply", "propose")
def apply_act(visit: Visit, form: Form) -> Response[bytes]:
    """Ask one of its members to move our admission; it alone is told."""
    try:
        body = form.text("body", visit.t("members.community"))
        standing = form.choice("standing", STANDINGS, visit.t("members.standing"))
        apply(
            visit.node,
            body,
            form.text("sponsor", visit.t("members.sponsor")),
            cast("Standing", standing),
            form.text("reason", visit.t("members.reason"), most=_REASON),
        )
    except (InputError, ConflictError, DeniedError, NotFoundError) as error:
        return _form(visit, form.typed(), error.message)
    where = f"/members/accessions/{body}/{visit.node.member}"
    return visit.go(where, say("members.applied"))


@act("/members/accessions/{charter:str}/{applicant:str}/sponsor", "propose", example="accession")
def sponsor_act(visit: Visit, charter: FromPath[str], applicant: FromPath[str]) -> Response[bytes]:
    """Move the admission of one that asked us to; once."""
    if _found(visit, charter, applicant).state != "applied":
        raise ConflictError("members.sponsored-before")
    motion = sponsor(visit.node, applicant, body=charter)
    return visit.go(f"/council/motions/{motion}", say("members.sponsored"))


@act("/members/accessions/{charter:str}/{applicant:str}/take-back", "propose", example="accession")
def take_back_act(
    visit: Visit, charter: FromPath[str], applicant: FromPath[str]
) -> Response[bytes]:
    """Take our own application back."""
    _found(visit, charter, applicant)
    take_back(visit.node, charter)
    return visit.go("/members", say("members.taken-back"))


@page("/members/leave", "withdraw")
def leave_form(visit: Visit) -> Response[bytes]:
    """What leaving the community stops, and what is still owed."""
    return _leaving(visit, {})


@act("/members/leave", "withdraw")
def leave_act(visit: Visit, form: Form) -> Response[bytes]:
    """Leave a community and all agreements under its charter."""
    try:
        reason = form.text("reason", visit.t("members.reason"), most=_REASON)
        left = leave(visit.node, body=form.maybe("body") or None, reason=reason)
    except (InputError, NotFoundError, ConflictError) as error:
        return _leaving(visit, form.typed(), error.message)
    return visit.go(f"/members/{visit.node.member}", say("members.left", count=len(left)))


def _found(visit: Visit, body: str, applicant: str) -> AccessionView:
    for view in accessions(visit.node, body, applicant):
        return view
    raise NotFoundError("node.application-none", member=applicant[:80])


def _in_words(visit: Visit, step: Step) -> tuple[str, str]:
    """The name of a step, and who must do what."""
    return visit.t(f"members.step-{step.name}"), "" if step.state == "done" else _who(visit, step)


def _who(visit: Visit, step: Step) -> str:
    """Who must act before a step is done."""
    who = _listed(visit, [visit.names[member] for member in step.who])
    if step.state == "refused":
        return visit.t("members.step-refused")
    if step.name == "keys" and step.what:
        others = _listed(visit, [visit.names[member] for member in step.what])
        return visit.t("members.who-compares", who=others)
    if step.name == "sign" and step.what:
        texts = _listed(visit, [visit.titles.get(text, text) for text in step.what])
        return visit.t("members.who-signs", who=who, what=texts)
    return visit.t("members.who-acts", who=who) if who else ""


def _listed(visit: Visit, names: Sequence[str]) -> str:
    return format_list(names, locale=visit.moments.locale)


def _form(
    visit: Visit, typed: dict[str, list[str]], fault: Message | None = None
) -> Response[bytes]:
    charters = [
        (known.id, visit.titles.get(known.id, known.id))
        for known in visit.node.facts_now().agreements.values()
        if any(text.proposal.terms.council is not None for text in known.texts.values())
    ]
    peers = [(m, name) for m, name in visit.names.by_member.items() if m != visit.node.member]
    return visit.show(
        "members/apply.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        typed=typed,
        fault=fault,
        charters=charters,
        peers=sorted(peers, key=lambda each: each[1].casefold()),
        standings=[(each, visit.t(f"rules.standing-{each}")) for each in STANDINGS],
    )


def _leaving(
    visit: Visit, typed: dict[str, list[str]], fault: Message | None = None
) -> Response[bytes]:
    me = visit.node.member
    mine = [
        (each.body, visit.titles.get(each.body, each.body))
        for each in community(visit.node).bodies
        if each.agreement is None and me in {belongs.member for belongs in each.members}
    ]
    return visit.show(
        "members/leave.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        typed=typed,
        fault=fault,
        bodies=mine,
    )
