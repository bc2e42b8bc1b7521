"""From where somebody asks, the cookie that they are known by, and who was not let in."""

from __future__ import annotations

import logging

from litestar.datastructures import Cookie

from accord.base.errors import AccordError
from accord.node.entering import Place, visitor_of
from accord.node.events import reason_of, tell
from accord.node.members import is_loopback
from accord.web.entrance import AnyRequest
from accord.web.visit import Visit

log = logging.getLogger(__name__)


def note_refusal(error: AccordError) -> None:
    """Tell the log that somebody was not let in, and why; neither who nor from where."""
    tell(log, logging.WARNING, "sign-in-refused", reason=reason_of(error))


def place_of(request: AnyRequest) -> Place:
    """The address and the browser. A proxy on this machine says whom it speaks for."""
    address = "" if request.client is None else request.client.host
    forwarded = request.headers.getall("x-forwarded-for", [])
    if forwarded and is_loopback(address):
        address = forwarded[-1].rpartition(",")[2].strip() or address
    return Place(address, request.headers.get("user-agent", ""))


def cookie_sent(request: AnyRequest, visit: Visit) -> str:
    """The secret of the session; "" where none was sent."""
    return request.cookies.get(visit.shell.cookie("session"), "")


def cookie_to_keep(visit: Visit, secret: str) -> Cookie:
    """The secret, until the browser is closed or the session ends; "" takes it away."""
    return Cookie(
        visit.shell.cookie("session"),
        value=secret,
        max_age=None if secret else 0,
        httponly=True,
        samesite="lax",
        secure=visit.shell.encrypted,
    )


def first_stop(visit: Visit, cookie: str, onward: str) -> str:
    """Where somebody goes who has just come in: first of all to a password of their own."""
    visitor = visitor_of(visit.node, cookie)
    return "/account/password" if visitor is not None and visitor.must_change else onward
