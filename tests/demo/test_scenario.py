"""The story that is published: valid, the same every time, and nothing in it is real."""

from __future__ import annotations

import json
import re
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from accord.base.limits import Limits
from accord.base.messages import LANGUAGES
from accord.demo.scenario import Scenario, write_scenario
from accord.stix.check import Checker
from accord.stix.markings import TLP_ORDER, markings_of
from accord.stix.persons import person_triggers
from accord.stix.references import references

DOCUMENTATION = [ip_network(each) for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
RESERVED = re.compile(r"(.*[.@/])?example\.(com|net|org)(/.*)?")


def everything(scenario: Scenario) -> list[bytes]:
    return [raw for part in scenario.__struct_fields__ for raw in getattr(scenario, part)]


def read(scenario: Scenario) -> list[dict[str, Any]]:
    return [json.loads(raw) for raw in everything(scenario)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_object_is_accepted_without_a_warning(language: str) -> None:
    checker = Checker(Limits())
    for raw in everything(write_scenario(language)):
        assert checker.check(raw).warnings == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_the_same_every_time_byte_for_byte(language: str) -> None:
    assert write_scenario(language) == write_scenario(language)


def test_no_object_says_different_things_under_one_id() -> None:
    ids = [fields["id"] for fields in read(write_scenario("en"))]
    assert len(set(ids)) == len(ids)


def test_a_language_has_its_own_objects_so_that_no_version_contradicts_another() -> None:
    named = [
        {fields["id"] for fields in read(write_scenario(language)) if "created" in fields}
        for language in LANGUAGES
    ]
    assert not named[0] & named[1]
    assert not named[1] & named[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_in_any_language(language: str) -> None:
    for raw in everything(write_scenario(language)):
        assert b"demo." not in raw


def test_a_few_hundred_objects_of_many_types() -> None:
    found = read(write_scenario("zh"))
    assert 300 <= len(found) <= 600
    assert len({fields["type"] for fields in found}) >= 15


def test_every_reference_leads_to_an_object_of_the_story_or_a_standard_marking() -> None:
    found = read(write_scenario("ru"))
    known = {fields["id"] for fields in found}
    for fields in found:
        for reference in references(fields):
            if reference.path.startswith("object_marking_refs"):
                continue
            assert reference.id in known, (fields["id"], reference.path)


def test_addresses_and_names_are_those_set_aside_for_documentation() -> None:
    found = read(write_scenario("en"))
    patterns = [fields["pattern"] for fields in found if fields["type"] == "indicator"]
    values = [match for text in patterns for match in re.findall(r"= '([^']+)'", text)]
    values += [fields["value"] for fields in found if "value" in fields]
    for value in values:
        if re.fullmatch(r"[0-9.]+", value):
            assert any(ip_address(value) in network for network in DOCUMENTATION), value
        elif not re.fullmatch(r"[0-9a-f]{64}", value):
            assert RESERVED.fullmatch(value), value
    assert len(set(patterns)) == len(patterns)


def test_it_holds_what_may_not_leave() -> None:
    found = read(write_scenario("en"))
    definitions = {fields["id"]: fields for fields in found}
    levels = {fields["id"]: markings_of(fields, definitions.get).tlp for fields in found}
    assert None in levels.values()
    assert "red" in levels.values()
    assert {level for level in levels.values() if level} <= set(TLP_ORDER)
    assert sum(bool(person_triggers(fields)) for fields in found) == 1
    red = {each for each, level in levels.items() if level == "red"}
    cites = [fields["id"] for fields in found if red & set(fields.get("object_refs", ()))]
    assert any(levels[each] == "amber" for each in cites)


def test_the_first_warning_can_be_read_by_itself() -> None:
    first = [json.loads(raw) for raw in write_scenario("en").first]
    known = {fields["id"] for fields in first}
    named = {ref for fields in first for ref in fields.get("object_refs", ())}
    assert named <= known
