"""Cut what a tool or a person hands in into single objects, each with its original bytes."""

from __future__ import annotations

import msgspec

from accord.base.errors import InputError
from accord.base.jsontext import parse_strict
from accord.base.limits import Limits

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_VERSION = "2.1"


class _Document(msgspec.Struct):
    """A bundle, a TAXII envelope or one object: as much of it as tells them apart."""

    type: str = ""
    spec_version: str = ""
    objects: msgspec.Raw | None = None


_document = msgspec.json.Decoder(_Document)
_list = msgspec.json.Decoder(list[msgspec.Raw])


def split_objects(data: bytes, limits: Limits) -> list[bytes]:
    """The objects in `data`, exactly as written: a bundle (section 8), a TAXII 2.1 envelope, a JSON
    list, one object, or JSON lines of any of these.

    Raises `InputError` for anything else, for STIX other than 2.1, for a container that gives a
    key twice and for what is over the limits on bytes and number. Of the objects themselves only
    the beginning and the end are looked at: `Checker` reads each.
    """
    if len(data) > limits.upload_bytes:
        raise InputError("stix.upload-too-large", found=len(data), limit=limits.upload_bytes)
    text = data.removeprefix(_BYTE_ORDER_MARK).strip(b" \t\r\n")
    if not text:
        raise InputError("stix.upload-empty")
    try:
        objects = _split_one(text, limits)
    except msgspec.DecodeError as error:
        objects = _split_lines(text, limits, error)
    if len(objects) > limits.upload_objects:
        raise InputError("stix.too-many-objects", found=len(objects), limit=limits.upload_objects)
    return objects


def _split_one(text: bytes, limits: Limits) -> list[bytes]:
    try:
        if text[:1] == b"[":
            return _objects(_list.decode(text))
        document = _document.decode(text)
    except UnicodeDecodeError as error:
        raise InputError("base.json-invalid", problem=str(error)) from None
    except RecursionError:
        raise InputError("base.json-too-deep", limit=limits.json_depth) from None
    if document.type not in ("", "bundle"):
        return [text]  # an object, which may well have a property `objects` of its own
    if document.spec_version not in ("", _VERSION):
        raise InputError("stix.version", found=document.spec_version, id=document.type)
    if document.objects is None:
        if document.type == "":
            raise InputError("stix.not-stix")
        return []  # an empty bundle
    listed = bytes(document.objects)
    _check_frame(text, listed, limits)
    return _objects(_list.decode(listed))


def _check_frame(text: bytes, listed: bytes, limits: Limits) -> None:
    """Refuse a container that gives a key twice: `objects` given twice would lose the first ones.

    What stands around the list is read strictly, with an empty list in its place.
    """
    before, _, after = text.partition(listed)
    parse_strict(before + b"[]" + after, max_depth=limits.json_depth)


def _objects(parts: list[msgspec.Raw]) -> list[bytes]:
    objects = [bytes(part) for part in parts]
    for number, raw in enumerate(objects, start=1):
        if raw[:1] != b"{":
            raise InputError(
                "stix.not-an-object", number=number, found=raw[:40].decode("utf-8", "replace")
            )
    return objects


def _split_lines(text: bytes, limits: Limits, error: msgspec.DecodeError) -> list[bytes]:
    """JSON lines. The first line decides whether this is what it is meant to be."""
    lines = text.split(b"\n")
    objects: list[bytes] = []
    for number, line in enumerate(lines, start=1):
        stripped = line.strip(b" \t\r")
        if not stripped:
            continue
        try:
            objects += _split_one(stripped, limits)
        except msgspec.DecodeError as problem:
            if not objects:
                raise InputError("base.json-invalid", problem=str(error)) from None
            raise InputError("stix.line", number=number, problem=str(problem)) from None
    return objects
