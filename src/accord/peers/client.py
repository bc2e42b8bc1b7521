"""Asking a peer: signed requests, and answers that are bounded in bytes and in time.

`PeerClient` is the port that following rests on. Redirects are never followed, because the
signature is for one target; TLS is verified, and plain HTTP is for loopback alone.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit

import httpx
import msgspec

from accord.base.limits import Limits
from accord.node.members import check_url
from accord.node.node import Node

from .compression import decompress
from .faults import BadAnswer, NetworkFault, NotThere, Unwelcome
from .signatures import sign_request

_CARD_PATH = "/.well-known/accord"


class Reply(msgspec.Struct, frozen=True):
    """What a peer answered: 200 or 204, and the bytes as they came out of compression."""

    status: int
    body: bytes
    more: bool = False  # a page says that there are further ones


class PeerClient(Protocol):
    """One peer, as it can be asked."""

    async def get(self, path: str, *, most: int, seconds: float) -> Reply:
        """Ask for `path` below the peer's address; at most `most` bytes, in `seconds` altogether.

        Raises `NetworkFault`, `Unwelcome` or `BadAnswer`.
        """
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


Connect = Callable[[Node, str], PeerClient]  # the node that asks, the URL of the peer it asks


class HttpPeerClient:
    """A peer over HTTP/1.1, with connections kept alive. Used from one event loop."""

    def __init__(
        self, node: Node, url: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._node = node
        self._url = check_url(url)
        self._client = _open(self._url, node.limits, transport)

    async def get(self, path: str, *, most: int, seconds: float) -> Reply:
        node, url = self._node, self._url + path
        signature = sign_request("GET", url, node.keys.transport, node.now(), node.limits)
        return await _get(self._client, url, signature, most, seconds)

    async def close(self) -> None:
        await self._client.aclose()


def connect_http(node: Node, url: str) -> PeerClient:
    """The way to a peer in earnest."""
    return HttpPeerClient(node, url)


def fetch_card(
    url: str, limits: Limits, transport: httpx.AsyncBaseTransport | None = None
) -> bytes:
    """The card shown at `url`, for a person to compare; nothing of it is verified here.

    Raises as `PeerClient.get`, or `InputError` for an address that is not one.
    """

    async def fetch() -> bytes:
        checked = check_url(url)
        target, most = checked + _CARD_PATH, limits.card_bytes
        async with _open(checked, limits, transport) as client:
            return (await _get(client, target, {}, most, limits.request_seconds)).body

    return asyncio.run(fetch())


def _open(
    url: str, limits: Limits, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    plain = urlsplit(url).scheme == "http"
    return httpx.AsyncClient(
        verify=False if plain else _tls(),  # plain HTTP has nothing to verify
        timeout=httpx.Timeout(limits.request_seconds, connect=limits.connect_seconds),
        limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
        follow_redirects=False,
        trust_env=False,  # no proxies or credentials from the environment
        transport=transport,
        headers={"accept-encoding": "zstd", "user-agent": "accord"},
    )


@cache
def _tls() -> ssl.SSLContext:
    """The system's certificates (SSL_CERT_FILE and SSL_CERT_DIR name others), TLS 1.2 or later."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def _get(
    client: httpx.AsyncClient, url: str, headers: dict[str, str], most: int, seconds: float
) -> Reply:
    try:
        async with asyncio.timeout(seconds), client.stream("GET", url, headers=headers) as answer:
            _check_status(answer)
            raw = await _read(answer, most)
    except TimeoutError:
        raise NetworkFault("peers.answer-slow", seconds=int(seconds)) from None
    except httpx.RemoteProtocolError as error:
        raise NetworkFault("peers.answer-cut", problem=_problem(error)) from None
    except httpx.TransportError as error:
        raise NetworkFault("peers.unreachable", problem=_problem(error)) from None
    encoding = answer.headers.get("content-encoding", "")
    body = await asyncio.to_thread(decompress, raw, encoding, most) if encoding else raw
    return Reply(answer.status_code, body, answer.headers.get("accord-more") == "1")


async def _read(answer: httpx.Response, most: int) -> bytes:
    """The body as it is on the wire; reading stops when it is more than `most` bytes."""
    parts: list[bytes] = []
    size = 0
    async for part in answer.aiter_raw():
        size += len(part)
        if size > most:
            raise BadAnswer("peers.answer-large", limit=most)
        parts.append(part)
    return b"".join(parts)


def _check_status(answer: httpx.Response) -> None:
    status = answer.status_code
    if status in (200, 204):
        return
    if status == 404:
        raise NotThere("peers.not-there")
    if status in (401, 403):
        raise Unwelcome("peers.unwelcome", status=status)
    if status in (429, 502, 503, 504):
        raise NetworkFault("peers.busy", status=status, retry_after=_retry_after(answer))
    if answer.is_redirect:
        host = urlsplit(answer.headers.get("location", "")).netloc
        raise BadAnswer("peers.answer-redirect", host=host[:200])
    raise BadAnswer("peers.answer-status", status=status)


def _retry_after(answer: httpx.Response) -> float | None:
    text = answer.headers.get("retry-after", "")
    return min(float(text), 3600.0) if text.isascii() and text.isdigit() else None


def _problem(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]
