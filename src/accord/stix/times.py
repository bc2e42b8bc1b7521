"""What schemas cannot say about time: dates that exist, and one time not before another."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from .faults import Fault, fault

# Timestamp properties by type, beside `created` and `modified` which any type may have.
TIMES: Mapping[str, tuple[str, ...]] = {
    "campaign": ("first_seen", "last_seen"),
    "directory": ("ctime", "mtime", "atime"),
    "email-message": ("date",),
    "file": ("ctime", "mtime", "atime"),
    "indicator": ("valid_from", "valid_until"),
    "infrastructure": ("first_seen", "last_seen"),
    "intrusion-set": ("first_seen", "last_seen"),
    "language-content": ("object_modified",),
    "malware": ("first_seen", "last_seen"),
    "malware-analysis": ("submitted", "analysis_started", "analysis_ended"),
    "network-traffic": ("start", "end"),
    "observed-data": ("first_observed", "last_observed"),
    "process": ("created_time",),
    "relationship": ("start_time", "stop_time"),
    "report": ("published",),
    "sighting": ("first_seen", "last_seen"),
    "threat-actor": ("first_seen", "last_seen"),
    "user-account": (
        *("account_created", "account_expires", "credential_last_changed"),
        *("account_first_login", "account_last_login"),
    ),
    "windows-registry-key": ("modified_time",),
    "x509-certificate": ("validity_not_before", "validity_not_after"),
}
# Timestamps further inside, with the way to them.
INNER_TIMES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "file": (("extensions", "windows-pebinary-ext", "time_date_stamp"),),
    "x509-certificate": (
        ("x509_v3_extensions", "private_key_usage_period_not_before"),
        ("x509_v3_extensions", "private_key_usage_period_not_after"),
    ),
}
# (earlier, later): the second may not be before the first ...
_NOT_BEFORE: Mapping[str, tuple[str, str]] = {
    "campaign": ("first_seen", "last_seen"),
    "infrastructure": ("first_seen", "last_seen"),
    "intrusion-set": ("first_seen", "last_seen"),
    "malware": ("first_seen", "last_seen"),
    "malware-analysis": ("analysis_started", "analysis_ended"),
    "network-traffic": ("start", "end"),
    "observed-data": ("first_observed", "last_observed"),
    "sighting": ("first_seen", "last_seen"),
    "threat-actor": ("first_seen", "last_seen"),
}
# ... and here it must be after it (sections 4.7 and 5.1).
_AFTER: Mapping[str, tuple[str, str]] = {
    "indicator": ("valid_from", "valid_until"),
    "relationship": ("start_time", "stop_time"),
}


def time_faults(object_id: str, kind: str, fields: Mapping[str, Any]) -> Iterator[Fault]:
    """Every timestamp of `fields` that is on no calendar or out of order.

    `fields` has passed its schema, so each timestamp has the form of RFC 3339 in UTC.
    """
    created, modified = fields.get("created"), fields.get("modified")
    if created is not None and not is_date(created[:10]):
        yield _no_date(object_id, "created", created)
    if modified is not None:
        if not is_date(modified[:10]):
            yield _no_date(object_id, "modified", modified)
        if created is not None and is_before(modified, created):
            yield _order(object_id, "modified", f"≥ {created} (created)", modified)
    if kind in TIMES:
        yield from _own_times(object_id, kind, fields)


def _own_times(object_id: str, kind: str, fields: Mapping[str, Any]) -> Iterator[Fault]:
    for name in TIMES[kind]:
        text = fields.get(name)
        if text is not None and not is_date(text[:10]):
            yield _no_date(object_id, name, text)
    for way in INNER_TIMES.get(kind, ()):
        text = _follow(fields, way)
        if isinstance(text, str) and not is_date(text[:10]):
            yield _no_date(object_id, ".".join(way), text)
    if kind in _NOT_BEFORE:
        first, second = _NOT_BEFORE[kind]
        if first in fields and second in fields and is_before(fields[second], fields[first]):
            yield _order(object_id, second, f"≥ {fields[first]} ({first})", fields[second])
    elif kind in _AFTER:
        first, second = _AFTER[kind]
        if first in fields and second in fields and not is_before(fields[first], fields[second]):
            yield _order(object_id, second, f"> {fields[first]} ({first})", fields[second])


def is_before(one: str, other: str) -> bool:
    """Whether a timestamp is earlier than another, exact to any number of decimals."""
    if len(one) == len(other):
        return one < other
    return (one[:19], one[20:-1].rstrip("0")) < (other[:19], other[20:-1].rstrip("0"))


@lru_cache(maxsize=8192)
def is_date(text: str) -> bool:
    """Whether `YYYY-MM-DD` is a day that exists; the schema has seen to 01-12 and 01-31."""
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    return year > 0 and day <= calendar.monthrange(year, month)[1]


def _follow(fields: Mapping[str, Any], way: tuple[str, ...]) -> Any:
    value: Any = fields
    for step in way:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _no_date(object_id: str, path: str, text: str) -> Fault:
    year, month = int(text[:4]), int(text[5:7])
    last = calendar.monthrange(year, month)[1] if year else 31
    expected = f"{text[:7]}-01 … {text[:7]}-{last}" if year else "0001-01-01 …"
    return fault("stix.no-such-date", object_id, path, expected, text)


def _order(object_id: str, path: str, expected: str, found: str) -> Fault:
    return fault("stix.time-order", object_id, path, expected, found)
