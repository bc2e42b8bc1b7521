"""What markings say: TLP 1 and 2.0, PAP and statements, on the object and on parts of it.

A granular marking counts for the whole object, because objects are released whole or not at all.
What a reference names and nobody here can read is listed as unresolved, for the rules to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from accord.base.jsontext import canonical

TLP_ORDER = ("clear", "green", "amber", "amber+strict", "red")
PAP_ORDER = ("clear", "green", "amber", "red")

TLP_2_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
PAP_EXTENSION = "extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b"

# STIX 2.1 section 7.2.1.4: TLP 1, whose WHITE is the CLEAR of TLP 2.0.
_TLP_1 = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "white",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
}
# OASIS "TLP 2.0 marking definition extension".
_TLP_2 = {
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}
_TLP_2_OF = {level: identifier for identifier, level in _TLP_2.items()}
# The fixed identifier under which OpenCTI sends TLP:AMBER+STRICT.
_TLP_OPENCTI = {"marking-definition--826578e1-40ad-459f-bc73-ede076f81f37": "amber+strict"}
# OASIS "PAP marking definition extension".
_PAP = {
    "marking-definition--ad15a0cd-55b6-4588-a14c-a66105329b92": "clear",
    "marking-definition--a3bea94c-b469-41dc-9cfe-d6e7daba7730": "white",
    "marking-definition--c43594d1-4b11-4c59-93ab-1c9b14d53ce9": "green",
    "marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab": "amber",
    "marking-definition--740d36e5-7714-4c30-961a-3ae632ceee0e": "red",
}
_KNOWN_TLP = _TLP_1 | _TLP_2 | _TLP_OPENCTI
_LABEL = re.compile(r"\s*+(TLP|PAP)(?:\s?v?2(?:\.0)?)?\s*+:\s*+([A-Z+]++)\s*+", re.IGNORECASE)

Lookup = Callable[[str], Mapping[str, Any] | None]


class Markings(msgspec.Struct, frozen=True):
    """The strictest of every kind that was found. None is "nothing was said"."""

    tlp: str | None = None
    pap: str | None = None
    statements: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()  # markings that are not here, or that this node cannot read


UNMARKED = Markings()


def tlp_marking(level: str) -> str:
    """The identifier of the TLP 2.0 marking of a level. Raises `KeyError` for another word."""
    return _TLP_2_OF[level]


def markings_of(fields: Mapping[str, Any], lookup: Lookup) -> Markings:
    """The markings of an object, granular ones included, at their strictest.

    `lookup` gives the fields of a marking-definition by its identifier, or None. The standard TLP
    and PAP markings are known without it, and nobody can redefine them.
    """
    found = UNMARKED
    for identifier in dict.fromkeys(marking_ids(fields)):
        found = strictest(found, _meaning(identifier, lookup))
    return found


class MarkingReader:
    """`markings_of` for many objects: those that name the same markings are read once."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._known: dict[tuple[str, ...], Markings] = {}

    def of(self, fields: Mapping[str, Any]) -> Markings:
        """The markings of one object."""
        named = tuple(marking_ids(fields))
        found = self._known.get(named)
        if found is None:
            found = self._known[named] = markings_of(fields, self._lookup)
        return found


def strictest(one: Markings, other: Markings) -> Markings:
    """What holds where both hold."""
    return Markings(
        tlp=_higher(TLP_ORDER, one.tlp, other.tlp),
        pap=_higher(PAP_ORDER, one.pap, other.pap),
        statements=tuple(dict.fromkeys(one.statements + other.statements)),
        unresolved=tuple(dict.fromkeys(one.unresolved + other.unresolved)),
    )


