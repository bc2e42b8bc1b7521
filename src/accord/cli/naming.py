"""Members by name, moments and levels as people read and write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from accord.base.clock import from_micros, parse_time
from accord.base.errors import InputError

if TYPE_CHECKING:
    from accord.node.node import Node

_WORD_LISTS = {"en": "english", "ru": "russian", "zh": "chinese_simplified"}  # of BIP-39


def member_named(node: Node, name: str) -> str:
    """The id of a member that was named by id or by name. Raises `NotFoundError`."""
    from accord.node.members import find_peer

    if name in (node.member, node.settings.name):
        return node.member
    return node.read(lambda tx: find_peer(tx, name)).member


def minute(moment: datetime) -> str:
    """`2026-03-03 03:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ")


def deadline(moment: datetime) -> str:
    """A moment in the time zone of the reader's machine, with UTC beside it where that differs."""
    local = moment.astimezone()
    if not local.utcoffset():
        return minute(moment)
    return f"{local.isoformat(sep=' ', timespec='minutes')} ({minute(moment)})"


def minute_of(micros: int | None) -> str:
    """The same of a moment as it is stored; a dash where there is none."""
    return "–" if micros is None else minute(from_micros(micros))


def read_moment(option: str, text: str) -> datetime:
    """A day (`2026-03-03`) or a moment in UTC (`2026-03-03T03:00:00Z`). Raises `InputError`."""
    try:
        return parse_time(f"{text}T00:00:00Z" if len(text) == 10 else text)
    except ValueError:
        raise InputError("cli.moment", option=option, found=text[:60]) from None


def read_level(option: str, scale: str, text: str, levels: Sequence[str]) -> str | None:
    """A level of a scale, as `amber` or `TLP:AMBER`; null for none. Raises `InputError`."""
    if not text:
        return None
    plain = text.lower().removeprefix(f"{scale}:")
    if plain not in levels:
        allowed = ", ".join(levels)
        raise InputError("cli.level", option=option, found=text[:60], allowed=allowed)
    return plain


def word_list(language: str) -> str:
    """The BIP-39 list whose words a reader of `language` reads aloud."""
    return _WORD_LISTS[language]
