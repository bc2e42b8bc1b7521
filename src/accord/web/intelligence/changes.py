"""What changed from one version of a publisher's object to the next, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

import msgspec

from .fields import MOST_VALUES, cut, in_order

_MOST_LINES = 400  # of one field that are compared

Line = tuple[str, str]  # "same", "old" or "new"; the text


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, list[Line]]]:
    """The fields that differ, each with the lines of a diff; not that it is newer."""
    return [
        (name, _lines(old.get(name), new.get(name)))
        for name in in_order(set(old) | set(new))
        if name != "modified" and old.get(name) != new.get(name)
    ]


def _lines(old: Any, new: Any) -> list[Line]:
    """Lists are compared by their items, texts by their lines."""
    before, after = _split(old), _split(new)
    lines: list[Line] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            lines += [("same", line) for line in before[start:end]]
        else:
            lines += [("old", line) for line in before[start:end]]
            lines += [("new", line) for line in after[new_start:new_end]]
    return lines


def _split(given: Any) -> list[str]:
    if given is None:
        return []
    if isinstance(given, list):
        return [cut(_plain(each)) for each in given[:MOST_VALUES]]
    return cut(_plain(given)).splitlines()[:_MOST_LINES] or [""]


def _plain(given: Any) -> str:
    if isinstance(given, str):
        return given
    return msgspec.json.format(msgspec.json.encode(given), indent=2).decode()
