"""The log of a served node: one line an event on stderr, JSON, or plain words on a terminal.

No content, no secret and no token can get into it, because values are not written: of an event
only what `node/events.py` allows; of any other line its fixed words with numbers and member ids;
of an error its kind and where it happened, never its text. Of what libraries say only their name
is told.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec

from accord.base.clock import format_time
from accord.base.errors import AccordError, InputError
from accord.base.messages import Message
from accord.node.events import ABOUT

LEVELS = ("debug", "info", "warning", "error")

_OURS = "accord"
_HIDDEN = "…"
_MEMBER = re.compile(r"identity--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FRAMES = 12  # of a traceback: the innermost


def start_logging(level: str, stream: TextIO | None = None) -> logging.Handler:
    """Send everything from `level` on to stderr; what libraries say, from warnings on.

    Raises `InputError` for a level that is not one of `LEVELS`.
    """
    if level not in LEVELS:
        allowed = ", ".join(LEVELS)
        raise InputError("monitoring.log-level", found=level[:60], allowed=allowed)
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(Lines(plain=out.isatty()))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(_OURS).setLevel(level.upper())
    return handler


class Lines(logging.Formatter):
    """A record as one line without content."""

    def __init__(self, *, plain: bool) -> None:
        super().__init__()
        self._plain = plain

    def format(self, record: logging.LogRecord) -> str:
        facts = _facts(record)
        if not self._plain:
            return msgspec.json.encode(facts).decode()
        at, level, event = facts.pop("at"), facts.pop("level"), facts.pop("event")
        rest = " ".join(f"{name}={value}" for name, value in facts.items())
        return f"{at} {level:<7} {event} {rest}".rstrip()


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    moment = datetime.fromtimestamp(record.created, UTC)
    facts: dict[str, Any] = {"at": format_time(moment), "level": record.levelname.lower()}
    if record.name.partition(".")[0] == _OURS:
        facts["event"] = getattr(record, "event", None) or _words(record)
        about: Mapping[str, Any] = getattr(record, "about", {})
        facts |= {name: value for name, value in about.items() if name in ABOUT}
    else:
        facts["event"] = "library"
    facts["logger"] = record.name
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        facts["error"] = _kind(error)
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        facts["at_lines"] = [f"{frame.name}:{frame.lineno}" for frame in frames]
    return facts


def _words(record: logging.LogRecord) -> str:
    """The fixed words of a line with the arguments that hold no content."""
    args = record.args if isinstance(record.args, tuple) else ()
    shown = tuple(_shown(arg) for arg in args)
    try:
        return str(record.msg) % shown if shown else str(record.msg)
    except (TypeError, ValueError):
        return str(record.msg)


def _shown(value: object) -> object:
    if isinstance(value, int | float):
        return value
    if isinstance(value, BaseException):
        return _kind(value)
    if isinstance(value, Message):
        return value.key
    if isinstance(value, str) and _MEMBER.fullmatch(value):
        return value
    return _HIDDEN


def _kind(error: BaseException) -> str:
    """What an error is, without what it says: that may quote what was sent."""
    return error.message.key if isinstance(error, AccordError) else type(error).__name__
