"""Identifiers, their types and the deterministic ones of observables."""

from __future__ import annotations

from typing import Any

import pytest

from accord.stix.identifiers import is_identifier, is_observable, observable_id, type_of

UUID = "0f3a9b1e-2c64-4d85-8e7a-b4c1d2e3f506"


@pytest.mark.parametrize("kind", ["tool", "x-foo", "ipv4-addr", "a1-2b", "x-mitre-tactic"])
def test_identifiers(kind: str) -> None:
    assert is_identifier(f"{kind}--{UUID}")
    assert type_of(f"{kind}--{UUID}") == kind


@pytest.mark.parametrize(
    "text",
    [
        *("", "tool", f"tool-{UUID}", f"Tool--{UUID}", f"1ool--{UUID}", f"tool--{UUID}\n"),
        *(f" tool--{UUID}", f"tool--{UUID[:-1]}", f"tool--{UUID.replace('-', '')}"),
        f"tool--{UUID[:14]}6{UUID[15:]}",
        "a-" * 50_000,
    ],
)
def test_other_texts_are_none(text: str) -> None:
    assert not is_identifier(text)


def test_observables_are_told_by_type_and_by_id() -> None:
    assert is_observable("url")
    assert is_observable(f"url--{UUID}")
    assert not is_observable("indicator")
    assert not is_observable(f"indicator--{UUID}")


@pytest.mark.parametrize(
    "fields, expected",
    [
        # an example of STIX 2.1 section 6
        (
            {"type": "domain-name", "value": "example.com"},
            "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7",
        ),
        ({"type": "process", "pid": 1}, None),
        ({"type": "file", "size": 1}, None),
        ({"type": "x-unknown", "value": "x"}, None),
    ],
)
def test_deterministic_identifiers(fields: dict[str, Any], expected: str | None) -> None:
    assert observable_id(fields) == expected


def test_of_several_hashes_the_preferred_one_counts() -> None:
    sha256 = {"type": "file", "hashes": {"SHA-256": "a" * 64}}
    both = {"type": "file", "hashes": {"SHA-256": "a" * 64, "SHA-512": "b" * 128}}
    md5 = {"type": "file", "hashes": {"SHA-256": "a" * 64, "MD5": "c" * 32}}
    assert observable_id(sha256) == observable_id(both) != observable_id(md5)
