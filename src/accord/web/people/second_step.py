"""The code that is asked for after the password."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response

from accord.base.errors import DeniedError
from accord.base.messages import Message
from accord.node.entering import is_half_in, second_step
from accord.web.entrance import AnyRequest, own_path
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .places import cookie_sent, cookie_to_keep, first_stop, note_refusal, place_of

_PATH = 2_000  # characters of a path to come back to


@page("/sign-in/code", "anyone")
def show_second_step(
    visit: Visit,
    request: AnyRequest,
    next: str = "/",  # noqa: A002 - as in the URL
) -> Response[bytes]:
    """The form, for whoever has just given a password."""
    if not is_half_in(visit.node, cookie_sent(request, visit)):
        return visit.go("/sign-in")
    return _form(visit, own_path(next))


@act("/sign-in/code", "anyone")
def do_second_step(visit: Visit, form: Form, request: AnyRequest) -> Response[bytes]:
    """Complete the session, under another secret than before."""
    onward, cookie = own_path(form.maybe("next", most=_PATH)), cookie_sent(request, visit)
    code = form.text("code", visit.t("people.code"))
    try:
        session = second_step(visit.node, cookie, code, place_of(request))
    except DeniedError as error:
        note_refusal(error)
        if not is_half_in(visit.node, cookie):
            return visit.go("/sign-in", error.message)
        return _form(visit, onward, error.message)
    kept = cookie_to_keep(visit, session.cookie)
    return visit.go(first_stop(visit, session.cookie, onward), None, kept)


def _form(visit: Visit, onward: str, fault: Message | None = None) -> Response[bytes]:
    status = HTTPStatus.OK if fault is None else HTTPStatus.FORBIDDEN
    return visit.show("people/second-step.html", status, onward=onward, fault=fault)
