"""Request bodies: chunked or not, compressed or not, never more than was announced."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from accord.base.errors import InputError
from accord.base.limits import Limits
from accord.stix.split import split_objects

from .codings import CODINGS, DAMAGED
from .faults import AnyRequest, Refused
from .media import TAXII, is_taxii


class _Envelope(msgspec.Struct):
    """TAXII 2.1 section 3.7: what tells an envelope from anything else."""

    objects: msgspec.Raw = msgspec.Raw()


_envelope = msgspec.json.Decoder(_Envelope)


async def read_body(request: AnyRequest, limits: Limits) -> bytes:
    """The body as it came, still compressed. `Refused` (413, 415)."""
    media = request.headers.get("content-type")
    if not is_taxii(media):
        shown = (media or "")[:100]
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "taxii.media-type", found=shown, expected=TAXII
        )
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:19]) > limits.upload_bytes:
        raise _too_large(limits)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limits.upload_bytes:
            raise _too_large(limits)
        parts.append(part)
    return b"".join(parts)


def objects_in(body: bytes, coding: str, limits: Limits) -> list[bytes]:
    """The objects of an envelope, each with its original bytes. `Refused` (413, 415, 422)."""
    data = _decoded(body, coding.strip().lower(), limits)
    if len(data) > limits.upload_bytes:
        raise _too_large(limits)
    try:
        if not _envelope.decode(data).objects:
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "taxii.no-envelope")
        objects = split_objects(data, limits)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problem = str(error)
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY, "taxii.unreadable", problem=problem
        ) from None
    except Refused:
        raise
    except InputError as error:
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY, "taxii.unreadable", problem=str(error)
        ) from None
    if not objects:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "taxii.no-envelope")
    return objects


def _decoded(body: bytes, coding: str, limits: Limits) -> bytes:
    if coding in ("", "identity"):
        return body
    unpack = CODINGS.get(coding)
    if unpack is None:
        known, status = ", ".join(CODINGS), HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        refused = Refused(status, "taxii.coding", found=coding[:40], known=known)
        refused.headers = {"Accept-Encoding": known}  # RFC 9110 section 12.5.3
        raise refused
    try:
        return unpack(body, limits.upload_bytes + 1)
    except DAMAGED as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "taxii.unpacking", problem=str(error)) from None


def _too_large(limits: Limits) -> Refused:
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "taxii.too-large", limit=limits.upload_bytes
    )
