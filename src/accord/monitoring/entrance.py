"""Who may see how a node is: this machine, or a token whose role may look after it.

A node that listens in the clear behind a proxy sees strangers come from this machine too; so there,
as for a page in a browser that was sent to this machine's address, a token is needed.
"""

from __future__ import annotations

import base64
import binascii
from typing import Literal, get_args
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import State

from accord.base.errors import InputError
from accord.node.members import is_loopback
from accord.node.node import Node
from accord.node.tokens import reader_of
from accord.rules.access import may

Audience = Literal["loopback", "token", "anyone"]
AnyRequest = Request[None, None, State]

_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-real-ip")


def audience_of(text: str, node: Node, *, encrypted: bool) -> Audience:
    """Who is let in without a token; "" leaves it to what is known of the place.

    Raises `InputError` for a word that is not one of `Audience`.
    """
    if text:
        known: tuple[Audience, ...] = get_args(Audience)
        found = next((each for each in known if each == text), None)
        if found is None:
            allowed = ", ".join(known)
            raise InputError("monitoring.audience", found=text[:60], allowed=allowed)
        return found
    host = urlsplit(node.settings.url).hostname
    behind_proxy = not encrypted and host is not None and not is_loopback(host)
    return "token" if behind_proxy else "loopback"


def lets_in(node: Node, audience: Audience, request: AnyRequest) -> bool:
    """Whether whoever asks may see. Reads the store when a token is shown."""
    if audience == "anyone" or (audience == "loopback" and _is_local(request)):
        return True
    token = _token(request.headers.get("authorization", ""))
    reader = reader_of(node, token) if token else None
    return reader is not None and may(reader.scope, "health")


def _is_local(request: AnyRequest) -> bool:
    client = request.client
    if client is None or not is_loopback(client.host):
        return False
    return is_loopback(_host(request.headers.get("host", ""))) and not any(
        name in request.headers for name in _FORWARDED
    )


def _host(field: str) -> str:
    """The host of a Host field, without its port; "" where it is none."""
    try:
        return urlsplit(f"//{field}").hostname or ""
    except ValueError:
        return ""


def _token(header: str) -> str:
    """As a bearer's (RFC 6750), or as the password of HTTP Basic (RFC 7617)."""
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
