"""The door: is this one object STIX 2.1, in every way that this node relies on?

First the JSON (no key twice, bounded), then the version, then the OASIS schema of its type, then
what schemas cannot say. Nothing is changed: what is accepted is kept as it came.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import msgspec

from accord.base.clock import fixed_width
from accord.base.errors import InputError
from accord.base.jsontext import parse_strict
from accord.base.limits import KIB, Limits

from .faults import MOST_FAULTS, Fault, InvalidObject, fault
from .identifiers import OBSERVABLE_TYPES, is_identifier
from .objects import StixObject
from .patterns import PatternError, check_pattern
from .references import reference_faults, references
from .schemas import CORE, OBSERVABLE_CORE, SCHEMA_TYPES, schema
from .selectors import selector_faults
from .times import time_faults

__all__ = ["Checked", "Checker", "Fault", "InvalidObject"]

VERSION = "2.1"
_SHORTEST_REFERENCE = 40  # bytes; so a small object cannot hold too many
_LISTED_UP_TO = 64 * KIB  # of a larger object only the first fault of its schema is told
_WHOLE: str = ""  # the path of the object itself


class Checked(msgspec.Struct, frozen=True):
    """An accepted object, and what was found and let pass: values that break only a format."""

    object: StixObject
    warnings: tuple[Fault, ...]


class Checker:
    """Checks objects one at a time; holds nothing but the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._counted_from = limits.references * _SHORTEST_REFERENCE

    def check(self, raw: bytes) -> Checked:
        """Read one object. Raises `InvalidObject` that lists what is wrong with it."""
        fields = self._read(raw)
        object_id, kind = _head(fields)
        warnings = _schema_warnings(object_id, kind, fields, len(raw))
        faults = chain(
            time_faults(object_id, kind, fields),
            reference_faults(object_id, kind, fields),
            self._other_faults(object_id, kind, fields, len(raw)),
        )
        if found := tuple(islice(faults, MOST_FAULTS)):
            raise InvalidObject(found)
        version = fields.get("modified", "")
        spoken = fields.get("spec_version", VERSION)
        instant = fixed_width(version) if version else ""
        item = StixObject(raw, object_id, kind, version, instant, spoken, fields)
        return Checked(item, warnings)

    def _read(self, raw: bytes) -> dict[str, Any]:
        limit = self._limits.object_bytes
        if len(raw) > limit:
            found = _refused(raw, "stix.object-too-large", f"≤ {limit}", str(len(raw)))
            raise InvalidObject((found,))
        try:
            fields = parse_strict(raw, max_depth=self._limits.json_depth)
        except InputError as error:
            raise InvalidObject((_unreadable(raw, error),)) from None
        if type(fields) is not dict:
            raise InvalidObject((fault("stix.no-object", "", _WHOLE, "{…}", fields),))
        return fields

    def _other_faults(
        self, object_id: str, kind: str, fields: dict[str, Any], size: int
    ) -> Iterator[Fault]:
        if kind == "indicator" and fields["pattern_type"] == "stix":
            yield from _pattern_faults(object_id, fields["pattern"])
        if "granular_markings" in fields:
            limit, found = self._limits.granular_markings, len(fields["granular_markings"])
            if found > limit:
                yield _too_many(object_id, "granular_markings", limit, found)
            else:
                yield from selector_faults(object_id, fields)
        if size > self._counted_from:
            limit, found = self._limits.references, sum(1 for _ in references(fields))
            if found > limit:
                yield _too_many(object_id, "*_refs", limit, found)


def _head(fields: dict[str, Any]) -> tuple[str, str]:
    """The id and the type of an object that says it is STIX 2.1."""
    object_id, kind = fields.get("id"), fields.get("type")
    if type(kind) is not str or kind in ("", "bundle"):
        known = object_id if type(object_id) is str else ""
        raise InvalidObject((fault("stix.no-type", known, "type", "<type>", kind),))
    version = fields.get("spec_version")
    if version != VERSION and not (version is None and _may_lack_version(kind, fields)):
        known = object_id if type(object_id) is str else ""
        found = "2.0" if version is None else version
        raise InvalidObject((fault("stix.version", known, "spec_version", VERSION, found),))
    if type(object_id) is not str or not is_identifier(object_id):
        known = object_id if type(object_id) is str else ""
        raise InvalidObject((fault("stix.no-id", known, "id", f"{kind}--<UUID>", object_id),))
    if not object_id.startswith(f"{kind}--"):
        raise InvalidObject((fault("stix.id-type", object_id, "id", f"{kind}--<UUID>", object_id),))
    return object_id, kind


def _may_lack_version(kind: str, fields: dict[str, Any]) -> bool:
    """Observables may leave `spec_version` out; of unknown types, those that look like one."""
    if kind in OBSERVABLE_TYPES:
        return True
    return kind not in SCHEMA_TYPES and "created" not in fields and "modified" not in fields


def _schema_name(kind: str, fields: dict[str, Any]) -> str:
    if kind in SCHEMA_TYPES:
        return kind
    extensions = fields.get("extensions")
    bodies = extensions.values() if isinstance(extensions, dict) else ()
    kinds = {body.get("extension_type") for body in bodies if isinstance(body, dict)}
    if "new-sco" in kinds:
        return OBSERVABLE_CORE
    return CORE if {"new-sdo", "new-sro"} & kinds or "created" in fields else OBSERVABLE_CORE


def _schema_warnings(
    object_id: str, kind: str, fields: dict[str, Any], size: int
) -> tuple[Fault, ...]:
    """What the schema of the type finds: faults are raised, broken formats are returned."""
    checked = schema(_schema_name(kind, fields))
    if checked.is_valid(fields):
        return ()
    faults, formats = checked.findings(fields, only_first=size > _LISTED_UP_TO)
    if faults:
        raise InvalidObject(faults)
    return tuple(
        fault("stix.kept-format", object_id, found.path, found.expected, found.found)
        for found in formats
    )


def _pattern_faults(object_id: str, pattern: str) -> Iterator[Fault]:
    try:
        check_pattern(pattern)
    except PatternError as error:
        found = error.found or "—"
        path = f"pattern[{error.position}]"
        yield fault("stix.pattern", object_id, path, error.expected, found)


def _too_many(object_id: str, path: str, limit: int, found: int) -> Fault:
    return fault("stix.too-many", object_id, path, f"≤ {limit}", found)


class _Id(msgspec.Struct):
    id: str = ""


_id_decoder = msgspec.json.Decoder(_Id)


def _id_of(raw: bytes) -> str:
    """The id in bytes that may be no good otherwise, as far as it can be told."""
    try:
        return _id_decoder.decode(raw).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def _refused(raw: bytes, key: str, expected: str, found: str) -> Fault:
    return fault(key, _id_of(raw), _WHOLE, expected, found)


def _unreadable(raw: bytes, error: InputError) -> Fault:
    """The reader's own sentence, with the object it is about."""
    path = str(error.message.args.get("name", _WHOLE))
    problem = error.message.args.get("problem") or error.message.args.get("name")
    found = str(problem or error.message.args.get("limit", ""))
    return Fault(_id_of(raw), path, "JSON", found, error.message)
