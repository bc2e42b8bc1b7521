"""Who comes in, and how they read: from the session's cookie, the account, the browser."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, unquote

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp

from accord.base.errors import DeniedError
from accord.base.messages import LANGUAGES, Message
from accord.node.accounts import THEMES
from accord.node.entering import Visitor, visitor_of
from accord.rules.access import may

from .moments import zone_of
from .visit import Manner

AnyRequest = Request[Visitor | None, None, State]
AnyConnection = ASGIConnection[Any, Visitor | None, None, State]

LANGUAGE, ZONE, THEME = "accord_language", "accord_zone", "accord_theme"  # cookies of no secrets
_READ_SAID = msgspec.json.Decoder(Message)


class SignedOut(DeniedError):
    """Somebody has to sign in first."""

    def __init__(self) -> None:
        super().__init__("web.signed-out")


class PasswordFirst(DeniedError):
    """A password that somebody else chose is changed before anything else."""

    def __init__(self) -> None:
        super().__init__("web.password-first")


class Entrance(AbstractAuthenticationMiddleware):
    """Puts the visitor on the connection; a cookie that opens nothing makes nobody of them."""

    def __init__(self, app: ASGIApp, exclude: Sequence[str] | None = None) -> None:
        super().__init__(app, exclude=list(exclude or ()) or None)

    async def authenticate_request(self, connection: AnyConnection) -> AuthenticationResult:
        """One look-up in the store where a cookie was sent."""
        visitor = await asyncio.to_thread(who, connection)
        return AuthenticationResult(user=visitor, auth=None)


def who(connection: AnyConnection) -> Visitor | None:
    """The visitor whose session's cookie was sent."""
    shell = connection.app.state.shell
    cookie = connection.cookies.get(shell.cookie("session"), "")
    return visitor_of(shell.node, cookie) if cookie else None


def guard(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Every handler says what it needs; one that does not is open to nobody."""
    if connection.scope.get("method") == "POST" and _comes_from_elsewhere(connection):
        raise DeniedError("web.form-stale")
    needs = handler.opt.get("needs")
    if needs == "anyone":
        return
    visitor = connection.user
    if visitor is None:
        raise SignedOut
    if visitor.must_change and needs != "signed-in":
        raise PasswordFirst
    if needs == "signed-in":
        return
    if needs is None or not may(visitor.reader.scope, needs):
        raise DeniedError("web.not-allowed")


def _comes_from_elsewhere(connection: AnyConnection) -> bool:
    """Whether the browser says that a page of another site sent this (Fetch Metadata)."""
    return connection.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def manner_of(connection: AnyConnection) -> Manner:
    """The account's choices; else those kept in cookies; else what the browser says."""
    visitor = connection.scope.get("user")
    cookies = connection.cookies
    language = visitor.language if visitor is not None else cookies.get(LANGUAGE, "")
    if language not in LANGUAGES:
        language = _accepted(connection.headers.get("accept-language", ""))
    zone = visitor.zone if visitor is not None else ""
    if not zone:
        zone = unquote(cookies.get(ZONE, ""))
    theme = visitor.theme if visitor is not None else cookies.get(THEME, "auto")
    return Manner(
        language=language,
        zone=zone if zone_of(zone) is not None else "UTC",
        theme=theme if theme in THEMES else "auto",
    )


def _accepted(header: str) -> str:
    """The first of our languages that the browser likes best (RFC 9110 section 12.5.4)."""
    wishes = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed = float(weight or 1)
        except ValueError:
            continue
        wishes.append((-weighed, place, tag.strip().lower()[:2]))
    return next((tag for _, _, tag in sorted(wishes) if tag in LANGUAGES), "en")


def said_of(connection: AnyConnection) -> Message | None:
    """What the last action has to tell. It came by the browser, so it is text and nothing else."""
    try:
        return _READ_SAID.decode(
            unquote(connection.cookies.get(connection.app.state.shell.cookie("said"), "")).encode()
        )
    except msgspec.DecodeError:
        return None


def way_in(connection: AnyConnection) -> str:
    """Where somebody signs in, to come back to this page; only ever a path of ours."""
    query = connection.scope["query_string"].decode("latin-1")
    here = connection.scope["path"] + (f"?{query}" if query else "")
    return f"/sign-in?next={quote(here, safe='')}" if here != "/" else "/sign-in"


def own_path(text: str, otherwise: str = "/") -> str:
    """`text` when it is a path on this node, and nothing that a browser takes elsewhere."""
    plain = text.startswith("/") and not text.startswith(("//", "/\\"))
    harmless = all(" " < sign < "\x7f" and sign != "\\" for sign in text)
    return text if plain and harmless and len(text) < 2_000 else otherwise
