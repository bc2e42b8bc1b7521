"""A STIX object as this node holds it: the bytes as they came, and what they say."""

from __future__ import annotations

from typing import Any

import msgspec


class StixObject(msgspec.Struct, frozen=True):
    """One object. `raw` is what is kept, hashed and served; `fields` is only for reading."""

    raw: bytes
    id: str
    type: str
    version: str  # its `modified`, or "" where the type has none
    instant: str  # the version as an instant of fixed width: sorts by time
    spec_version: str
    fields: dict[str, Any]