def read_marking(definition: Mapping[str, Any]) -> Markings:
    """What a marking-definition says by its own fields; unresolved where it cannot be read.

    Understood: `definition_type` tlp, statement and PAP, the OASIS extensions for TLP 2.0 and PAP,
    and the names `TLP:…` and `PAP:…` as OpenCTI and MISP write them. Where these disagree, the
    strictest holds.
    """
    found = UNMARKED
    unreadable = False
    for kind, level in _levels(definition):
        if level not in (TLP_ORDER if kind == "tlp" else PAP_ORDER):
            unreadable = True
        else:
            said = Markings(tlp=level) if kind == "tlp" else Markings(pap=level)
            found = strictest(found, said)
    content = definition.get("definition")
    if isinstance(content, dict) and isinstance(content.get("statement"), str):
        found = strictest(found, Markings(statements=(content["statement"],)))
    if unreadable or found == UNMARKED:
        return strictest(found, Markings(unresolved=(str(definition.get("id", "")),)))
    return found


def standard_marking(identifier: str) -> bytes | None:
    """The standard TLP or PAP marking-definition of that identifier, as its authors publish it."""
    if identifier in _TLP_1:
        level = _TLP_1[identifier]
        about: dict[str, Any] = {
            "created": "2017-01-20T00:00:00.000Z",
            "name": f"TLP:{level.upper()}",
            "definition_type": "tlp",
            "definition": {"tlp": level},
        }
    elif identifier in _TLP_2:
        about = _extended(TLP_2_EXTENSION, "tlp_2_0", "TLP", _TLP_2[identifier])
    elif identifier in _PAP:
        about = _extended(PAP_EXTENSION, "pap", "PAP", _PAP[identifier])
        if _PAP[identifier] == "green":
            about["created"] = "2022-10-09T00:00:00.000Z"  # as published
    else:
        return None
    head = {"type": "marking-definition", "spec_version": "2.1", "id": identifier}
    return canonical(head | about)


def tlp_marking_id(level: str) -> str:
    """The identifier of the TLP 2.0 marking of a level of `TLP_ORDER`; `KeyError` otherwise."""
    return {known: identifier for identifier, known in _TLP_2.items()}[level]


def _extended(extension: str, name: str, scheme: str, level: str) -> dict[str, Any]:
    return {
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"{scheme}:{level.upper()}",
        "extensions": {extension: {"extension_type": "property-extension", name: level}},
    }


def marking_ids(fields: Mapping[str, Any]) -> Iterator[str]:
    """The markings that an object names, granular ones included; all that `markings_of` reads."""
    yield from fields.get("object_marking_refs", ())
    for marking in fields.get("granular_markings", ()):
        if "marking_ref" in marking:  # else it says which language a part is in
            yield marking["marking_ref"]


def _meaning(identifier: str, lookup: Lookup) -> Markings:
    if identifier in _KNOWN_TLP:
        return Markings(tlp=_level(_KNOWN_TLP[identifier]))
    if identifier in _PAP:
        return Markings(pap=_level(_PAP[identifier]))
    definition = lookup(identifier)
    if definition is None:
        return Markings(unresolved=(identifier,))
    return read_marking({**definition, "id": identifier})


def _levels(definition: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every (kind, level) that the fields of a marking-definition hold."""
    extensions = definition.get("extensions")
    if isinstance(extensions, dict):
        for extension, name, kind in (
            (TLP_2_EXTENSION, "tlp_2_0", "tlp"),
            (PAP_EXTENSION, "pap", "pap"),
        ):
            body = extensions.get(extension)
            if isinstance(body, dict):
                yield kind, _level(body.get(name))
    content = definition.get("definition")
    labels: list[Any] = [definition.get("name"), definition.get("x_opencti_definition")]
    if isinstance(content, dict):
        for name, value in content.items():
            if name.lower() in ("tlp", "pap"):
                label = _LABEL.fullmatch(str(value))
                yield name.lower(), _level(label[2] if label else value)
        labels.append(content.get("statement"))
    for text in labels:
        label = _LABEL.fullmatch(text) if isinstance(text, str) else None
        if label:
            yield label[1].lower(), _level(label[2])


def _level(value: Any) -> str:
    level = str(value).strip().lower()
    return "clear" if level == "white" else level


def _higher(order: tuple[str, ...], one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=order.index)
