"""From where somebody asks, and the cookie that they are known by."""

from __future__ import annotations

from litestar.datastructures import Cookie

from accord.node.entering import Place
from accord.node.members import is_loopback
from accord.web.entrance import AnyRequest, session_cookie
from accord.web.visit import Visit


def place_of(request: AnyRequest) -> Place:
    """The address and the browser. A proxy on this machine says whom it speaks for."""
    address = "" if request.client is None else request.client.host
    forwarded = request.headers.getall("x-forwarded-for", [])
    if forwarded and is_loopback(address):
        address = forwarded[-1].rpartition(",")[2].strip() or address
    return Place(address, request.headers.get("user-agent", ""))


def cookie_sent(request: AnyRequest, visit: Visit) -> str:
    """The secret of the session; "" where none was sent."""
    return request.cookies.get(session_cookie(encrypted=visit.shell.encrypted), "")


def cookie_to_keep(visit: Visit, secret: str) -> Cookie:
    """The secret, until the browser is closed or the session ends; "" takes it away."""
    return Cookie(
        session_cookie(encrypted=visit.shell.encrypted),
        value=secret,
        max_age=None if secret else 0,
        httponly=True,
        samesite="lax",
        secure=visit.shell.encrypted,
    )
