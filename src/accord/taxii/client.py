"""Asking another TAXII 2.1 server for a collection: one request at a time, each answer bounded.

Nothing that a server says is relied on: its pages are read within limits on bytes, time and form,
and what its words mean for where to go on is decided in `rounds.py`.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

import msgspec

from accord.base.clock import format_time, parse_time
from accord.base.errors import InputError, PeerFault
from accord.base.limits import Limits
from accord.base.messages import Arg
from accord.node.asking import NoAnswer, ask, open_client, redirect_host, retry_after
from accord.node.node import Node
from accord.node.sources import Secret, secret_of
from accord.stix.split import split_objects
from accord.store.records import SourceRow

from .codings import CODINGS, DAMAGED
from .media import TAXII, is_taxii

if TYPE_CHECKING:
    import httpx

_NEXT_MOST = 4096  # characters of a server's word for its next page
_GONE = (400, 404, 410, 416, 422)  # how servers answer a `next` that they no longer know


class SourceFault(PeerFault):
    """What another TAXII server does wrong, or that it cannot be asked; `retry_after` seconds."""

    def __init__(self, key: str, /, *, retry_after: float | None = None, **args: Arg) -> None:
        super().__init__(key, **args)
        self.retry_after = retry_after


class NextUnknown(SourceFault):
    """The server no longer knows the word it gave for its next page."""


class NotStix(SourceFault):
    """A page that STIX 2.1 does not allow, in the words of whoever looked at it."""

    def __init__(self, error: InputError) -> None:
        PeerFault.__init__(self, error.message.key, **error.message.args)
        self.retry_after = None


class Page(msgspec.Struct, frozen=True):
    """A page as it came. `last` is X-TAXII-Date-Added-Last, null where it says none."""

    objects: list[bytes]
    more: bool
    next: str | None
    last: datetime | None


class Collection(msgspec.Struct, frozen=True):
    """TAXII 2.1 section 5.2.1, as far as it matters here."""

    id: str
    title: str
    can_read: bool


class SourceClient(Protocol):
    """One collection, as it can be asked."""

    async def collection(self) -> Collection:
        """What it says of itself. Raises `SourceFault`."""
        ...

    async def page(self, since: str, next_: str | None) -> Page:
        """The page after `since` (a date_added, or "") that `next_` names.

        Raises `SourceFault`, and `NextUnknown` where only `next_` is no longer accepted.
        """
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


Connect = Callable[[Node, SourceRow], SourceClient]


class _Envelope(msgspec.Struct):
    """TAXII 2.1 section 3.7."""

    more: bool = False
    next: str | None = None
    objects: msgspec.Raw = msgspec.Raw()


class _Resource(msgspec.Struct):
    """TAXII 2.1 section 5.2.1; the other resources lack `can_read`."""

    id: str
    can_read: bool
    title: str = ""


_envelope = msgspec.json.Decoder(_Envelope)
_resource = msgspec.json.Decoder(_Resource)


class HttpSourceClient:
    """A collection over HTTP/1.1. Used from one event loop."""

    def __init__(
        self,
        url: str,
        limits: Limits,
        secret: Secret | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = url
        self._limits = limits
        headers = {"accept": TAXII, "accept-encoding": "gzip, zstd", **_signed_in(secret)}
        self._client = open_client(url, limits, headers, transport)

    async def collection(self) -> Collection:
        body, _ = await self._get(self._url, self._limits.card_bytes)
        try:
            found = _resource.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise SourceFault("taxii.source-not-a-collection", url=self._url) from None
        return Collection(found.id[:200], found.title[:200], found.can_read)

    async def page(self, since: str, next_: str | None) -> Page:
        query = {"limit": str(self._limits.source_page_objects)}
        query |= {"added_after": since} if since else {}
        query |= {} if next_ is None else {"next": next_}
        url = f"{self._url}objects/?{urlencode(query)}"
        body, last = await self._get(url, self._limits.source_page_bytes, paging=next_ is not None)
        return await asyncio.to_thread(_read_page, body, last, self._limits)

    async def close(self) -> None:
        await self._client.aclose()

    async def _get(self, url: str, most: int, *, paging: bool = False) -> tuple[bytes, str | None]:
        """The body, unpacked, and X-TAXII-Date-Added-Last."""

        def check(answer: httpx.Response) -> None:
            if paging and answer.status_code in _GONE:
                raise NextUnknown("taxii.source-next-unknown", status=answer.status_code)
            _check_head(answer)

        seconds = self._limits.source_page_seconds
        try:
            answer = await ask(self._client, url, most=most, seconds=seconds, check=check)
        except NoAnswer as error:
            raise _fault(error, most, seconds) from None
        body = await asyncio.to_thread(_unpacked, answer.raw, answer.encoding, most)
        return body, answer.headers.get("x-taxii-date-added-last")


def connect_http(node: Node, row: SourceRow) -> SourceClient:
    """The way to a source in earnest. Raises `InputError` for a secret that others may read."""
    return HttpSourceClient(row.url, node.limits, secret_of(node, row))


def _signed_in(secret: Secret | None) -> dict[str, str]:
    if secret is None:
        return {}
    if secret.token:
        return {"authorization": f"Bearer {secret.token}"}
    pair = f"{secret.user}:{secret.password}".encode()
    return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _check_head(answer: httpx.Response) -> None:
    """Status and media type, before the body is read."""
    status, media = answer.status_code, answer.headers.get("content-type", "")
    if answer.is_redirect:
        raise SourceFault("taxii.source-redirect", host=redirect_host(answer))
    if status in (401, 403):
        raise SourceFault("taxii.source-unwelcome", status=status)
    if status == 404:
        raise SourceFault("taxii.source-not-there")
    if status in (429, 502, 503, 504):
        raise SourceFault("taxii.source-busy", status=status, retry_after=retry_after(answer))
    if status == 406 or "vnd.oasis" in media:  # TAXII 2.0 sections 1.6.8.2 and 3.6
        raise SourceFault("taxii.source-other-version", found=media[:100] or str(status))
    if status != 200:
        raise SourceFault("taxii.source-status", status=status)
    if not is_taxii(media):
        raise SourceFault("taxii.source-media-type", found=media[:100], expected=TAXII)


def _unpacked(raw: bytes, coding: str, most: int) -> bytes:
    if coding in ("", "identity"):
        return raw
    unpack = CODINGS.get(coding)
    if unpack is None:
        raise SourceFault("taxii.source-coding", found=coding[:40], known=", ".join(CODINGS))
    try:
        body = unpack(raw, most + 1)
    except DAMAGED as error:
        raise SourceFault("taxii.source-damaged", problem=str(error)[:200]) from None
    if len(body) > most:
        raise SourceFault("taxii.source-large", limit=most)
    return body


def _read_page(body: bytes, last: str | None, limits: Limits) -> Page:
    """An envelope. Its objects are only cut apart here: each is checked when it is taken."""
    try:
        envelope = _envelope.decode(body)
        objects = split_objects(body, limits) if envelope.objects else []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceFault("taxii.source-unreadable", problem=str(error)[:200]) from None
    except InputError as error:  # a bundle of STIX 2.0, a key given twice, too many objects
        raise NotStix(error) from None
    if envelope.next is not None and len(envelope.next) > _NEXT_MOST:
        raise SourceFault("taxii.source-next-long", found=len(envelope.next), limit=_NEXT_MOST)
    return Page(objects, envelope.more, envelope.next or None, _moment(last))


def _moment(last: str | None) -> datetime | None:
    if last is None:
        return None
    try:
        return parse_time(last)
    except ValueError:
        raise SourceFault("taxii.source-date", found=last[:60]) from None


def as_since(moment: datetime) -> str:
    """A date_added as it is asked for and kept; texts of this form sort by time."""
    return format_time(moment)


def _fault(error: NoAnswer, most: int, seconds: float) -> SourceFault:
    match error.reason:
        case "slow":
            return SourceFault("taxii.source-slow", seconds=int(seconds))
        case "cut":
            return SourceFault("taxii.source-cut", problem=error.problem)
        case "name":
            return SourceFault("taxii.source-no-such-host", problem=error.problem)
        case "refused":
            return SourceFault("taxii.source-nobody-answers")
        case "certificate":
            return SourceFault("taxii.source-certificate", problem=error.problem)
        case "unreachable":
            return SourceFault("taxii.source-unreachable", problem=error.problem)
        case "large":
            return SourceFault("taxii.source-large", limit=most)
