"""A new token, for a tool or for somebody's own use."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response

from accord.base.errors import AccordError, ConflictError, InputError
from accord.base.messages import Message
from accord.node.accounts import list_accounts
from accord.node.tokens import add_token
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .scopes import choices

_FIELDS = ("name", "role", "tlp", "owner", "reach")


@page("/tokens/new", "tokens")
def show_new_token(visit: Visit) -> Response[bytes]:
    """The form."""
    return _form(visit, {})


@act("/tokens/new", "tokens")
def do_add_token(visit: Visit, form: Form) -> Response[bytes]:
    """Make it; its secret is shown in this answer alone."""
    given = {name: form.maybe(name) for name in _FIELDS}
    agreements = tuple(form.all("agreements"))
    try:
        made = add_token(
            visit.node,
            given["name"],
            role=given["role"],
            tlp=given["tlp"],
            agreements=agreements if given["reach"] == "some" else None,
            owner=given["owner"] or None,
        )
    except (InputError, ConflictError) as error:
        return _form(visit, given, agreements, error)
    return visit.show("people/given-token.html", made=made)


def _form(
    visit: Visit,
    given: dict[str, str],
    agreements: tuple[str, ...] = (),
    fault: AccordError | None = None,
) -> Response[bytes]:
    status = HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST
    message: Message | None = None if fault is None else fault.message
    blank = {"name": "", "role": "analyst", "tlp": "amber+strict", "owner": "", "reach": "all"}
    return visit.show(
        "people/token-new.html",
        status,
        given=blank | given,
        agreements=agreements,
        owners=[each for each in list_accounts(visit.node) if each.disabled is None],
        fault=message,
        **choices(visit),
    )
