"""Objects to start from, and the door they go through."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accord.base.limits import Limits
from accord.stix.check import Checked, Checker
from accord.stix.faults import Fault, InvalidObject
from accord.stix.split import split_objects

Fields = dict[str, Any]
UUID = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"


@pytest.fixture(scope="session")
def checker() -> Checker:
    return Checker(Limits())


@pytest.fixture
def check(checker: Checker) -> Callable[[Fields], Checked]:
    return lambda fields: checker.check(json.dumps(fields).encode())


@pytest.fixture
def faults(checker: Checker) -> Callable[[Fields], tuple[Fault, ...]]:
    """What an object is refused for; a test fails where it is accepted."""

    def refused(fields: Fields) -> tuple[Fault, ...]:
        with pytest.raises(InvalidObject) as caught:
            checker.check(json.dumps(fields).encode())
        return caught.value.faults

    return refused


@pytest.fixture
def sdo() -> Callable[..., Fields]:
    """A domain object with the properties every one must have."""

    def make(kind: str, **more: Any) -> Fields:
        return {
            "type": kind,
            "spec_version": "2.1",
            "id": f"{kind}--{UUID}",
            "created": "2026-01-02T03:04:05.000Z",
            "modified": "2026-01-02T03:04:05.000Z",
            **more,
        }

    return make


@pytest.fixture
def indicator(sdo: Callable[..., Fields]) -> Fields:
    return sdo(
        "indicator",
        pattern="[ipv4-addr:value = '198.51.100.7']",
        pattern_type="stix",
        valid_from="2026-01-02T03:04:05Z",
    )


@pytest.fixture(scope="session")
def objects_of(shared_data: Path) -> Callable[[str], list[bytes]]:
    """The raw objects of a file of the shared data folder."""

    def read(name: str) -> list[bytes]:
        data = (shared_data / name).read_bytes()
        return split_objects(gzip.decompress(data) if name.endswith(".gz") else data, Limits())

    return read
