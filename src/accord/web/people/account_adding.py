"""A new account, made by an operator."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response

from accord.base.errors import AccordError, ConflictError, InputError
from accord.base.messages import Message
from accord.node.accounts import NewAccount, add_account
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .scopes import ChosenScope, choices, scope_chosen

_START = ChosenScope(roles=(), tlp="amber+strict", agreements=None, circles=())


@page("/accounts/new", "accounts")
def show_new_account(visit: Visit) -> Response[bytes]:
    """The form."""
    return _form(visit, {}, _START)


@act("/accounts/new", "accounts")
def do_add_account(visit: Visit, form: Form) -> Response[bytes]:
    """Make it; its first password is shown in this answer alone."""
    given = {name: form.maybe(name) for name in ("name", "display", "language")}
    scope = scope_chosen(form)
    try:
        account, password = add_account(visit.node, _wanted(given, scope))
    except (InputError, ConflictError) as error:
        return _form(visit, given, scope, error)
    return visit.show("people/given-password.html", account=account, password=password)


def _wanted(given: dict[str, str], scope: ChosenScope) -> NewAccount:
    return NewAccount(
        name=given["name"], display=given["display"], language=given["language"], **scope
    )


def _form(
    visit: Visit,
    given: dict[str, str],
    scope: ChosenScope,
    fault: AccordError | None = None,
) -> Response[bytes]:
    status = HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST
    message: Message | None = None if fault is None else fault.message
    blank = {"name": "", "display": "", "language": visit.node.settings.language}
    return visit.show(
        "people/account-new.html",
        status,
        given=blank | given,
        scope=scope,
        fault=message,
        **choices(visit),
    )
