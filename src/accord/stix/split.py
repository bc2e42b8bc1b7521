"""Cut what a tool or a person hands in into single objects, each with its original bytes."""

from __future__ import annotations

import msgspec

from accord.base.errors import InputError
from accord.base.jsontext import parse_strict
from accord.base.limits import Limits

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_VERSION = "2.1"
_ENOUGH_TO_FIND = 4096  # bytes, to tell where a list stands in the text around it


_ABSENT = msgspec.Raw()


class _Document(msgspec.Struct):
    """A bundle, a TAXII envelope, a record around a bundle or one object: what tells them apart."""

    type: str = ""
    spec_version: str = ""
    objects: msgspec.Raw = _ABSENT
    bundle: msgspec.Raw = _ABSENT


_document = msgspec.json.Decoder(_Document)
_list = msgspec.json.Decoder(list[msgspec.Raw])


def split_objects(data: bytes, limits: Limits) -> list[bytes]:
    """The objects in `data`, exactly as written: a bundle (section 8), a TAXII 2.1 envelope, a JSON
    list, one object, or JSON lines of any of these; a line may also be a record with a `bundle` in
    it beside, say, the name of its file.

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


def _split_one(text: bytes, limits: Limits, *, in_record: bool = False) -> list[bytes]:
    try:
        if text[:1] == b"[":
            return _objects(text)
        document = _document.decode(text)
    except UnicodeDecodeError as error:
        raise InputError("base.json-invalid", problem=str(error)) from None
    except RecursionError:
        raise InputError("base.json-too-deep", limit=limits.json_depth) from None
    if document.type not in ("", "bundle"):
        return [text]  # an object, which may well have a property `objects` of its own
    if document.spec_version not in ("", _VERSION):
        raise InputError("stix.version", found=document.spec_version, id=document.type)
    if document.objects is not _ABSENT:
        listed = bytes(document.objects)
        objects = _objects(listed)
        _check_frame(text, listed, limits)
        return objects
    if document.type == "bundle":
        return []
    if document.bundle is not _ABSENT and not in_record:
        inner = bytes(document.bundle)
        _check_frame(text, inner, limits)
        return _split_one(inner, limits, in_record=True)
    raise InputError("stix.not-stix")


def _check_frame(text: bytes, inner: bytes, limits: Limits) -> None:
    """Refuse a container that gives a key twice: `objects` given twice would lose the first ones.

    What stands around `inner` is read strictly, with an empty list in its place. A second
    `objects` stays where it is and is then seen.
    """
    start = text.find(inner[:_ENOUGH_TO_FIND])
    rest = text[:start] + b"[]" + text[start + len(inner) :]
    if inner != text[start : start + len(inner)]:
        rest = text  # the same beginning stands elsewhere, too: read everything
    parse_strict(rest, max_depth=limits.json_depth)


def _objects(listed: bytes) -> list[bytes]:
    if listed[:1] != b"[":
        raise InputError("stix.not-stix")
    objects = [bytes(part) for part in _list.decode(listed)]
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
