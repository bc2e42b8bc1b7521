"""The first account, made with the code that `accord serve` prints."""

from __future__ import annotations

from http import HTTPStatus
from typing import get_args

from litestar import Response

from accord.base.errors import AccordError, DeniedError, InputError
from accord.base.messages import Message, say
from accord.node.accounts import NewAccount
from accord.node.setting_up import is_new, set_up
from accord.rules.access import Role
from accord.web.entrance import AnyRequest
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .places import cookie_to_keep, note_refusal, place_of


@page("/setup", "anyone")
def show_set_up(visit: Visit) -> Response[bytes]:
    """The form, while nobody has an account."""
    if not is_new(visit.node):
        return visit.go("/sign-in", say("node.set-up-done"))
    return _form(visit, {})


@act("/setup", "anyone")
def do_set_up(visit: Visit, form: Form, request: AnyRequest) -> Response[bytes]:
    """Make the account and sign it in."""
    given = {name: form.maybe(name) for name in ("code", "name", "display")}
    try:
        session = set_up(visit.node, given["code"], _wanted(visit, form, given), place_of(request))
    except (InputError, DeniedError) as error:
        if isinstance(error, DeniedError):
            note_refusal(error)
        return _form(visit, given, tuple(form.all("roles")), error)
    return visit.go("/", say("people.set-up-done"), cookie_to_keep(visit, session.cookie))


def _wanted(visit: Visit, form: Form, given: dict[str, str]) -> NewAccount:
    password = form.secret("password", visit.t("people.password"))
    if password != form.secret("again", visit.t("people.again")):
        raise InputError("people.passwords-differ")
    return NewAccount(
        name=given["name"],
        display=given["display"],
        roles=form.all("roles"),
        tlp="red",
        language=visit.language,
        password=password,
    )


def _form(
    visit: Visit,
    given: dict[str, str],
    roles: tuple[str, ...] = get_args(Role),
    fault: AccordError | None = None,
) -> Response[bytes]:
    status = HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST
    message: Message | None = None if fault is None else fault.message
    return visit.show(
        "people/set-up.html",
        status,
        given={"code": "", "name": "", "display": "", **given},
        every=get_args(Role),
        roles=roles,
        fault=message,
        least=visit.node.limits.password_characters,
    )
