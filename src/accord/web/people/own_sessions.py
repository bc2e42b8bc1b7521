"""Ending one's own sessions."""

from __future__ import annotations

from litestar import Response

from accord.base.errors import NotFoundError
from accord.base.messages import say
from accord.node.entering import end_session, end_sessions
from accord.web.forms import Form
from accord.web.room import act
from accord.web.visit import Visit

_DIGITS = 18  # what a database holds


@act("/account/sessions/end", "signed-in")
def do_end_sessions(visit: Visit, form: Form) -> Response[bytes]:
    """End one that the form names, or all but this one."""
    name = visit.reader.name
    if "session" in form:
        end_session(visit.node, name, _number(form.text("session")))
        return visit.go("/account", say("people.session-ended"))
    here = None if visit.visitor is None else visit.visitor.session
    count = end_sessions(visit.node, name, but=here)
    return visit.go("/account", say("people.sessions-ended", count=count))


def _number(text: str) -> int:
    """The number of a session; what is none names nothing."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise NotFoundError("node.session-gone")
    return int(text)
