"""A new password of one's own."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response

from accord.base.errors import AccordError, DeniedError, InputError
from accord.base.messages import Message, say
from accord.node.accounts import set_password
from accord.node.entering import prove_again
from accord.web.entrance import AnyRequest
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .places import place_of


@page("/account/password", "signed-in")
def show_password(visit: Visit) -> Response[bytes]:
    """The form; the only page there is for who was given a password by somebody else."""
    return _form(visit)


@act("/account/password", "signed-in")
def do_change_password(visit: Visit, form: Form, request: AnyRequest) -> Response[bytes]:
    """Keep it, and end all sessions but this one."""
    try:
        _change(visit, form, request)
    except (InputError, DeniedError) as error:
        return _form(visit, error)
    first = visit.visitor is not None and visit.visitor.must_change
    return visit.go("/" if first else "/account", say("people.password-kept"))


def _change(visit: Visit, form: Form, request: AnyRequest) -> None:
    old = form.secret("old", visit.t("people.old-password"))
    new = form.secret("new", visit.t("people.new-password"))
    if new != form.secret("again", visit.t("people.again")):
        raise InputError("people.passwords-differ")
    if new == old:
        raise InputError("people.password-same")
    prove_again(visit.node, visit.reader.name, old, place_of(request))
    session = None if visit.visitor is None else visit.visitor.session
    set_password(visit.node, visit.reader.name, new, but=session)


def _form(visit: Visit, fault: AccordError | None = None) -> Response[bytes]:
    status = HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST
    message: Message | None = None if fault is None else fault.message
    return visit.show(
        "people/own-password.html",
        status,
        fault=message,
        least=visit.node.limits.password_characters,
    )
