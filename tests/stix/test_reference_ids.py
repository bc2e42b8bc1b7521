"""The quick reading of references finds exactly what the exact one finds."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from accord.stix.persons import person_triggers
from accord.stix.references import outline, references

IDS = st.sampled_from(
    [
        "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd",
        "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff",
    ]
)
NAMES = st.sampled_from(["object_refs", "created_by_ref", "_refs", "x", "inner", "passport"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    IDS | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_the_quick_reading_misses_no_reference(fields: dict[str, Any]) -> None:
    assert {found.id for found in references(fields)} <= outline(fields).references


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_a_person_field_is_found_at_any_depth(fields: dict[str, Any]) -> None:
    def depth_first(value: Any) -> bool:
        if isinstance(value, list):
            return any(depth_first(item) for item in value)
        if isinstance(value, dict):
            return any(
                (name == "passport" and item not in ("", [], {}, None)) or depth_first(item)
                for name, item in value.items()
            )
        return False

    assert bool(person_triggers(fields)) == depth_first(fields)
