"""References: found wherever they stand, refused where they point to the wrong type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accord.stix.check import Checked
from accord.stix.faults import Fault
from accord.stix.references import TARGETS, Reference, references

OTHER = "0f3a9b1e-2c64-4d85-8e7a-b4c1d2e3f506"


def test_references_are_found_at_any_depth_in_their_order() -> None:
    fields = {
        "id": f"note--{OTHER}",
        "created_by_ref": f"identity--{OTHER}",
        "object_marking_refs": [f"marking-definition--{OTHER}"],
        "object_refs": [f"tool--{OTHER}", f"url--{OTHER}"],
        "granular_markings": [{"marking_ref": f"marking-definition--{OTHER}", "selectors": ["id"]}],
        "body_multipart": [{"body_raw_ref": f"artifact--{OTHER}"}],
        "extensions": {f"extension-definition--{OTHER}": {"x_refs": [f"file--{OTHER}"]}},
        "local_ref": "0",
        "odd_refs": "not a list",
        "odd_ref": {"not": "a text"},
    }
    assert list(references(fields)) == [
        Reference("created_by_ref", f"identity--{OTHER}"),
        Reference("object_marking_refs[0]", f"marking-definition--{OTHER}"),
        Reference("object_refs[0]", f"tool--{OTHER}"),
        Reference("object_refs[1]", f"url--{OTHER}"),
        Reference("granular_markings[0].marking_ref", f"marking-definition--{OTHER}"),
        Reference("body_multipart[0].body_raw_ref", f"artifact--{OTHER}"),
        Reference(f"extensions.extension-definition--{OTHER}", f"extension-definition--{OTHER}"),
        Reference(f"extensions.extension-definition--{OTHER}.x_refs[0]", f"file--{OTHER}"),
    ]


NEEDED: dict[str, dict[str, Any]] = {
    "directory": {"path": "/"},
    "domain-name": {"value": "example.com"},
    "email-addr": {"value": "a@example.com"},
    "email-message": {"is_multipart": False},
    "file": {"name": "x"},
    "ipv4-addr": {"value": "192.0.2.1"},
    "ipv6-addr": {"value": "2001:db8::1"},
    "malware": {"is_family": False},
    "malware-analysis": {"product": "x", "result": "benign"},
    "network-traffic": {"protocols": ["tcp"], "dst_ref": f"ipv4-addr--{OTHER}"},
    "process": {"pid": 1},
    "windows-registry-key": {"key": "HKEY_LOCAL_MACHINE"},
}


@pytest.mark.parametrize("kind, name", [(kind, name) for kind in TARGETS for name in TARGETS[kind]])
def test_a_reference_points_to_a_type_it_may(
    sdo: Callable[..., dict[str, Any]],
    check: Callable[[dict[str, Any]], Checked],
    faults: Callable[[dict[str, Any]], tuple[Fault, ...]],
    kind: str,
    name: str,
) -> None:
    def refer(target: str) -> dict[str, Any]:
        value = [target] if name.endswith("_refs") else target
        return {**sdo(kind, **NEEDED[kind]), name: value}

    allowed = TARGETS[kind][name][0]
    observable = allowed == "<observable>"
    check(refer(f"{'x-custom' if observable else allowed}--{OTHER}"))
    for wrong in (f"identity--{OTHER}", "0", f"{allowed}--1"):
        fault = faults(refer(wrong))[0]
        assert fault.path == (f"{name}[0]" if name.endswith("_refs") else name)
        assert fault.found == wrong
        if fault.message.key == "stix.reference-type":
            assert f"{allowed}--<UUID>" in fault.expected
        else:  # some schemas look at the form of an identifier by themselves
            assert fault.message.key == "stix.schema-pattern"
