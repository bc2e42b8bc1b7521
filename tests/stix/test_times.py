"""Order in time, and days that exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.base.clock import parse_time
from accord.stix.check import Checked
from accord.stix.faults import Fault
from accord.stix.schemas import schema_folder
from accord.stix.times import INNER_TIMES, TIMES, is_before, is_date

OTHER = "0f3a9b1e-2c64-4d85-8e7a-b4c1d2e3f506"
REFERENCE = f"malware--{OTHER}"
EARLY, LATE = "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000001Z"

NEEDED: dict[str, dict[str, Any]] = {
    "campaign": {"name": "x"},
    "indicator": {"pattern": "x", "pattern_type": "sigma"},
    "infrastructure": {"name": "x"},
    "intrusion-set": {"name": "x"},
    "malware": {"name": "x", "is_family": False},
    "malware-analysis": {"product": "x", "result": "benign"},
    "network-traffic": {"protocols": ["tcp"], "src_ref": f"ipv4-addr--{OTHER}"},
    "observed-data": {"number_observed": 1, "object_refs": [REFERENCE]},
    "relationship": {"relationship_type": "x", "source_ref": REFERENCE, "target_ref": REFERENCE},
    "sighting": {"sighting_of_ref": REFERENCE},
    "threat-actor": {"name": "x"},
}


@pytest.mark.parametrize(
    "kind, first, second, strict",
    [
        ("campaign", "first_seen", "last_seen", False),
        ("indicator", "valid_from", "valid_until", True),
        ("infrastructure", "first_seen", "last_seen", False),
        ("intrusion-set", "first_seen", "last_seen", False),
        ("malware", "first_seen", "last_seen", False),
        ("malware-analysis", "analysis_started", "analysis_ended", False),
        ("network-traffic", "start", "end", False),
        ("observed-data", "first_observed", "last_observed", False),
        ("relationship", "start_time", "stop_time", True),
        ("sighting", "first_seen", "last_seen", False),
        ("threat-actor", "first_seen", "last_seen", False),
    ],
)
def test_an_end_is_not_before_its_beginning(
    sdo: Callable[..., dict[str, Any]],
    check: Callable[[dict[str, Any]], Checked],
    faults: Callable[[dict[str, Any]], tuple[Fault, ...]],
    kind: str,
    first: str,
    second: str,
    strict: bool,
) -> None:
    fields = sdo(kind, **NEEDED[kind])
    check({**fields, first: EARLY, second: LATE})
    (fault,) = faults({**fields, first: LATE, second: EARLY})
    assert (fault.message.key, fault.path) == ("stix.time-order", second)
    equal = {**fields, first: EARLY, second: "2026-01-01T00:00:00.000Z"}
    if strict:
        assert faults(equal)[0].path == second
    else:
        check(equal)


def test_every_timestamp_of_the_oasis_schemas_is_looked_at() -> None:
    def timestamps(name: str, value: Any) -> set[str]:
        if isinstance(value, list):
            return set().union(*(timestamps(name, item) for item in value))
        if not isinstance(value, dict):
            return set()
        if str(value.get("$ref", "")).endswith("timestamp.json"):
            return {name}
        inner = [timestamps(k if k != "allOf" else name, v) for k, v in value.items()]
        return set().union(*inner)

    for path in schema_folder().rglob("*.json"):
        document = msgspec.json.decode(path.read_bytes())
        known = {"created", "modified", *TIMES.get(path.stem, ())}
        known |= {way[-1] for way in INNER_TIMES.get(path.stem, ())}
        if path.stem != "timestamp":
            assert timestamps("", document) <= known, path.stem


def test_an_inner_timestamp_must_be_a_day_that_exists(
    faults: Callable[[dict[str, Any]], tuple[Fault, ...]],
) -> None:
    body = {"pe_type": "dll", "time_date_stamp": "2026-02-30T00:00:00Z"}
    fields = {"type": "file", "id": f"file--{OTHER}", "name": "x"}
    (fault,) = faults({**fields, "extensions": {"windows-pebinary-ext": body}})
    assert fault.path == "extensions.windows-pebinary-ext.time_date_stamp"
    assert fault.expected == "2026-02-01 … 2026-02-28"


@given(st.dates())
def test_every_day_of_the_calendar_exists(day: Any) -> None:
    assert is_date(day.isoformat())


@pytest.mark.parametrize("text", ["2026-02-29", "2100-02-29", "2026-04-31", "0000-01-01"])
def test_other_days_do_not(text: str) -> None:
    assert not is_date(text)


stamps = st.builds(
    lambda second, digits: f"2026-01-01T00:00:0{second}{'.' + digits if digits else ''}Z",
    st.integers(0, 2),
    st.text("019", max_size=9),
)


@given(stamps, stamps)
def test_order_is_exact_to_any_number_of_decimals(one: str, other: str) -> None:
    def seconds(text: str) -> Fraction:
        whole, _, digits = text[17:-1].partition(".")
        return int(whole) + Fraction(int(digits or 0), 10 ** len(digits))

    assert is_before(one, other) == (seconds(one) < seconds(other))
    if parse_time(other) - parse_time(one) > timedelta(0):
        assert is_before(one, other)
