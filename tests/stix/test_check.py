"""What is refused, with the object's id, the path, what was expected and what was found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.base.limits import Limits
from accord.base.messages import LANGUAGES, translate
from accord.stix.check import Checked, Checker
from accord.stix.faults import MOST_FAULTS, Fault, InvalidObject

Fields = dict[str, Any]
Make = Callable[..., Fields]
Check = Callable[[Fields], Checked]
Faults = Callable[[Fields], tuple[Fault, ...]]

OTHER = "0f3a9b1e-2c64-4d85-8e7a-b4c1d2e3f506"
MARKING = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
EXTENSION = f"extension-definition--{OTHER}"


def test_an_accepted_object_keeps_its_bytes(checker: Checker, indicator: Fields) -> None:
    raw = json.dumps({**indicator, "x_y": 1.50, "foo": {"Bar": [1e2]}}, indent=3).encode() + b"\n"
    checked = checker.check(raw)
    assert checked.object.raw is raw
    assert checked.object.id == indicator["id"]
    assert checked.object.type == "indicator"
    assert checked.object.version == indicator["modified"]
    assert checked.object.spec_version == "2.1"
    assert checked.warnings == ()


@pytest.mark.parametrize(
    "change, key, path, expected, found",
    [
        ({"pattern": ...}, "schema-required", "pattern", "pattern", "—"),
        ({"modified": ...}, "schema-required", "modified", "modified", "—"),
        ({"pattern": 7}, "schema-type", "pattern", "string", "7"),
        ({"confidence": 101}, "schema-maximum", "confidence", "100", "101"),
        ({"confidence": -1}, "schema-minimum", "confidence", "0", "-1"),
        ({"labels": []}, "schema-minItems", "labels", "1", "[]"),
        ({"revoked": "no"}, "schema-type", "revoked", "boolean", "no"),
        ({"created_by_ref": "identity--1"}, "schema-pattern", "created_by_ref", None, None),
        ({"valid_from": "2026-01-02"}, "schema-pattern", "valid_from", None, "2026-01-02"),
        ({"external_references": [{"url": "http://x"}]}, "schema-required", None, None, None),
        ({"Big": 1}, "schema-additionalProperties", None, None, "Big"),
        ({"x_none": None}, "schema-type", "x_none", None, "null"),
        ({"x_empty": []}, "schema-minItems", "x_empty", "1", "[]"),
        ({"extensions": {"nonsense": {}}}, "schema-additionalProperties", "extensions", None, None),
        ({"id": "indicator--1"}, "no-id", "id", "indicator--<UUID>", "indicator--1"),
        ({"id": ...}, "no-id", "id", "indicator--<UUID>", "null"),
        ({"id": f"malware--{OTHER}"}, "id-type", "id", "indicator--<UUID>", f"malware--{OTHER}"),
        ({"type": 5}, "no-type", "type", "<type>", "5"),
        ({"type": "bundle"}, "no-type", "type", "<type>", "bundle"),
        ({"spec_version": "2.0"}, "version", "spec_version", "2.1", "2.0"),
        ({"spec_version": "2.2"}, "version", "spec_version", "2.1", "2.2"),
        ({"spec_version": ...}, "version", "spec_version", "2.1", "2.0"),
        ({"created": "2026-02-30T00:00:00.000Z"}, "no-such-date", "created", None, None),
        ({"modified": "2027-02-29T00:00:00.000Z"}, "no-such-date", "modified", None, None),
        ({"valid_from": "2026-04-31T00:00:00Z"}, "no-such-date", "valid_from", None, None),
        ({"modified": "2026-01-02T03:04:04.999Z"}, "time-order", "modified", None, None),
        ({"valid_until": "2026-01-02T03:04:05.0Z"}, "time-order", "valid_until", None, None),
        ({"valid_until": "2025-01-02T03:04:05Z"}, "time-order", "valid_until", None, None),
        ({"created_by_ref": f"malware--{OTHER}"}, "reference-type", "created_by_ref", None, None),
        ({"object_marking_refs": [MARKING, f"tool--{OTHER}"]}, "reference-type", None, None, None),
        ({"pattern": "[a:b = ]"}, "pattern", "pattern[7]", None, "]"),
        ({"pattern": "a:b = 1"}, "pattern", "pattern[0]", "[", "a"),
    ],
)
def test_a_fault_says_whose_where_what_was_expected_and_found(
    indicator: Fields,
    faults: Faults,
    change: Fields,
    key: str | None,
    path: str | None,
    expected: str | None,
    found: str | None,
) -> None:
    fields = {name: v for name, v in {**indicator, **change}.items() if v is not ...}
    first = faults(fields)[0]
    assert first.object_id == fields.get("id", "")
    assert key is None or first.message.key == f"stix.{key}"
    assert path is None or first.path == path
    assert expected is None or first.expected == expected
    assert found is None or first.found == found
    for language in LANGUAGES:
        assert first.found in translate(first.message, language) or key == "schema-required"


def test_every_fault_is_listed_and_the_first_one_is_the_message(
    indicator: Fields, checker: Checker
) -> None:
    raw = json.dumps({**indicator, "labels": [], "confidence": 101, "revoked": 0}).encode()
    with pytest.raises(InvalidObject) as caught:
        checker.check(raw)
    assert {fault.path for fault in caught.value.faults} == {"labels", "confidence", "revoked"}
    assert caught.value.message == caught.value.faults[0].message


@pytest.mark.parametrize(
    "raw, key",
    [
        (b'{"type":"x","id":"i","id":"j"}', "base.json-duplicate-key"),
        (b'{"type":"x","id":"j","x":{"a":1,"\\u0061":1}}', "base.json-duplicate-key"),
        (b'{"id":"j"', "base.json-invalid"),
        (b'{"id":"j","x":' + b"[" * 2000 + b"]" * 2000 + b"}", "base.json-too-deep"),
        (b"[]", "stix.no-object"),
        (b'"x"', "stix.no-object"),
        (b"{}", "stix.no-type"),
    ],
)
def test_what_is_no_sound_json_object_is_refused(checker: Checker, raw: bytes, key: str) -> None:
    with pytest.raises(InvalidObject) as caught:
        checker.check(raw)
    assert caught.value.message.key == key


def test_a_key_given_twice_is_told_with_the_id_of_the_object(checker: Checker) -> None:
    with pytest.raises(InvalidObject) as caught:
        checker.check(b'{"id":"tool--1","name":"a","name" :"b"}')
    fault = caught.value.faults[0]
    assert (fault.object_id, fault.path, fault.found) == ("tool--1", "name", "name")


def test_size_references_and_granular_markings_are_bounded(indicator: Fields) -> None:
    limits = msgspec.structs.replace(
        Limits(), object_bytes=2_000, references=3, granular_markings=2
    )
    checker = Checker(limits)

    def fault(**more: Any) -> Fault:
        with pytest.raises(InvalidObject) as caught:
            checker.check(json.dumps({**indicator, **more}).encode())
        return caught.value.faults[0]

    assert fault(description="x" * 2_000).message.key == "stix.object-too-large"
    assert fault(description="x" * 2_000).object_id == indicator["id"]
    assert fault(object_marking_refs=[MARKING] * 4).expected == "≤ 3"
    granular = [{"marking_ref": MARKING, "selectors": ["pattern"]}] * 3
    assert fault(granular_markings=granular).path == "granular_markings"


@pytest.mark.parametrize(
    "kind, value",
    [
        ("url", " https://example.com/leading-blank"),
        ("domain-name", "windows_server.example.com"),
        ("email-addr", "not an address"),
    ],
)
def test_a_value_that_breaks_only_a_format_is_kept_with_a_warning(
    check: Check, kind: str, value: str
) -> None:
    fields = {"type": kind, "id": f"{kind}--{OTHER}", "value": value}
    (warning,) = check(fields).warnings
    assert warning.message.key == "stix.kept-format"
    assert (warning.path, warning.found) == ("value", value)


def test_a_broken_format_does_not_excuse_another_fault(indicator: Fields, faults: Faults) -> None:
    reference = {"source_name": "x", "url": " http://example.com"}
    found = faults({**indicator, "external_references": [reference], "confidence": 101})
    assert [fault.path for fault in found] == ["confidence"]


def test_a_granular_marking_must_select_something(indicator: Fields, faults: Faults) -> None:
    indicator["external_references"] = [{"source_name": "x", "description": "y"}]
    indicator["granular_markings"] = [
        {
            "marking_ref": MARKING,
            "selectors": ["pattern", "external_references.[0].description", "id"],
        },
        {"marking_ref": MARKING, "selectors": ["name"]},
        {"marking_ref": MARKING, "selectors": ["external_references.[1]"]},
        {"marking_ref": MARKING, "selectors": ["pattern.[0]", "external_references.source_name"]},
    ]
    found = faults(indicator)
    assert [fault.path for fault in found] == [
        "granular_markings[1].selectors[0]",
        "granular_markings[2].selectors[0]",
        "granular_markings[3].selectors[0]",
        "granular_markings[3].selectors[1]",
    ]
    assert {fault.message.key for fault in found} == {"stix.selector"}


def test_a_granular_marking_may_say_a_language_instead(check: Check, indicator: Fields) -> None:
    check({**indicator, "granular_markings": [{"lang": "ru", "selectors": ["pattern"]}]})


def test_unknown_types_are_held_to_the_common_properties(
    check: Check, faults: Faults, sdo: Make
) -> None:
    assert check(sdo("x-acme-thing", anything={"goes": [1]})).object.type == "x-acme-thing"
    new_sco = {"extensions": {EXTENSION: {"extension_type": "new-sco"}}}
    assert check({"type": "x-acme", "id": f"x-acme--{OTHER}", **new_sco}).object.version == ""
    assert check({"type": "x-acme", "id": f"x-acme--{OTHER}", "a_b": 1}).object.version == ""
    assert faults(sdo("x-acme-thing", modified=5))[0].path == "modified"
    unmodified = sdo("x-acme-thing")
    del unmodified["modified"]
    assert faults(unmodified)[0].path == "modified"
    new_sdo = {"extensions": {EXTENSION: {"extension_type": "new-sdo"}}}
    bare = {"type": "x-acme", "id": f"x-acme--{OTHER}", "spec_version": "2.1", **new_sdo}
    assert {fault.path for fault in faults(bare)} == {"created", "modified"}
    assert faults({**unmodified, "spec_version": "2.0"})[0].message.key == "stix.version"


def test_an_ipv6_address_may_end_in_an_ipv4_one(check: Check, faults: Faults) -> None:
    fields = {"type": "ipv6-addr", "id": f"ipv6-addr--{OTHER}"}
    for value in ("::ffff:192.0.2.128", "2001:db8::1", "2001:db8::/32", "::", "fe80::1%eth0"):
        check({**fields, "value": value})
    for value in ("2001:db8:::1", "192.0.2.1", "::ffff:192x0y2z128", "2001:db8::/129", "s::1"):
        assert faults({**fields, "value": value})[0].path == "value"


@pytest.mark.parametrize(
    "change",
    [
        {"labels": [1] * 50_000},
        {"kill_chain_phases": [{}] * 20_000},
        {"external_references": [{"external_id": "CVE-1"}] * 5_000},
        {"granular_markings": [{"marking_ref": MARKING, "selectors": ["nil"] * 50_000}]},
        {f"x{n}": None for n in range(60_000)},
    ],
)
@pytest.mark.timeout(60)  # before the schemas were amended, some of these took minutes
def test_a_hostile_object_gets_a_short_answer_soon(
    indicator: Fields, faults: Faults, change: Fields
) -> None:
    assert 1 <= len(faults({**indicator, **change})) <= MOST_FAULTS


def test_a_registry_key_may_hold_the_short_name_of_a_hive_further_in(
    check: Check, faults: Faults
) -> None:
    fields = {"type": "windows-registry-key", "id": f"windows-registry-key--{OTHER}"}
    check({**fields, "key": "HKEY_LOCAL_MACHINE\\Software\\xHKUx\\HKLM"})
    for key in ("HKLM\\Software", "hku", "HKCU\\x"):
        assert faults({**fields, "key": key})[0].path == "key"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "bb", "ccc", "x_ref", "y_refs", "hashes"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
names = st.sampled_from(
    [
        *("type", "spec_version", "id", "created", "modified", "created_by_ref", "pattern"),
        *("pattern_type", "valid_from", "valid_until", "object_marking_refs", "x_other"),
        *("granular_markings", "extensions", "external_references", "resolves_to_refs", "value"),
        *("kill_chain_phases", "labels", "confidence", "objects", "first_observed"),
    ]
)
kinds = st.sampled_from(
    ["indicator", "domain-name", "observed-data", "sighting", "file", "marking-definition", "x-y"]
)


@given(kind=kinds, changes=st.dictionaries(names, json_values, max_size=3))
def test_whatever_comes_is_accepted_or_refused_with_reasons(
    checker: Checker, kind: str, changes: Fields
) -> None:
    fields = {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{OTHER}",
        "created": "2026-01-02T03:04:05.000Z",
        "modified": "2026-01-02T03:04:05.000Z",
        **changes,
    }
    raw = msgspec.json.encode(fields)
    try:
        assert checker.check(raw).object.raw is raw
        return
    except InvalidObject as error:
        refusal = error
    assert refusal.faults
    for language in LANGUAGES:
        assert translate(refusal.message, language) != refusal.message.key
