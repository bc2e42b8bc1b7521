"""When something does not work: a page that says what, never a trace."""

from __future__ import annotations

import logging
from http import HTTPStatus

from litestar import Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from accord.base.errors import (
    AccordError,
    ConflictError,
    DeniedError,
    InputError,
    MachineFault,
    NotFoundError,
)
from accord.base.messages import Message, say
from accord.node.events import reason_of, tell

from .entrance import AnyRequest, PasswordFirst, SignedOut, way_in, who
from .opening import visit_of

CHOOSE = "/account/password"

log = logging.getLogger(__name__)

_STATUSES: tuple[tuple[type[AccordError], HTTPStatus], ...] = (  # the first that fits
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (InputError, HTTPStatus.BAD_REQUEST),
    (DeniedError, HTTPStatus.FORBIDDEN),
    (ConflictError, HTTPStatus.CONFLICT),
    (MachineFault, HTTPStatus.SERVICE_UNAVAILABLE),
)
_SAYINGS = {
    HTTPStatus.NOT_FOUND: "web.no-such-page",
    HTTPStatus.METHOD_NOT_ALLOWED: "web.no-such-act",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "web.too-large",
    HTTPStatus.TOO_MANY_REQUESTS: "web.too-many",
    HTTPStatus.FORBIDDEN: "web.form-stale",  # the token against forged requests did not fit
}


def _signed_out(request: AnyRequest, _error: SignedOut) -> Response[bytes]:
    """To the sign-in page; what is loaded into a page takes the whole page there."""
    if request.headers.get("hx-request"):
        return _bare(HTTPStatus.UNAUTHORIZED, {"HX-Redirect": "/sign-in"})
    if request.method not in ("GET", "HEAD"):
        return _bare(HTTPStatus.SEE_OTHER, {"Location": "/sign-in"})
    if "text/event-stream" in request.headers.get("accept", ""):
        return _bare(HTTPStatus.NO_CONTENT, {})  # ends the stream for good (HTML, section 9.2)
    return _bare(HTTPStatus.SEE_OTHER, {"Location": way_in(request)})


def _password_first(request: AnyRequest, _error: PasswordFirst) -> Response[bytes]:
    """To the page where it is chosen."""
    if request.headers.get("hx-request"):
        return _bare(HTTPStatus.OK, {"HX-Redirect": CHOOSE})
    return _bare(HTTPStatus.SEE_OTHER, {"Location": CHOOSE})


def _bare(status: HTTPStatus, headers: dict[str, str]) -> Response[bytes]:
    return Response(b"", media_type=MediaType.HTML, status_code=status, headers=headers)


def _refused(request: AnyRequest, error: AccordError) -> Response[bytes]:
    status = next(
        (status for kind, status in _STATUSES if isinstance(error, kind)),
        HTTPStatus.BAD_GATEWAY,  # a peer's fault
    )
    if isinstance(error, MachineFault):
        tell(log, logging.ERROR, "page-failed", path=request.url.path, reason=reason_of(error))
    return _page(request, status, error.message)


def _unreachable(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    status = HTTPStatus(error.status_code)
    key = _SAYINGS.get(status)
    if key is not None:
        return _page(request, status, say(key))
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _page(request, status, say("web.bad-request", detail=str(error.detail)[:200]))
    return _broken(request, error)


def _broken(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A bug of ours: logged whole for the operator, one sentence for the person."""
    log.error("page failed: %s", request.url.path, exc_info=error)
    return _page(request, HTTPStatus.INTERNAL_SERVER_ERROR, say("web.broken"))


def _page(request: AnyRequest, status: HTTPStatus, message: Message) -> Response[bytes]:
    request.scope.setdefault("user", None)
    if request.scope["user"] is None:  # where no handler was found, nobody looked who it is
        request.scope["user"] = who(request)
    visit = visit_of(request)
    template = "web/error-part.html" if visit.htmx else "web/error.html"
    return visit.show(template, status, message=message, code=int(status))


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    SignedOut: _signed_out,
    PasswordFirst: _password_first,
    AccordError: _refused,
    HTTPException: _unreachable,
    Exception: _broken,
}
