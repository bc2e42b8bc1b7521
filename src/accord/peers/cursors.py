"""Cursors as they are written on the wire: `<urgent>.<routine>`."""

from __future__ import annotations

import re

from accord.base.errors import InputError
from accord.node.serving import Cursor

_CURSOR = re.compile(r"(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,18})", re.ASCII)


def read_cursor(text: str) -> Cursor:
    """The two numbers of `<urgent>.<routine>`. Raises `InputError`."""
    match = _CURSOR.fullmatch(text)
    if match is None or max(int(match[1]), int(match[2])) >= 1 << 63:
        raise InputError("peers.cursor-form", found=text[:60])
    return Cursor(int(match[1]), int(match[2]))
