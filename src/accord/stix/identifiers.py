"""STIX identifiers (STIX 2.1 section 2.9), the types they name and the UUIDv5 of observables."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from accord.base.jsontext import canonical

DOMAIN_TYPES = frozenset(
    [
        "attack-pattern",
        "campaign",
        "course-of-action",
        "grouping",
        "identity",
        "incident",
        "indicator",
        "infrastructure",
        "intrusion-set",
        "location",
        "malware",
        "malware-analysis",
        "note",
        "observed-data",
        "opinion",
        "report",
        "threat-actor",
        "tool",
        "vulnerability",
    ]
)
RELATIONSHIP_TYPES = frozenset({"relationship", "sighting"})
META_TYPES = frozenset({"marking-definition", "language-content", "extension-definition"})
OBSERVABLE_TYPES = frozenset(
    [
        "artifact",
        "autonomous-system",
        "directory",
        "domain-name",
        "email-addr",
        "email-message",
        "file",
        "ipv4-addr",
        "ipv6-addr",
        "mac-addr",
        "mutex",
        "network-traffic",
        "process",
        "software",
        "url",
        "user-account",
        "windows-registry-key",
        "x509-certificate",
    ]
)

# Section 2.9: the namespace of deterministic observable identifiers.
OBSERVABLE_NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")

# Section 6: the "ID Contributing Properties" of each observable; `process` has none.
_CONTRIBUTING: Mapping[str, tuple[str, ...]] = {
    "artifact": ("hashes", "payload_bin"),
    "autonomous-system": ("number",),
    "directory": ("path",),
    "domain-name": ("value",),
    "email-addr": ("value",),
    "email-message": ("from_ref", "subject", "body"),
    "file": ("hashes", "name", "extensions", "parent_directory_ref"),
    "ipv4-addr": ("value",),
    "ipv6-addr": ("value",),
    "mac-addr": ("value",),
    "mutex": ("name",),
    "network-traffic": (
        *("start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"),
    ),
    "software": ("name", "cpe", "swid", "vendor", "version"),
    "url": ("value",),
    "user-account": ("account_type", "user_id", "account_login"),
    "windows-registry-key": ("key", "values"),
    "x509-certificate": ("hashes", "serial_number"),
}
_HASH_PREFERENCE = ("MD5", "SHA-1", "SHA-256", "SHA-512")

# Linear: the type part cannot hold `--`, so there is one place where the UUID can begin. Groups are
# not repeated possessively: Python 3.11.2, which Debian 12 has, matches such ones wrongly.
_IDENTIFIER = re.compile(
    r"[a-z][a-z0-9]*+(?:-[a-z0-9]++)*-?--"
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}",
    re.ASCII,
)


def is_identifier(text: str) -> bool:
    """Whether `text` is an identifier: `<type>--<UUID>`."""
    return _IDENTIFIER.fullmatch(text) is not None


def type_of(identifier: str) -> str:
    """The type that an identifier names: what stands before `--`."""
    return identifier.partition("--")[0]


def can_be_sighted(identifier: str) -> bool:
    """Whether a sighting may name it: section 5.2 leaves relationships and meta objects out."""
    return type_of(identifier) not in RELATIONSHIP_TYPES | META_TYPES


def is_observable(type_or_id: str) -> bool:
    """Whether a type, or the type of an identifier, is one of the specification's observables."""
    return type_or_id.partition("--")[0] in OBSERVABLE_TYPES


def observable_id(fields: Mapping[str, Any]) -> str | None:
    """The deterministic identifier of an observable, or None where the specification has none.

    UUIDv5 over the canonical JSON of the contributing properties that are present; of several
    hashes only the first of MD5, SHA-1, SHA-256, SHA-512 counts.
    """
    names = _CONTRIBUTING.get(fields["type"], ())
    basis = {name: fields[name] for name in names if name in fields}
    if "hashes" in basis:
        basis["hashes"] = _one_hash(basis["hashes"])
    if not basis:
        return None
    name = canonical(basis).decode()
    return f"{fields['type']}--{uuid.uuid5(OBSERVABLE_NAMESPACE, name)}"


def _one_hash(hashes: Mapping[str, str]) -> dict[str, str]:
    chosen = next((name for name in _HASH_PREFERENCE if name in hashes), min(hashes))
    return {chosen: hashes[chosen]}
