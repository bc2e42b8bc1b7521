"""JSON that is hashed or signed: read strictly, written canonically.

Reading refuses what parsers silently accept: a key given twice, more depth than announced.
Writing is RFC 8785 (JCS), and only for what this node authors; received bytes are kept.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import rfc8785

from .errors import InputError

_SPACE_BEFORE_COLON = re.compile(rb'"[ \t\r\n]+:')


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value. Raises `ValueError` for what JSON cannot carry."""
    return rfc8785.dumps(value)


def parse_strict(raw: bytes, *, max_depth: int) -> Any:
    """The JSON value in `raw`: UTF-8, no key twice in one object, at most `max_depth` levels.

    Raises `InputError` that says what was found. Keys are counted instead of watched, because that
    is thirty times faster: a text in which as many keys are written as were read repeats none.
    Where the count cannot be trusted (a blank before a colon, an escaped quote before one), or
    disagrees, the slow and exact reader decides.
    """
    try:
        value = msgspec.json.decode(raw)
        keys = _count_keys(value, max_depth)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError("base.json-invalid", problem=str(error)) from None
    except RecursionError:
        raise InputError("base.json-too-deep", limit=max_depth) from None
    if keys == raw.count(b'":') and b'\\":' not in raw and not _SPACE_BEFORE_COLON.search(raw):
        return value
    refuse_duplicates(raw)
    return value


def refuse_duplicates(raw: bytes) -> None:
    """Raise `InputError` naming the first key that an object in `raw` gives twice (exact, slow)."""
    try:
        json.loads(raw, object_pairs_hook=_unique_pairs)
    except RecursionError:
        raise InputError("base.json-too-deep", limit=0) from None
    except ValueError as error:
        raise InputError("base.json-invalid", problem=str(error)) from None


def _unique_pairs(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise InputError("base.json-duplicate-key", name=key)
        seen.add(key)


def _count_keys(value: Any, depth: int) -> int:
    """How many keys stand in `value`, at every level; `RecursionError` past `depth` levels."""
    if depth < 0:
        raise RecursionError
    if type(value) is dict:
        count = len(value)
        for inner in value.values():
            if type(inner) is dict or type(inner) is list:
                count += _count_keys(inner, depth - 1)
        return count
    if type(value) is list:
        count = 0
        for inner in value:
            if type(inner) is dict or type(inner) is list:
                count += _count_keys(inner, depth - 1)
        return count
    return 0
