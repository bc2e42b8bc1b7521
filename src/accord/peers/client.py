"""Asking a peer: signed requests, and answers that are bounded in bytes and in time.

`PeerClient` is the port that following rests on. Redirects are never followed, because the
signature is for one target; TLS is verified, and plain HTTP is for loopback alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import msgspec

from accord.base.errors import PeerFault
from accord.base.limits import Limits
from accord.node.asking import NoAnswer, ask, open_client, redirect_host, retry_after
from accord.node.members import check_url
from accord.node.node import Node

from .compression import decompress
from .faults import BadAnswer, NetworkFault, NotThere, Unwelcome
from .signatures import sign_request

if TYPE_CHECKING:
    import httpx

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
    return open_client(url, limits, {"accept-encoding": "zstd"}, transport)


async def _get(
    client: httpx.AsyncClient, url: str, headers: dict[str, str], most: int, seconds: float
) -> Reply:
    try:
        answer = await ask(
            client, url, headers=headers, most=most, seconds=seconds, check=_check_status
        )
    except NoAnswer as error:
        raise _fault(error, most, seconds) from None
    body = answer.raw
    if answer.encoding:
        body = await asyncio.to_thread(decompress, body, answer.encoding, most)
    return Reply(answer.status, body, answer.headers.get("accord-more") == "1")


def _fault(error: NoAnswer, most: int, seconds: float) -> PeerFault:
    match error.reason:
        case "slow":
            return NetworkFault("peers.answer-slow", seconds=int(seconds))
        case "cut":
            return NetworkFault("peers.answer-cut", problem=error.problem)
        case "name":
            return NetworkFault("peers.no-such-host", problem=error.problem)
        case "refused":
            return NetworkFault("peers.nobody-answers")
        case "certificate":
            return NetworkFault("peers.certificate", problem=error.problem)
        case "unreachable":
            return NetworkFault("peers.unreachable", problem=error.problem)
        case "large":
            return BadAnswer("peers.answer-large", limit=most)


def _check_status(answer: httpx.Response) -> None:
    status = answer.status_code
    if status in (200, 204):
        return
    if status == 404:
        raise NotThere("peers.not-there")
    if status in (401, 403):
        raise Unwelcome("peers.unwelcome", status=status)
    if status in (429, 502, 503, 504):
        raise NetworkFault("peers.busy", status=status, retry_after=retry_after(answer))
    if answer.is_redirect:
        raise BadAnswer("peers.answer-redirect", host=redirect_host(answer))
    raise BadAnswer("peers.answer-status", status=status)
