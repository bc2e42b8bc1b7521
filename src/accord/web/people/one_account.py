"""One account, as an operator sees and changes it."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import AccordError, DeniedError, InputError, NotFoundError
from accord.base.messages import Message, say
from accord.node.accounts import (
    change_scope,
    disable_account,
    enable_account,
    find_account,
    reset_password,
)
from accord.node.entering import end_sessions, list_sessions
from accord.node.second_steps import drop_second_step
from accord.node.tokens import list_tokens
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .browsers import browser_name
from .scopes import ChosenScope, choices, scope_chosen


@page("/accounts/{name:str}", "accounts", example="account")
def show_one_account(visit: Visit, name: FromPath[str]) -> Response[bytes]:
    """Roles, reach, sessions, tokens, and what can be done."""
    return _form(visit, name)


@act("/accounts/{name:str}", "accounts", example="account")
def do_change_scope(visit: Visit, form: Form, name: FromPath[str]) -> Response[bytes]:
    """Keep other roles, another level or reach."""
    scope = scope_chosen(form)
    try:
        change_scope(visit.node, name, **scope)
    except NotFoundError:
        raise
    except (InputError, DeniedError) as error:
        return _form(visit, name, scope, error)
    return visit.go(f"/accounts/{name}", say("people.account-changed", name=name))


@act("/accounts/{name:str}/password", "accounts", example="account")
def do_reset_password(visit: Visit, name: FromPath[str]) -> Response[bytes]:
    """A password for the next sign-in; it is shown in this answer alone."""
    password = reset_password(visit.node, name)
    account = find_account(visit.node, name)
    return visit.show("people/given-password.html", account=account, password=password)


@act("/accounts/{name:str}/second-step", "accounts", example="account")
def do_drop_second_step(visit: Visit, name: FromPath[str]) -> Response[bytes]:
    """For a lost phone: the password alone again, until another app is set up."""
    drop_second_step(visit.node, name)
    return visit.go(f"/accounts/{name}", say("people.account-second-step-dropped", name=name))


@act("/accounts/{name:str}/sessions", "accounts", example="account")
def do_end_account_sessions(visit: Visit, name: FromPath[str]) -> Response[bytes]:
    """Sign somebody out everywhere."""
    find_account(visit.node, name)
    count = end_sessions(visit.node, name)
    return visit.go(f"/accounts/{name}", say("people.sessions-ended", count=count))


@act("/accounts/{name:str}/disable", "accounts", example="account")
def do_disable_account(visit: Visit, name: FromPath[str]) -> Response[bytes]:
    """From the next request on it opens nothing."""
    disable_account(visit.node, name)
    return visit.go(f"/accounts/{name}", say("people.account-disabled", name=name))


@act("/accounts/{name:str}/enable", "accounts", example="account")
def do_enable_account(visit: Visit, name: FromPath[str]) -> Response[bytes]:
    """It opens again what it did."""
    enable_account(visit.node, name)
    return visit.go(f"/accounts/{name}", say("people.account-enabled", name=name))


def _form(
    visit: Visit,
    name: str,
    scope: ChosenScope | None = None,
    fault: AccordError | None = None,
) -> Response[bytes]:
    account = find_account(visit.node, name)
    status = HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST
    message: Message | None = None if fault is None else fault.message
    kept = ChosenScope(
        roles=account.roles,
        tlp=account.tlp,
        agreements=account.agreements,
        circles=account.circles,
    )
    return visit.show(
        "people/account.html",
        status,
        account=account,
        scope=scope or kept,
        sessions=list_sessions(visit.node, name),
        tokens=[row for row in list_tokens(visit.node) if row.owner == name],
        browser_name=browser_name,
        fault=message,
        **choices(visit),
    )
