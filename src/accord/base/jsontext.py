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

_BLANK_BEFORE_COLON = re.compile(rb'"[ \t\r\n]++:')


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value. Raises `ValueError` for what JSON cannot carry."""
    return rfc8785.dumps(value)


def parse_strict(raw: bytes, *, max_depth: int) -> Any:
    """The JSON value in `raw`: UTF-8, no key twice in one object, at most `max_depth` levels.

    Raises `InputError` that says what was found. Keys are counted instead of watched, because that
    is many times faster. Every written key ends in `":`, so a text holds at least as many `":` as
    it writes keys, and writes at least as many keys as are read. Where the first number equals the
    last, nothing was repeated. Strings that hold `":` only make the first number larger, and then
    the slow and exact reader decides; it also does where a blank stands before a colon.
    """
    try:
        value = msgspec.json.decode(raw)
        keys = _count_keys(value, max_depth)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError("base.json-invalid", problem=str(error)) from None
    except RecursionError:
        raise InputError("base.json-too-deep", limit=max_depth) from None
    if keys != raw.count(b'":') or _blank_before_colon(raw):
        refuse_duplicates(raw)
    return value


def _blank_before_colon(raw: bytes) -> bool:
    """Whether a key may be parted from its colon. One-byte searches, nearly free, come first."""
    suspicious = (
        b" :" in raw
        or (b"\n" in raw and b"\n:" in raw)
        or (b"\t" in raw and b"\t:" in raw)
        or (b"\r" in raw and b"\r:" in raw)
    )
    return suspicious and _BLANK_BEFORE_COLON.search(raw) is not None


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


def _count_keys(value: Any, levels: int) -> int:
    """How many keys stand in `value`, at every level; `RecursionError` past `levels` levels."""
    kind = type(value)
    if kind is dict:
        count, inside = len(value), value.values()
    elif kind is list:
        count, inside = 0, value
    else:
        return 0
    if levels < 1:
        raise RecursionError
    for inner in inside:
        kind = type(inner)
        if kind is dict or kind is list:
            count += _count_keys(inner, levels - 1)
    return count
