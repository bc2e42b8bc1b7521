"""What the TAXII door refuses, and the error objects that say so (TAXII 2.1 section 3.6.1)."""

from __future__ import annotations

import logging
from http import HTTPStatus

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
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
from accord.base.messages import LANGUAGES, Arg, Message, say, translate

from .media import TAXII, languages

log = logging.getLogger(__name__)

AnyRequest = Request[None, None, State]

# An answer is for who asked, and depends on all of these: no cache between may give it to another.
VARY = "Authorization, Accept, Accept-Encoding, Accept-Language"
PRIVATE = {"Cache-Control": "private, no-cache", "Vary": VARY}
NOT_KEPT = {"Cache-Control": "no-store", "Vary": VARY}

CHALLENGE = 'Basic realm="TAXII", charset="UTF-8", Bearer realm="TAXII"'
_RETRY_SECONDS = "5"


class Refused(InputError):
    """A request that is refused with a status of its own."""

    def __init__(self, status: HTTPStatus, key: str, /, **args: Arg) -> None:
        self.status = status
        self.headers: dict[str, str] = {}  # what the answer says beside it
        super().__init__(key, **args)


class NotAllowed(Refused):
    """A method that the path does not have; `allowed` lists those that it has."""

    def __init__(self, allowed: str) -> None:
        super().__init__(HTTPStatus.METHOD_NOT_ALLOWED, "taxii.method", allowed=allowed)
        self.headers = {"Allow": allowed}


class ErrorObject(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """TAXII 2.1 section 3.6.1."""

    title: str
    description: str | None = None
    http_status: str


def language_of(request: AnyRequest, otherwise: str = "en") -> str:
    """The language that the tool asks for, among ours."""
    for tag in languages(request.headers.get("accept-language")):
        if tag in LANGUAGES:
            return tag
    return otherwise


def _answer(request: AnyRequest, status: HTTPStatus, why: Message | None) -> Response[bytes]:
    language = language_of(request)
    title = translate(say("taxii.error", status=status.value, phrase=status.phrase), language)
    headers = dict(NOT_KEPT)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = CHALLENGE
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = _RETRY_SECONDS
    document = ErrorObject(
        title=title,
        description=None if why is None else translate(why, language),
        http_status=str(status.value),
    )
    body = msgspec.json.encode(document)
    return Response(body, status_code=status.value, media_type=TAXII, headers=headers)


def _accord_error(request: AnyRequest, error: AccordError) -> Response[bytes]:
    response = _answer(request, _status(error), error.message)
    if isinstance(error, Refused):
        response.headers.update(error.headers)
    return response


def _status(error: AccordError) -> HTTPStatus:
    if isinstance(error, Refused):
        return error.status
    kinds = (
        (NotFoundError, HTTPStatus.NOT_FOUND),
        (InputError, HTTPStatus.BAD_REQUEST),
        (DeniedError, HTTPStatus.FORBIDDEN),
        (ConflictError, HTTPStatus.CONFLICT),
        (MachineFault, HTTPStatus.SERVICE_UNAVAILABLE),
    )
    found = next((status for kind, status in kinds if isinstance(error, kind)), None)
    if found in (None, HTTPStatus.SERVICE_UNAVAILABLE):
        log.error("a TAXII request failed: %s", error)
    return found or HTTPStatus.INTERNAL_SERVER_ERROR


def _http_error(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    response = _answer(request, HTTPStatus(error.status_code), None)
    response.headers.update(error.headers or {})
    return response


def _bug(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A bug of ours: the tool learns that, the log learns what."""
    log.error("a TAXII request met a bug", exc_info=error)
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, None)


# Also for the application that this door is part of, for the paths that lead nowhere.
EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    AccordError: _accord_error,
    HTTPException: _http_error,
    Exception: _bug,
}
