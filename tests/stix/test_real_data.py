"""Real STIX, as others publish it, goes through the door whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from accord.base.errors import InputError
from accord.stix.check import Checker
from accord.stix.faults import InvalidObject
from accord.stix.identifiers import OBSERVABLE_TYPES, observable_id

Read = Callable[[str], list[bytes]]


@pytest.mark.parametrize(
    "name, count, kept_formats",
    [
        ("stix/enterprise-attack-18.1.stix21.json.gz", 24_771, 0),
        ("stix/capec.stix21.json.gz", 2_683, 2),
        ("stix/mbc.stix21.json.gz", 1_905, 0),
        ("stix/amnesty-spyware.stix21.jsonl.gz", 8_550, 0),
        ("stix/hunters-ledger-a.stix21.jsonl.gz", 6_377, 2),
        ("stix/opencti-geography.json.gz", 539, 0),
        ("stix/opencti-sectors.json.gz", 121, 0),
        ("stix/oasis-examples/threat-reports/apt1.json", 76, 0),
        ("stix/oasis-examples/threat-reports/poisonivy.json", 155, 0),
        ("stix/oasis-examples/indicator-for-c2-ip-address.json", 1, 0),
        ("stix/oasis-examples/indicator-to-campaign-relationship.json", 3, 0),
        ("stix/oasis-examples/indicators-for-C2-with-COA.json", 8, 0),
        ("stix/oasis-examples/infrastructure.json", 10, 0),
        ("stix/oasis-examples/interop-objectmarking-test.json", 1, 0),
        ("stix/oasis-examples/malicious-email-indicator-with-attachment.json", 6, 0),
    ],
)
def test_every_object_of_a_real_feed_is_accepted(
    checker: Checker, objects_of: Read, name: str, count: int, kept_formats: int
) -> None:
    raws = objects_of(name)
    checked = [checker.check(raw) for raw in raws]
    assert len(checked) == count
    assert all(one.object.raw is raw for one, raw in zip(checked, raws, strict=True))
    warnings = [warning for one in checked for warning in one.warnings]
    assert len(warnings) == kept_formats
    assert all(warning.message.key == "stix.kept-format" for warning in warnings)


def test_the_store_of_python_stix2_is_accepted_but_for_its_one_stix_2_0_object(
    checker: Checker, shared_data: Path
) -> None:
    refused = []
    for path in sorted((shared_data / "stix" / "python-stix2-store").rglob("*.json")):
        document = json.loads(path.read_bytes())
        for fields in document.get("objects", [document]):
            try:
                checker.check(json.dumps(fields).encode())
            except InvalidObject as error:
                refused.append(error.message.key)
    assert refused == ["stix.version"]


@pytest.mark.parametrize(
    "name, accepted",
    [
        ("identity", True),
        ("identity_custom", True),
        ("identity_unicode", True),
        ("identity_warning", True),
        ("tlp-amber", True),
        ("tool", True),
        ("invalid_braces", False),
        ("invalid_comma", False),
        ("invalid_identity", False),
        ("invalid_timestamp", False),
    ],
)
def test_the_examples_of_the_oasis_validator_are_judged_as_it_judges(
    checker: Checker, objects_of: Read, name: str, accepted: bool
) -> None:
    folder = "stix/validator-examples/stix2validator/test/v21/test_examples"
    try:
        for raw in objects_of(f"{folder}/{name}.json"):
            checker.check(raw)
    except InputError:
        assert not accepted
    else:
        assert accepted


@pytest.mark.parametrize(
    "name",
    [
        "stix/enterprise-attack-sample.stix20.json.gz",
        "stix/unit42-reports-a.stix20.jsonl.gz",
        "stix/unit42-playbooks-a.stix20.jsonl.gz",
    ],
)
def test_stix_2_0_is_refused_by_its_name(objects_of: Read, name: str) -> None:
    with pytest.raises(InputError) as caught:
        objects_of(name)
    assert caught.value.message.key == "stix.version"
    assert caught.value.message.args["found"] == "2.0"
    assert "STIX 2.0" in str(caught.value)


def test_the_computed_ids_of_observables_are_those_of_a_real_feed(objects_of: Read) -> None:
    compared = 0
    for raw in objects_of("stix/hunters-ledger-a.stix21.jsonl.gz"):
        fields = json.loads(raw)
        if fields["type"] in OBSERVABLE_TYPES:
            assert observable_id(fields) == fields["id"]
            compared += 1
    assert compared == 517
