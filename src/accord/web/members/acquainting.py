"""Getting acquainted: fetch a card, compare the fingerprint aloud, confirm; suspend and resume."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import ConflictError, InputError, PeerFault
from accord.base.messages import Message, say
from accord.node.members import (
    add_peer,
    check_url,
    confirm_peer,
    remove_peer,
    resume_peer,
    suspend_peer,
)
from accord.node.node import Node
from accord.node.places import set_place
from accord.store.records import PeerRow
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .one import card_of, member_shown, tongue_of, words_of

_FINGERPRINT = 1_000  # characters of 24 words


@page("/members/add", "peers")
def add_form(visit: Visit) -> Response[bytes]:
    """Where the other member's node is reached."""
    return _form(visit, "")


@act("/members/add", "peers")
def add_act(visit: Visit, form: Form) -> Response[bytes]:
    """Fetch its card and show it. Nothing flows before somebody confirmed the fingerprint."""
    url = form.maybe("url", most=2_000)
    try:
        checked = check_url(form.text("url", visit.t("members.url"), most=2_000))
        card = add_peer(visit.node, checked, visit.shell.fetch_card(checked))
    except (InputError, ConflictError, PeerFault) as error:
        return _form(visit, url, error.message)
    return visit.go(f"/members/{card.member}/confirm", say("members.added", name=card.name))


@page("/members/{member:str}/confirm", "peers", example="member-added")
def confirm_form(visit: Visit, member: FromPath[str], words: str = "") -> Response[bytes]:
    """What both sides read aloud: theirs here, ours there; in a language that both know."""
    return _confirm(visit, member, "", words=words)


@act("/members/{member:str}/confirm", "peers", example="member-added")
def confirm_act(visit: Visit, form: Form, member: FromPath[str]) -> Response[bytes]:
    """Pin the full fingerprint as it was heard: 64 hex digits or 24 words."""
    heard = form.typed().get("fingerprint", [""])[0]
    try:
        label = visit.t("members.fingerprint")
        row = confirm_peer(visit.node, member, form.maybe("fingerprint", label, most=_FINGERPRINT))
    except (InputError, ConflictError) as error:
        return _confirm(visit, member, heard, error.message)
    return visit.go(f"/members/{row.member}", say("members.confirmed", name=row.name))


@act("/members/{member:str}/suspend", "suspend", example="member")
def suspend_act(visit: Visit, member: FromPath[str]) -> Response[bytes]:
    """Stop everything to and from a member, at once."""
    return _changed(visit, member, suspend_peer, "members.suspended")


@act("/members/{member:str}/resume", "peers", example="member")
def resume_act(visit: Visit, member: FromPath[str]) -> Response[bytes]:
    """Let it flow again; what was held back is granted anew."""
    return _changed(visit, member, resume_peer, "members.resumed")


@act("/members/{member:str}/remove", "peers", example="member")
def remove_act(visit: Visit, member: FromPath[str]) -> Response[bytes]:
    """No peer any more. What is on record about it stays on record."""
    row = remove_peer(visit.node, member)
    return visit.go("/members", say("members.removed", name=row.name))


@act("/members/{member:str}/place", "settings", example="member")
def place_act(visit: Visit, form: Form, member: FromPath[str]) -> Response[bytes]:
    """Note in which country it has its seat, for the map of this node."""
    try:
        set_place(visit.node, member, form.maybe("country", visit.t("members.country")))
    except InputError as error:
        return member_shown(visit, member, form.typed(), error.message)
    return visit.go(f"/members/{member}", say("members.placed"))


def _changed(
    visit: Visit, member: str, change: Callable[[Node, str], PeerRow], key: str
) -> Response[bytes]:
    row = change(visit.node, member)
    return visit.go(f"/members/{row.member}", say(key, name=row.name))


def _form(visit: Visit, url: str, fault: Message | None = None) -> Response[bytes]:
    status = HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST
    return visit.show("members/add.html", status, url=url, fault=fault)


def _confirm(
    visit: Visit, member: str, heard: str, fault: Message | None = None, words: str = ""
) -> Response[bytes]:
    card, row = card_of(visit, member)
    if row is None:
        raise InputError("members.ourselves")
    own, tongue = visit.node.read_card(), tongue_of(visit, words)
    return visit.show(
        "members/confirm.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        card=card,
        row=row,
        tongue=tongue,
        words=words_of(card, tongue),
        own_words=words_of(own, tongue),
        heard=heard,
        fault=fault,
    )
