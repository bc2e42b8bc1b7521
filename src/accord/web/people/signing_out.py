"""Signing out."""

from __future__ import annotations

from litestar import Response

from accord.base.messages import say
from accord.node.entering import sign_out
from accord.web.entrance import AnyRequest
from accord.web.room import act
from accord.web.visit import Visit

from .places import cookie_sent, cookie_to_keep


@act("/sign-out", "anyone")
def do_sign_out(visit: Visit, request: AnyRequest) -> Response[bytes]:
    """End this session, here and in the store."""
    sign_out(visit.node, cookie_sent(request, visit))
    return visit.go("/sign-in", say("people.signed-out"), cookie_to_keep(visit, ""))
