"""The community's own STIX types, under one published extension definition with one fixed id.

Any STIX 2.1 tool keeps them as custom objects; this node reads them. They travel in entries like
any other object, so agreements and signatures need no transport of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accord.base.jsontext import canonical

EXTENSION_ID = "extension-definition--70a3b653-e59a-447a-9d77-497c911022ee"
AUTHOR_ID = "identity--922525b3-b2d9-4cfb-b9c1-bf4f57d9398f"

AGREEMENT = "accord-agreement"
SIGNATURE = "accord-signature"
OBJECTION = "accord-objection"
WITHDRAWAL = "accord-withdrawal"
NOTICE = "accord-notice"
KEY_CHANGE = "accord-key-change"
MEMBER = "accord-member"
RECALL = "accord-recall"
RECEIPT = "accord-receipt"
PERMISSION_REQUEST = "accord-permission-request"
PERMISSION = "accord-permission"
MOTION = "accord-motion"
MOTION_SEEN = "accord-motion-seen"
MOTION_CHANGE = "accord-motion-change"
BALLOT = "accord-ballot"
TALLY = "accord-tally"
OUTCOME = "accord-outcome"
APPLICATION = "accord-application"
SESSION = "accord-session"
ATTENDANCE = "accord-attendance"
MEMBERSHIP = "accord-membership"
OWN_TYPES = frozenset(
    {
        AGREEMENT, SIGNATURE, OBJECTION, WITHDRAWAL, NOTICE, KEY_CHANGE, MEMBER, RECALL, RECEIPT,
        MOTION, MOTION_SEEN, MOTION_CHANGE, BALLOT, TALLY, OUTCOME, APPLICATION, SESSION,
        ATTENDANCE, PERMISSION_REQUEST, PERMISSION, MEMBERSHIP,
    }
)  # fmt: skip

_PUBLISHED = "2026-11-21T00:00:00.000Z"
_REVISED = "2026-11-22T00:00:00.000Z"

# The definition, and the identity that it says made it: both are shipped in every collection.
AUTHOR: bytes = canonical(
    {
        "type": "identity",
        "spec_version": "2.1",
        "id": AUTHOR_ID,
        "created": _PUBLISHED,
        "modified": _PUBLISHED,
        "name": "Accord",
        "description": "The published formats of the Accord software.",
        "identity_class": "organization",
    }
)
EXTENSION: bytes = canonical(
    {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": EXTENSION_ID,
        "created_by_ref": AUTHOR_ID,
        "created": _PUBLISHED,
        "modified": _REVISED,
        "name": "Accord",
        # No list of the types: this object is the same in every version of the program.
        "description": "Agreements between sovereign members, and the acts done under them.",
        "schema": "docs/reference/objects.md",
        "version": "1.0",
        "extension_types": ["new-sdo"],
    }
)


def build(kind: str, fields: Mapping[str, Any]) -> bytes:
    """The canonical bytes of an object of an own type.

    `fields` gives `id`, `created` (RFC 3339 in UTC with at least three decimals) and whatever the
    type holds; `modified` is `created` unless given. `ValueError` for another type or id.
    """
    if kind not in OWN_TYPES:
        raise ValueError(f"not an own type: {kind}")
    if not str(fields["id"]).startswith(f"{kind}--"):
        raise ValueError(f"not an id of a {kind}: {fields['id']}")
    head = {
        "type": kind,
        "spec_version": "2.1",
        "modified": fields["created"],
        "extensions": {EXTENSION_ID: {"extension_type": "new-sdo"}},
    }
    return canonical({**head, **fields, "type": kind, "spec_version": "2.1"})
