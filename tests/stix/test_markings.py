"""TLP 1, TLP 2.0, PAP and statements; on the object and on parts of it; always the strictest."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.stix.check import Checker
from accord.stix.faults import InvalidObject
from accord.stix.markings import (
    PAP_EXTENSION,
    PAP_ORDER,
    TLP_2_EXTENSION,
    TLP_ORDER,
    UNMARKED,
    Markings,
    markings_of,
    read_marking,
    standard_marking,
    strictest,
    tlp_marking_id,
)

TLP_1 = {
    "clear": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "green": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
    "amber": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "red": "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}
TLP_2 = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
PAP = {
    "clear": "marking-definition--ad15a0cd-55b6-4588-a14c-a66105329b92",
    "green": "marking-definition--c43594d1-4b11-4c59-93ab-1c9b14d53ce9",
    "amber": "marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab",
    "red": "marking-definition--740d36e5-7714-4c30-961a-3ae632ceee0e",
}
OWN = "marking-definition--0f3a9b1e-2c64-4d85-8e7a-b4c1d2e3f506"


def nothing_here(identifier: str) -> Mapping[str, Any] | None:
    return None


def marked(*identifiers: str) -> dict[str, Any]:
    return {"object_marking_refs": list(identifiers)}


@pytest.mark.parametrize("level, identifier", [*TLP_1.items(), *TLP_2.items()])
def test_the_fixed_tlp_identifiers_are_known_without_their_objects(
    level: str, identifier: str
) -> None:
    assert markings_of(marked(identifier), nothing_here) == Markings(tlp=level)


@pytest.mark.parametrize("level, identifier", PAP.items())
def test_the_fixed_pap_identifiers_are_known_without_their_objects(
    level: str, identifier: str
) -> None:
    assert markings_of(marked(identifier), nothing_here) == Markings(pap=level)


def test_nobody_can_redefine_a_standard_marking() -> None:
    def lie(identifier: str) -> dict[str, Any]:
        return {"id": identifier, "name": "TLP:CLEAR"}

    assert markings_of(marked(TLP_2["red"]), lie).tlp == "red"


@pytest.mark.parametrize("identifier", [*TLP_1.values(), *TLP_2.values(), *PAP.values()])
def test_the_standard_markings_are_offered_valid_and_say_what_they_are(
    checker: Checker, identifier: str
) -> None:
    raw = standard_marking(identifier)
    assert raw is not None
    checked = checker.check(raw)
    assert checked.object.id == identifier
    assert checked.warnings == ()
    by_itself = read_marking(checked.object.fields)
    assert by_itself == markings_of(marked(identifier), nothing_here)


def test_other_markings_are_not_made_up() -> None:
    assert standard_marking(OWN) is None


def test_the_tlp_amber_of_the_oasis_example_is_ours(shared_data: Path) -> None:
    folder = "stix/validator-examples/stix2validator/test/v21/test_examples"
    published = json.loads((shared_data / folder / "tlp-amber.json").read_bytes())["objects"][0]
    ours = standard_marking(tlp_marking_id("amber"))
    assert ours is not None
    assert json.loads(ours) == published


def test_a_false_tlp_1_object_is_refused(checker: Checker) -> None:
    false = json.loads(standard_marking(TLP_1["red"]) or b"")
    false["definition"]["tlp"] = "white"
    with pytest.raises(InvalidObject):
        checker.check(json.dumps(false).encode())


@pytest.mark.parametrize(
    "definition, meaning",
    [
        (
            {"definition_type": "statement", "definition": {"statement": "© A"}},
            Markings(statements=("© A",)),
        ),
        ({"definition_type": "tlp", "definition": {"tlp": "white"}}, Markings(tlp="clear")),
        (
            {"definition_type": "PAP", "definition": {"PAP": "PAP:RED"}, "name": "PAP:RED"},
            Markings(pap="red"),
        ),
        (
            {"definition_type": "TLP", "definition": {"TLP": "TLP:AMBER+STRICT"}},
            Markings(tlp="amber+strict"),
        ),
        (
            {
                "definition_type": "statement",
                "definition": {"statement": "custom"},
                "x_opencti_definition_type": "TLP",
                "x_opencti_definition": "TLP:AMBER+STRICT",
            },
            Markings(tlp="amber+strict", statements=("custom",)),
        ),
        ({"name": "tlp:green"}, Markings(tlp="green")),
        ({"name": "TLP 2.0: AMBER"}, Markings(tlp="amber")),
        ({"name": "PAP:WHITE"}, Markings(pap="clear")),
        (
            {"extensions": {TLP_2_EXTENSION: {"tlp_2_0": "amber+strict"}}},
            Markings(tlp="amber+strict"),
        ),
        ({"extensions": {PAP_EXTENSION: {"pap": "green"}}}, Markings(pap="green")),
        # where a marking contradicts itself, the strictest holds
        (
            {"name": "TLP:CLEAR", "extensions": {TLP_2_EXTENSION: {"tlp_2_0": "red"}}},
            Markings(tlp="red"),
        ),
        # what cannot be read is said
        ({"name": "TLP:PURPLE"}, Markings(unresolved=(OWN,))),
        ({"name": "TLP:RED", "definition": {"tlp": "x"}}, Markings(tlp="red", unresolved=(OWN,))),
        ({"definition_type": "iep", "definition": {"iep": {}}}, Markings(unresolved=(OWN,))),
        ({"extensions": {TLP_2_EXTENSION: "red"}}, Markings(unresolved=(OWN,))),
        ({}, Markings(unresolved=(OWN,))),
    ],
)
def test_a_marking_definition_is_read(definition: dict[str, Any], meaning: Markings) -> None:
    assert read_marking({"id": OWN, **definition}) == meaning
    assert markings_of(marked(OWN), {OWN: definition}.get) == meaning


def test_a_granular_marking_counts_for_the_whole_object() -> None:
    fields = {
        **marked(TLP_2["green"], OWN),
        "granular_markings": [
            {"marking_ref": TLP_2["red"], "selectors": ["name"]},
            {"marking_ref": PAP["amber"], "selectors": ["name"]},
            {"lang": "ru", "selectors": ["name"]},
        ],
    }
    expected = Markings(tlp="red", pap="amber", unresolved=(OWN,))
    assert markings_of(fields, nothing_here) == expected


def test_an_object_without_markings_says_nothing() -> None:
    assert markings_of({}, nothing_here) == UNMARKED


sets = st.builds(
    Markings,
    tlp=st.none() | st.sampled_from(TLP_ORDER),
    pap=st.none() | st.sampled_from(PAP_ORDER),
    statements=st.lists(st.sampled_from("ab"), unique=True).map(tuple),
    unresolved=st.lists(st.sampled_from("xy"), unique=True).map(tuple),
)


@given(sets, sets, sets)
def test_strictest_is_a_join_that_never_loosens(a: Markings, b: Markings, c: Markings) -> None:
    joined = strictest(a, b)
    assert strictest(a, UNMARKED) == a == strictest(a, a)
    assert strictest(joined, c) == strictest(a, strictest(b, c))
    for mine in (a, b):
        assert set(mine.statements) <= set(joined.statements)
        assert set(mine.unresolved) <= set(joined.unresolved)
        if mine.tlp is not None:
            assert joined.tlp is not None
            assert TLP_ORDER.index(joined.tlp) >= TLP_ORDER.index(mine.tlp)
        if mine.pap is not None:
            assert joined.pap is not None
            assert PAP_ORDER.index(joined.pap) >= PAP_ORDER.index(mine.pap)


def test_real_feeds_are_understood(
    checker: Checker, objects_of: Callable[..., list[bytes]]
) -> None:
    objects = [checker.check(raw).object for raw in objects_of("stix/capec.stix21.json.gz")]
    definitions = {one.id: one.fields for one in objects if one.type == "marking-definition"}
    found = {markings_of(one.fields, definitions.get) for one in objects}
    assert all(not markings.unresolved for markings in found)
    assert any("CAPEC" in statement for markings in found for statement in markings.statements)
