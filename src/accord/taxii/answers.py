"""Answers to GET: as the tool wants them packed, not again where it has them, for it alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from http import HTTPStatus

from litestar import Response

from .codings import PACKINGS, wanted_coding
from .faults import PRIVATE, AnyRequest, Refused
from .media import TAXII

_SMALL = 1024  # bytes below which packing gains nothing


def tag_of(content: bytes) -> str:
    """What stands for a body in its entity tag."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def answer(
    request: AnyRequest,
    tag: str,
    write: Callable[[], bytes],
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """The body that `write` makes; 304 where the tool has what bears this `tag`.

    Each coding has an entity tag of its own (RFC 9110 section 8.8.3). `Refused` (406) where the
    tool admits no coding that is offered.
    """
    coding = wanted_coding(", ".join(request.headers.getall("accept-encoding", [])))
    if coding is None:
        shown, known = request.headers.get("accept-encoding", ""), "identity, gzip, zstd"
        key = "taxii.not-acceptable"
        raise Refused(HTTPStatus.NOT_ACCEPTABLE, key, offered=known, found=shown[:100])
    marked = f'"{tag}-{coding}"' if coding else f'"{tag}"'
    fields = {**PRIVATE, "ETag": marked, **(headers or {})}
    if _has(request, marked):
        return Response(b"", status_code=304, media_type=TAXII, headers=fields)
    body = write()
    if coding and len(body) >= _SMALL:
        body = PACKINGS[coding](body)
        fields["Content-Encoding"] = coding
    return Response(body, media_type=TAXII, headers=fields)


def _has(request: AnyRequest, tag: str) -> bool:
    """`If-None-Match` (RFC 9110 section 13.1.2), by weak comparison."""
    given = ",".join(request.headers.getall("if-none-match", []))
    return any(part.strip().removeprefix("W/") in (tag, "*") for part in given.split(","))
