"""The community's own types: valid STIX 2.1 under one published extension definition."""

from __future__ import annotations

import json

import pytest

from accord.stix.check import Checker
from accord.stix.extension import AGREEMENT, AUTHOR, EXTENSION, EXTENSION_ID, OWN_TYPES, build
from accord.stix.faults import InvalidObject

UUID = "0f3a9b1e-2c64-4d85-8e7a-b4c1d2e3f506"
MOMENT = "2026-01-02T03:04:05.000000Z"


def test_the_definition_and_its_author_are_valid(checker: Checker) -> None:
    author, extension = checker.check(AUTHOR).object, checker.check(EXTENSION).object
    assert extension.id == EXTENSION_ID
    assert extension.fields["created_by_ref"] == author.id
    assert extension.fields["extension_types"] == ["new-sdo"]


def test_the_fixed_identifier_never_changes() -> None:
    assert EXTENSION_ID == "extension-definition--70a3b653-e59a-447a-9d77-497c911022ee"


@pytest.mark.parametrize("kind", sorted(OWN_TYPES))
def test_an_object_of_an_own_type_is_valid_and_canonical(checker: Checker, kind: str) -> None:
    raw = build(kind, {"id": f"{kind}--{UUID}", "created": MOMENT, "title": "协定"})
    one = checker.check(raw).object
    assert (one.type, one.version) == (kind, MOMENT)
    assert one.fields["extensions"] == {EXTENSION_ID: {"extension_type": "new-sdo"}}
    assert build(kind, one.fields) == raw
    assert "协定".encode() in raw


def test_own_types_must_have_what_every_object_has(checker: Checker) -> None:
    fields = json.loads(build(AGREEMENT, {"id": f"{AGREEMENT}--{UUID}", "created": MOMENT}))
    del fields["created"]
    with pytest.raises(InvalidObject):
        checker.check(json.dumps(fields).encode())


@pytest.mark.parametrize(
    "kind, identifier", [("tool", f"tool--{UUID}"), (AGREEMENT, f"tool--{UUID}")]
)
def test_nothing_else_is_built(kind: str, identifier: str) -> None:
    with pytest.raises(ValueError, match="not an"):
        build(kind, {"id": identifier, "created": MOMENT})
