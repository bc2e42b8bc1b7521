"""Asking another machine over HTTP: answers that are bounded in bytes and in time.

Redirects are never followed: a request is meant, and signed or authenticated, for one address. TLS
is verified. What goes wrong is a `NoAnswer`; the door that asked says it in its own words.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import msgspec

from accord.base.limits import Limits

if TYPE_CHECKING:
    import httpx  # loaded when somebody is first to be asked: a node answers before it asks

_SHOWN = 200  # characters of what the other side or the network said
_RETRY_MOST = 3600.0  # seconds

# `name`: no host is called so; `refused`: nothing listens; `certificate`: it was not accepted.
Reason = Literal["slow", "cut", "name", "refused", "certificate", "unreachable", "large"]


class NoAnswer(Exception):
    """Why no whole answer came; `problem` is what the network said."""

    def __init__(self, reason: Reason, problem: str = "") -> None:
        super().__init__(reason, problem)
        self.reason = reason
        self.problem = problem


class Answer(msgspec.Struct, frozen=True):
    """An answer as it came: its body is still packed."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def encoding(self) -> str:
        return self.headers.get("content-encoding", "").strip().lower()


def open_client(
    url: str,
    limits: Limits,
    headers: Mapping[str, str],
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """Connections to one address, kept alive; `headers` go with each request."""
    import httpx

    plain = urlsplit(url).scheme == "http"
    return httpx.AsyncClient(
        verify=False if plain else _tls(),  # plain HTTP has nothing to verify
        timeout=httpx.Timeout(limits.request_seconds, connect=limits.connect_seconds),
        limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
        follow_redirects=False,
        trust_env=False,  # no proxies or credentials from the environment
        transport=transport,
        headers={"user-agent": "accord", **headers},
    )


async def ask(
    client: httpx.AsyncClient,
    url: str,
    *,
    most: int,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    check: Callable[[httpx.Response], None] = lambda answer: None,
) -> Answer:
    """GET `url`: at most `most` bytes on the wire, in `seconds` altogether.

    `check` sees status and headers before the body is read. Raises `NoAnswer`, or what it raises.
    """
    import httpx

    try:
        async with asyncio.timeout(seconds), client.stream("GET", url, headers=headers) as answer:
            check(answer)
            return Answer(answer.status_code, answer.headers, await _read(answer, most))
    except (TimeoutError, httpx.TimeoutException):
        raise NoAnswer("slow") from None
    except httpx.RemoteProtocolError as error:
        raise NoAnswer("cut", _problem(error)) from None
    except httpx.TransportError as error:
        raise NoAnswer(_why(error), _problem(error)) from None


def retry_after(answer: httpx.Response) -> float | None:
    """How many seconds the other side asks to be left alone, an hour at most."""
    text = answer.headers.get("retry-after", "")
    return min(float(text), _RETRY_MOST) if text.isascii() and text.isdigit() else None


def redirect_host(answer: httpx.Response) -> str:
    """The host that a redirect points to, to be shown."""
    location: str = answer.headers.get("location", "")
    return urlsplit(location).netloc[:_SHOWN]


@cache
def _tls() -> ssl.SSLContext:
    """The system's certificates (SSL_CERT_FILE and SSL_CERT_DIR name others), TLS 1.2 or later."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def _read(answer: httpx.Response, most: int) -> bytes:
    """The body as it is on the wire; reading stops when it is more than `most` bytes."""
    parts: list[bytes] = []
    size = 0
    async for part in answer.aiter_raw():
        size += len(part)
        if size > most:
            raise NoAnswer("large")
        parts.append(part)
    return b"".join(parts)


# What httpx says when no address of a host takes the connection.
_NOBODY = "All connection attempts failed"


def _why(error: Exception) -> Reason:
    """Of which kind a fault of the network is, by what lies beneath it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return "name"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "certificate"
        if isinstance(cause, ConnectionRefusedError):
            return "refused"
        cause = cause.__cause__ or cause.__context__
    return "refused" if str(error).startswith(_NOBODY) else "unreachable"


def _problem(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:_SHOWN]
