"""One's own account: how one reads, where one is signed in."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from zoneinfo import available_timezones

from litestar import Response

from accord.base.errors import InputError
from accord.base.messages import Message, say
from accord.node.accounts import change_manner, find_account
from accord.node.entering import list_sessions
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .browsers import browser_name

_LEGACY = ("Etc/", "SystemV/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/")


@page("/account", "signed-in")
def show_account(visit: Visit) -> Response[bytes]:
    """Name, roles, language, time zone, sessions."""
    return _form(visit)


@act("/account", "signed-in")
def do_change_account(visit: Visit, form: Form) -> Response[bytes]:
    """Keep another name, language, zone or theme."""
    given = {name: form.maybe(name) for name in ("display", "language", "zone", "theme")}
    try:
        change_manner(visit.node, visit.reader.name, **given)
    except InputError as error:
        return _form(visit, error.message)
    return visit.go("/account", say("people.kept"))


def _form(visit: Visit, fault: Message | None = None) -> Response[bytes]:
    name = visit.reader.name
    status = HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST
    return visit.show(
        "people/own-account.html",
        status,
        account=find_account(visit.node, name),
        sessions=list_sessions(visit.node, name),
        zones=zones(),
        browser_name=browser_name,
        fault=fault,
    )


@cache
def zones() -> tuple[str, ...]:
    """The time zones that people know by a city."""
    named = (zone for zone in available_timezones() if "/" in zone)
    return tuple(sorted(zone for zone in named if not zone.startswith(_LEGACY)))
