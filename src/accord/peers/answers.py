"""What the door answers when it does not give what was asked: a small document, never a trace.

{"key": "peers.key-unknown", "args": {…}, "text": "…"}     application/json, text in English
"""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from accord.base.errors import (
    AccordError,
    ConflictError,
    DeniedError,
    InputError,
    MachineFault,
    NotFoundError,
    PeerFault,
)
from accord.base.messages import Message, say

from .faults import BadRequest, TooManyRequests

_BUSY_SECONDS = 5

# The first that fits counts.
_STATUS: tuple[tuple[type[AccordError], int], ...] = (
    (BadRequest, 401),
    (TooManyRequests, 429),
    (DeniedError, 403),
    (NotFoundError, 404),
    (ConflictError, 409),
    (InputError, 400),
    (PeerFault, 400),
    (MachineFault, 503),
)


def on_error(_request: Request[Any, Any, Any], error: AccordError) -> Response[bytes]:
    """The answer to a request that one of our errors ended."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 503)
    headers = {}
    if isinstance(error, TooManyRequests):
        headers["retry-after"] = str(error.seconds)
    if status == 503:  # what ails this machine is for its operator, not for peers
        headers["retry-after"] = str(_BUSY_SECONDS)
        return document(say("peers.machine-fault"), status, headers)
    return document(error.message, status, headers)


def on_http_error(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """The answer where the framework refused a request: no such path, method or parameter."""
    if error.status_code == 404:
        return document(say("peers.path-unknown"), 404, {})
    return document(say("peers.request-form", status=error.status_code), error.status_code, {})


def document(message: Message, status: int, headers: dict[str, str]) -> Response[bytes]:
    """One message as the whole answer."""
    body = msgspec.json.encode({"key": message.key, "args": message.args, "text": str(message)})
    return Response(body, status_code=status, media_type="application/json", headers=headers)
