"""The OASIS JSON schemas of STIX 2.1, one compiled checker for each type, made on first use.

The schema files are those that the `stix2-validator` distribution ships. They are found without
importing it. One type costs about 6 ms and 1 MB to compile, so a node compiles what it meets.
Regular expressions run in linear time (`RegexOptions`).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec

from accord.base.errors import MachineFault

from .faults import MOST_FAULTS, Fault, fault, join_path, shorten
from .identifiers import DOMAIN_TYPES, META_TYPES, OBSERVABLE_TYPES, RELATIONSHIP_TYPES

SCHEMA_TYPES = DOMAIN_TYPES | RELATIONSHIP_TYPES | META_TYPES | OBSERVABLE_TYPES
CORE, OBSERVABLE_CORE = "core", "cyber-observable-core"  # for types that have no schema

_BASE = "http://raw.githubusercontent.com/oasis-open/cti-stix2-json-schemas/stix2.1/schemas/"
_FOLDERS = ("common", "observables", "sdos", "sros")


class Schema:
    """The check of one type. `is_valid` includes formats (uri, e-mail, host name)."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._strict = _compile(name, formats=True)
        self.is_valid: Callable[[Any], bool] = self._strict.is_valid

    def findings(
        self, fields: Mapping[str, Any], *, only_first: bool = False
    ) -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
        """Why `is_valid` said no: faults, and (only where there are none) broken formats.

        `only_first` is for large objects: a hostile one could have a hundred thousand faults, and
        listing them takes seconds.
        """
        object_id = str(fields.get("id", ""))
        lenient = _compile(self._name, formats=False)
        errors = _first_error(lenient, fields) if only_first else lenient.iter_errors(fields)
        if faults := _faults(object_id, errors):
            return faults, ()
        return (), _faults(object_id, self._strict.iter_errors(fields))


@cache
def schema(name: str) -> Schema:
    """The compiled schema of a type in `SCHEMA_TYPES`, or `CORE`, or `OBSERVABLE_CORE`."""
    return Schema(name)


@cache
def _compile(name: str, *, formats: bool) -> jsonschema_rs.Validator:
    documents, registry = _library()
    return jsonschema_rs.validator_for(
        documents[name],
        registry=registry,
        pattern_options=jsonschema_rs.RegexOptions(),
        validate_formats=formats,
        offline=True,
    )


@cache
def _library() -> tuple[Mapping[str, dict[str, Any]], jsonschema_rs.Registry]:
    """Every schema by its name, amended, and the registry that resolves their references."""
    documents = {
        path.stem: msgspec.json.decode(path.read_bytes())
        for folder in _FOLDERS
        for path in (schema_folder() / folder).glob("*.json")
        if path.stem != "bundle"
    }
    _amend(documents)
    registry = jsonschema_rs.Registry(
        [(document["$id"], document) for document in documents.values()]
    )
    return documents, registry


def schema_folder() -> Path:
    """Where the installed OASIS schemas are. Raises `MachineFault` when they are not."""
    found = importlib.util.find_spec("stix2validator")
    for place in (found.submodule_search_locations or ()) if found else ():
        folder = Path(place) / "schemas-2.1" / "schemas"
        if folder.is_dir():
            return folder
    raise MachineFault("stix.schemas-missing")


def _amend(documents: Mapping[str, dict[str, Any]]) -> None:
    """Put right where the schemas refuse what the text of STIX 2.1 allows, or say it dearly.

    - A granular marking carries a `marking_ref` or a `lang` (section 7.2.3.1); the schema wants
      the first always.
    - A registry key begins with the full name of its hive (section 6.17); the schema refuses the
      short names anywhere in the key.
    - An IPv6 address may end in an IPv4 one (RFC 4291); the schema's pattern lost its backslashes.
    """
    # Not null, and no empty list: written as six alternatives, each of which costs an error.
    for name in ("properties", "dictionary"):
        for rule in documents[name]["patternProperties"].values():
            if "anyOf" in rule:
                kinds = [alternative["type"] for alternative in rule.pop("anyOf")]
                rule.update(type=kinds, minItems=1)
    granular = documents["granular-marking"]
    granular["required"] = ["selectors"]
    granular["oneOf"] = [{"required": ["marking_ref"]}, {"required": ["lang"]}]
    key = documents["windows-registry-key"]["allOf"][1]["properties"]["key"]
    key["not"] = {"pattern": "^(HK(LM|CC|CR|CU|U)|hk(lm|cc|cr|cu|u))\\b"}
    value = documents["ipv6-addr"]["allOf"][1]["properties"]["value"]
    for lost, meant in (
        ("^s*", "^"),
        (")?s*(", ")?("),
        ("2[0-4]d", "2[0-4]\\d"),
        ("1dd", "1\\d\\d"),
        ("[1-9]?d", "[1-9]?\\d"),
        ("(.(25", "(\\.(25"),
    ):
        value["pattern"] = value["pattern"].replace(lost, meant)


def _first_error(
    validator: jsonschema_rs.Validator, fields: Mapping[str, Any]
) -> Iterator[jsonschema_rs.ValidationError]:
    try:
        validator.validate(fields)
    except jsonschema_rs.ValidationError as error:
        yield error


def _faults(object_id: str, errors: Iterator[jsonschema_rs.ValidationError]) -> tuple[Fault, ...]:
    return tuple(_fault(object_id, error) for error in islice(_leaves(errors), MOST_FAULTS))


def _leaves(
    errors: Iterator[jsonschema_rs.ValidationError],
) -> Iterator[jsonschema_rs.ValidationError]:
    """The errors a person can act on: of alternatives that all failed, those of the nearest one."""
    for error in errors:
        branches = [list(branch) for branch in getattr(error.kind, "context", ()) if branch]
        if branches:
            nearest = max(branches, key=lambda branch: (_depth(branch), -len(branch)))
            yield from _leaves(iter(nearest))
        else:
            yield error


def _depth(branch: list[jsonschema_rs.ValidationError]) -> int:
    return max(len(error.instance_path) for error in branch)


# The keywords that have a sentence of their own; the others share one.
_SENTENCES = frozenset(
    [
        "required",
        "type",
        "pattern",
        "enum",
        "format",
        "minItems",
        "not",
        "additionalProperties",
        "minimum",
        "maximum",
    ]
)


def _fault(object_id: str, error: jsonschema_rs.ValidationError) -> Fault:
    keyword = error.kind.name
    path = join_path(error.instance_path)
    key = f"stix.schema-{keyword}" if keyword in _SENTENCES else "stix.schema-other"
    found: Any = error.instance
    if keyword == "required":
        name = str(error.kind.value)
        path, expected, found = (f"{path}.{name}" if path else name), name, "—"
    elif keyword == "additionalProperties":
        expected, found = "[a-z][a-z0-9_]{2,249}", ", ".join(error.kind.value)
    elif isinstance(error.kind.value, list):
        expected = " | ".join(str(value) for value in error.kind.value)
    elif keyword in _SENTENCES:
        expected = shorten(error.kind.value)
    else:
        expected = f"{keyword}: {shorten(error.kind.value)}"
    return fault(key, object_id, path, expected, found)
