"""Signing in with a name and a password."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response

from accord.base.errors import DeniedError
from accord.base.messages import Message
from accord.node.entering import sign_in
from accord.node.setting_up import is_new
from accord.web.entrance import AnyRequest, own_path
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.templating import query
from accord.web.visit import Visit

from .places import cookie_to_keep, first_stop, note_refusal, place_of

_PATH = 2_000  # characters of a path to come back to


@page("/sign-in", "anyone")
def show_sign_in(visit: Visit, next: str = "/") -> Response[bytes]:  # noqa: A002 - as in the URL
    """The form; whoever is signed in goes on."""
    if visit.visitor is not None:
        return visit.go(own_path(next))
    return _form(visit, own_path(next))


@act("/sign-in", "anyone")
def do_sign_in(visit: Visit, form: Form, request: AnyRequest) -> Response[bytes]:
    """Begin a session; where there is a second step it is asked for next."""
    onward = own_path(form.maybe("next", most=_PATH))
    name = form.text("name", visit.t("people.name"))
    password = form.secret("password", visit.t("people.password"))
    try:
        session = sign_in(visit.node, name, password, place=place_of(request))
    except DeniedError as error:
        note_refusal(error)
        return _form(visit, onward, name, error.message)
    kept = cookie_to_keep(visit, session.cookie)
    if session.complete:
        return visit.go(first_stop(visit, session.cookie, onward), None, kept)
    return visit.go(f"/sign-in/code{query(next=onward)}", None, kept)


def _form(
    visit: Visit, onward: str, name: str = "", fault: Message | None = None
) -> Response[bytes]:
    status = HTTPStatus.OK if fault is None else HTTPStatus.FORBIDDEN
    return visit.show(
        "people/sign-in.html",
        status,
        onward=onward,
        name=name,
        fault=fault,
        fresh=is_new(visit.node),
    )
