"""What a person moves, as a TOML file: words in three languages, the effect, and the times."""

from __future__ import annotations

import tomllib
from datetime import datetime
from typing import Any

import msgspec

from accord.base.errors import InputError
from accord.rules.fields import Field, Refused, Spec, as_input_error, checked

from .effects import Effect
from .objects import MOTION


class Moving(msgspec.Struct, frozen=True, kw_only=True):
    """A motion before the node freezes the rest of it from the charter in force.

    `body`: a charter or working group; null for the only one there is. Without `closes` and
    `reading_hours`: those of the charter, and its `wait_hours` on top for the motion to arrive.
    """

    titles: dict[str, str]
    texts: dict[str, str]
    effect: Effect
    body: str | None = None
    closes: datetime | None = None
    reading_hours: int | None = None
    papers: tuple[str, ...] = ()
    session: str | None = None


_CHECKS = {field.name: field.check for field in MOTION}
MOVING: Spec = tuple(
    Field(name, _CHECKS[name], required=name in ("titles", "texts", "effect"))
    for name in Moving.__struct_fields__
)


def moving_from_toml(source: str) -> Moving:
    """A motion from its readable form; raises `InputError` that names the field."""
    return msgspec.convert(read_toml(source, MOVING), Moving)


def read_toml(source: str, spec: Spec) -> dict[str, Any]:
    """The fields of a small TOML file; raises `InputError` that says what is wrong."""
    try:
        return checked(tomllib.loads(source), spec)
    except tomllib.TOMLDecodeError as error:
        raise InputError("rules.toml-invalid", problem=str(error)) from None
    except RecursionError:
        raise InputError("rules.toml-invalid", problem="depth") from None
    except Refused as refused:
        raise as_input_error(refused) from None
