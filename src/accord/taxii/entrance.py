"""Who comes in: the token, by HTTP Basic or as a bearer's, then what the tool is able to read."""

from __future__ import annotations

import base64
import binascii
from http import HTTPStatus

from accord.node.node import Node
from accord.node.tokens import Reader, reader_of

from .faults import AnyRequest, Refused
from .media import TAXII, accepts


def enter(node: Node, request: AnyRequest) -> Reader:
    """The reader behind a request that accepts what this door speaks; `Refused` (401, 406)."""
    reader = _reader(node, request.headers.get("authorization"))
    if reader is None:
        raise Refused(HTTPStatus.UNAUTHORIZED, "taxii.unauthorized")
    found = request.headers.getall("accept", [])
    if not accepts(", ".join(found) if found else None):
        shown = ", ".join(found)[:100]
        raise Refused(HTTPStatus.NOT_ACCEPTABLE, "taxii.not-acceptable", offered=TAXII, found=shown)
    return reader


def _reader(node: Node, header: str | None) -> Reader | None:
    """Basic (RFC 7617): the token's name and the token. Bearer (RFC 6750): the token alone."""
    scheme, _, credentials = (header or "").partition(" ")
    credentials = credentials.strip()
    if scheme.lower() == "bearer" and credentials:
        return reader_of(node, credentials)
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return reader_of(node, secret, name) if colon else None
