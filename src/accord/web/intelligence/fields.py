"""An object as rows that a person reads: what matters first, whatever is unknown all the same.

Values are given to the template by what they are (a moment, a reference, a text …); it writes them
all as text. Nothing in here trusts a type: what a publisher gave instead is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from accord.base.clock import parse_time

Kind = Literal["text", "code", "moment", "ref", "flag", "hashes", "sources", "phases", "json"]

CUT = 600  # characters of a text that stand open; the others are one click away
MOST_CHARS = 20_000  # of one text on a page; the whole is in the object as it came
MOST_VALUES = 200  # of one list
MOST_FIELDS = 300

_SKIPPED = frozenset(
    {"type", "id", "spec_version", "created", "modified", "created_by_ref", "object_marking_refs",
     "revoked"}
)  # fmt: skip
_FIRST = (
    "name", "value", "pattern", "relationship_type", "source_ref", "target_ref", "sighting_of_ref",
    "opinion", "explanation", "abstract", "description", "content", "context", "aliases", "path",
    "key", "subject", "number", "user_id", "display_name", "hashes", "count", "first_seen",
    "last_seen", "number_observed", "first_observed", "last_observed", "valid_from", "valid_until",
    "published", "indicator_types", "malware_types", "threat_actor_types", "tool_types",
    "report_types", "infrastructure_types", "identity_class", "sectors", "roles", "goals",
    "kill_chain_phases", "confidence", "labels", "object_refs",
)  # fmt: skip
_LAST = ("external_references", "granular_markings", "extensions")
_CODE = frozenset(
    {"pattern", "command_line", "payload_bin", "value", "path", "key", "serial_number", "cwd",
     "message_id", "cpe", "swid", "url", "body", "mime_type"}
)  # fmt: skip
_ID = re.compile(r"[a-z0-9-]{3,250}--[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


class Value(msgspec.Struct, frozen=True):
    """One value: `given` is text, for flags a boolean, for the others what stood there."""

    kind: Kind
    given: Any


class Field(msgspec.Struct, frozen=True):
    """One property with its values. `more`: so many were left out."""

    name: str
    values: tuple[Value, ...]
    more: int = 0


def fields_of(fields: Mapping[str, Any]) -> list[Field]:
    """The rows of an object, in the order in which they are read."""
    names = in_order(set(fields) - _SKIPPED)
    return [_field(name, fields[name]) for name in names[:MOST_FIELDS]]


def references_of(fields: Mapping[str, Any]) -> list[str]:
    """Which objects it names, each once, as they stand."""
    author = _field("created_by_ref", fields.get("created_by_ref"))
    every = (value for field in (author, *fields_of(fields)) for value in field.values)
    return list(dict.fromkeys(value.given for value in every if value.kind == "ref"))


def in_order(names: set[str]) -> list[str]:
    """Names of fields in the order in which they are read."""
    first = [name for name in _FIRST if name in names]
    others = sorted(names - set(first) - set(_LAST))
    return first + others + [name for name in _LAST if name in names]


def _field(name: str, given: Any) -> Field:
    if name == "hashes" and isinstance(given, dict):
        return Field(name, (Value("hashes", _pairs(given)),))
    if name == "external_references" and _are_objects(given):
        return Field(name, (Value("sources", given[:MOST_VALUES]),), _beyond(given))
    if name == "kill_chain_phases" and _are_objects(given):
        phases = [
            (str(each.get("kill_chain_name", "")), str(each.get("phase_name", "")))
            for each in given[:MOST_VALUES]
        ]
        return Field(name, (Value("phases", phases),), _beyond(given))
    if isinstance(given, list) and not any(isinstance(each, (dict, list)) for each in given):
        return Field(name, tuple(_value(name, one) for one in given[:MOST_VALUES]), _beyond(given))
    return Field(name, (_value(name, given),))


def _value(name: str, given: Any) -> Value:
    if isinstance(given, bool):
        return Value("flag", given)
    if isinstance(given, (dict, list)):
        return Value(
            "json", cut(msgspec.json.format(msgspec.json.encode(given), indent=2).decode())
        )
    text = "" if given is None else str(given)
    if name.endswith(("_ref", "_refs")) and _ID.fullmatch(text):
        return Value("ref", text)
    if _MOMENT.fullmatch(text) and _is_moment(text):
        return Value("moment", text)
    return Value("code" if name in _CODE else "text", cut(text))


def cut(text: str) -> str:
    """At most so much of a text as a page takes."""
    return text if len(text) <= MOST_CHARS else text[:MOST_CHARS] + " …"


def _pairs(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(name), cut(str(value))) for name, value in list(given.items())[:MOST_VALUES]]


def _are_objects(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(isinstance(e, dict) for e in given)


def _beyond(given: list[Any]) -> int:
    return max(0, len(given) - MOST_VALUES)


def _is_moment(text: str) -> bool:
    try:
        parse_time(text)
    except ValueError:
        return False
    return True
