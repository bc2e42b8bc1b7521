"""What is wrong with an object: whose, where, what was expected and what was found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from accord.base.errors import InputError
from accord.base.messages import Message, say

_SHOWN = 120  # characters of a found value that are worth repeating
NO_ID = "?"
MOST_FAULTS = 100  # of one object; a hostile one could have a hundred thousand


class Fault(msgspec.Struct, frozen=True):
    """One thing that is not as STIX 2.1 has it. `expected` is notation, not a sentence."""

    object_id: str
    path: str  # such as `external_references[3].url`; "" is the whole object
    expected: str
    found: str
    message: Message


class InvalidObject(InputError):
    """An object that is refused; `faults` lists everything found, the message says the first."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        first = faults[0].message
        super().__init__(first.key, **first.args)
        self.faults = faults


def fault(key: str, object_id: str, path: str, expected: str, found: Any) -> Fault:
    """A fault whose sentence is `key`, told with the arguments id, path, expected and found."""
    shown = shorten(found)
    message = say(
        key, id=object_id or NO_ID, path=path or object_id or NO_ID, expected=expected, found=shown
    )
    return Fault(object_id, path, expected, shown, message)


def join_path(steps: Iterable[str | int]) -> str:
    """`["a", 0, "b"]` as people write it: `a[0].b`."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def shorten(value: Any) -> str:
    """A value as JSON, or a text as it is, cut to what a person can take in at a glance."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, (dict, list)) and len(value) > 8:
        text = "{…}" if isinstance(value, dict) else "[…]"
    else:
        text = msgspec.json.encode(value).decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
