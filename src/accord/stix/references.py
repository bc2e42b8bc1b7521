"""References between objects: where they stand, and which types they may point to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from .faults import Fault, fault
from .identifiers import (
    DOMAIN_TYPES,
    META_TYPES,
    RELATIONSHIP_TYPES,
    is_identifier,
    type_of,
)

_OBSERVABLE = ("<observable>",)  # any observable, the community's own ones included
_NOT_OBSERVABLE = DOMAIN_TYPES | RELATIONSHIP_TYPES | META_TYPES
_ADDRESSES = ("ipv4-addr", "ipv6-addr")
_ENDPOINTS = ("ipv4-addr", "ipv6-addr", "mac-addr", "domain-name")
_SAMPLES = ("file", "artifact")

# Sections 4 and 6: what the reference properties of a type may point to, where the schemas do not
# say. Properties that may point to anything are absent.
TARGETS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "directory": {"contains_refs": ("file", "directory")},
    "domain-name": {"resolves_to_refs": (*_ADDRESSES, "domain-name")},
    "email-addr": {"belongs_to_ref": ("user-account",)},
    "email-message": {
        "from_ref": ("email-addr",),
        "sender_ref": ("email-addr",),
        "to_refs": ("email-addr",),
        "cc_refs": ("email-addr",),
        "bcc_refs": ("email-addr",),
        "raw_email_ref": ("artifact",),
    },
    "file": {
        "parent_directory_ref": ("directory",),
        "contains_refs": _OBSERVABLE,
        "content_ref": ("artifact",),
    },
    "ipv4-addr": {"resolves_to_refs": ("mac-addr",), "belongs_to_refs": ("autonomous-system",)},
    "ipv6-addr": {"resolves_to_refs": ("mac-addr",), "belongs_to_refs": ("autonomous-system",)},
    "malware": {"sample_refs": _SAMPLES, "operating_system_refs": ("software",)},
    "malware-analysis": {
        "host_vm_ref": ("software",),
        "operating_system_ref": ("software",),
        "installed_software_refs": ("software",),
        "analysis_sco_refs": _OBSERVABLE,
        "sample_ref": (*_SAMPLES, "network-traffic"),
    },
    "network-traffic": {
        "src_ref": _ENDPOINTS,
        "dst_ref": _ENDPOINTS,
        "src_payload_ref": ("artifact",),
        "dst_payload_ref": ("artifact",),
        "encapsulates_refs": ("network-traffic",),
        "encapsulated_by_ref": ("network-traffic",),
    },
    "process": {
        "opened_connection_refs": ("network-traffic",),
        "creator_user_ref": ("user-account",),
        "image_ref": ("file",),
        "parent_ref": ("process",),
        "child_refs": ("process",),
    },
    "windows-registry-key": {"creator_user_ref": ("user-account",)},
}


class Reference(msgspec.Struct, frozen=True):
    """A reference: where it stands in the object, and the identifier it names."""

    path: str
    id: str


def references(fields: Mapping[str, Any]) -> Iterator[Reference]:
    """Every identifier in a `…_ref` or `…_refs` property, at any depth, and every extension
    definition that the object uses; in the order in which they stand."""
    return _walk("", fields)


class Outline(msgspec.Struct, frozen=True):
    """What an object refers to, and the names of all its properties, at any depth."""

    references: set[str]
    names: set[str]


def outline(fields: Mapping[str, Any]) -> Outline:
    """What stands in the `…_ref` and `…_refs` properties of an object, and every property name.

    References are the same as those of `references` without paths, definitions and order, at a
    third of the cost: every object that is published or received passes here.
    """
    found: set[str] = set()
    names: set[str] = set()
    waiting: list[Any] = [fields]
    while waiting:
        value = waiting.pop()
        if type(value) is list:
            waiting += [item for item in value if type(item) is dict or type(item) is list]
            continue
        names.update(value)
        for name, inner in value.items():
            kind = type(inner)
            if kind is str:
                if name[-4:] == "_ref":
                    found.add(inner)
            elif kind is dict:
                waiting.append(inner)
            elif kind is list:
                if name[-5:] == "_refs":
                    found.update([item for item in inner if type(item) is str])
                else:
                    waiting.append(inner)
    return Outline(found, names)


def _walk(path: str, value: Any) -> Iterator[Reference]:
    if isinstance(value, dict):
        for name, inner in value.items():
            here = f"{path}.{name}" if path else name
            if name.endswith("_ref"):
                yield from _identifier(here, inner)
            elif name.endswith("_refs") and isinstance(inner, list):
                for index, item in enumerate(inner):
                    yield from _identifier(f"{here}[{index}]", item)
            elif isinstance(inner, (dict, list)):
                if name.startswith("extension-definition--"):
                    yield from _identifier(here, name)
                yield from _walk(here, inner)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, (dict, list)):
                yield from _walk(f"{path}[{index}]", item)


def _identifier(path: str, value: Any) -> Iterator[Reference]:
    if isinstance(value, str) and is_identifier(value):
        yield Reference(path, value)


def reference_faults(object_id: str, kind: str, fields: Mapping[str, Any]) -> Iterator[Fault]:
    """References of `fields`, which has passed its schema, that point to a type they may not."""
    author = fields.get("created_by_ref")
    if author is not None and not author.startswith("identity--"):
        yield _wrong(object_id, "created_by_ref", ("identity",), author)
    for index, marking in enumerate(fields.get("object_marking_refs", ())):
        if not marking.startswith("marking-definition--"):
            yield _wrong(
                object_id, f"object_marking_refs[{index}]", ("marking-definition",), marking
            )
    for name, targets in TARGETS.get(kind, {}).items():
        value = fields.get(name)
        if isinstance(value, str):
            yield from _target_faults(object_id, name, targets, value)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from _target_faults(object_id, f"{name}[{index}]", targets, item)


def _target_faults(
    object_id: str, path: str, targets: tuple[str, ...], value: str
) -> Iterator[Fault]:
    kind = type_of(value)
    fits = kind not in _NOT_OBSERVABLE if targets is _OBSERVABLE else kind in targets
    if not fits or not is_identifier(value):
        yield _wrong(object_id, path, targets, value)


def _wrong(object_id: str, path: str, targets: tuple[str, ...], found: str) -> Fault:
    expected = " | ".join(f"{target}--<UUID>" for target in targets)
    return fault("stix.reference-type", object_id, path, expected, found)
