"""The safeguard on persons: an exact list, no more and no less."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accord.stix.persons import OFFICE_CONTACT, PERSON_FIELDS, person_triggers


@pytest.mark.parametrize(
    "fields, paths",
    [
        ({"type": "identity", "identity_class": "individual"}, ("identity_class",)),
        ({"type": "identity", "identity_class": "organization"}, ()),
        ({"type": "identity", "identity_class": "group"}, ()),
        (
            {"type": "identity", "identity_class": "individual", "roles": [OFFICE_CONTACT]},
            ("identity_class",),
        ),
        (
            {
                "type": "identity",
                "identity_class": "individual",
                "roles": [OFFICE_CONTACT],
                "contact_information": "duty@cert.example",
            },
            (),
        ),
        (
            {"type": "identity", "identity_class": "organization", "x_opencti_firstname": "A"},
            ("x_opencti_firstname",),
        ),
        (
            {"type": "x-y", "people": [{"date_of_birth": "1990-01-01"}]},
            ("people[0].date_of_birth",),
        ),
        ({"type": "x-y", "x_y_passport_number": 7, "photo": "…"}, ("x_y_passport_number", "photo")),
        ({"type": "x-y", "photo": ""}, ()),
        ({"type": "x-y", "interface": "eth0", "surface": "x", "name": "x"}, ()),
        ({"type": "email-addr", "value": "a@example.com", "display_name": "Alice"}, ()),
        ({"type": "user-account", "account_login": "a", "display_name": "Alice"}, ()),
        ({"type": "threat-actor", "name": "Somebody", "roles": ["director"]}, ()),
    ],
)
def test_what_describes_a_natural_person(fields: dict[str, Any], paths: tuple[str, ...]) -> None:
    assert person_triggers(fields) == paths


@pytest.mark.parametrize("name", sorted(PERSON_FIELDS))
def test_every_name_on_the_list_triggers_at_any_depth(name: str) -> None:
    assert person_triggers({"a": [{"x_vendor_" + name: "x"}]}) == (f"a[0].x_vendor_{name}",)


@pytest.mark.parametrize(
    "name", ["stix/enterprise-attack-18.1.stix21.json.gz", "stix/hunters-ledger-a.stix21.jsonl.gz"]
)
def test_threat_intelligence_does_not_trigger_it(
    objects_of: Callable[[str], list[bytes]], name: str
) -> None:
    import msgspec

    triggered = [raw for raw in objects_of(name) if person_triggers(msgspec.json.decode(raw))]
    assert triggered == []
