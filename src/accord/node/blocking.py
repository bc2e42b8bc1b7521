"""What was erased does not come back: known by id, version, and a keyed hash of its content."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from accord.base.messages import Message, say
from accord.stix.objects import StixObject
from accord.store.transaction import Transaction

from .append import version_of

_KEY = "recall.key"
_encoder = msgspec.json.Encoder(order="sorted")  # read by nobody else: need not be RFC 8785

# What may differ in a copy that says the same: whoever dresses erased content up as a new object
# or version is not believed.
_DRESS = frozenset(
    {"id", "created", "modified", "created_by_ref", "object_marking_refs", "granular_markings",
     "revoked"}
)  # fmt: skip


def content_hash(key: bytes, fields: Mapping[str, Any]) -> str:
    """A hash of what an object says, which nobody without this node's key can compare with."""
    said = {name: value for name, value in fields.items() if name not in _DRESS}
    return hmac.digest(key, _encoder.encode(said), "sha256").hex()


def blocking_key(tx: Transaction) -> bytes:
    """The key of this node's blocks; made when the first thing is blocked."""
    known = tx.settings.get(_KEY)
    if known is None:
        known = secrets.token_hex(32)
        tx.settings.set(_KEY, known)
    return bytes.fromhex(known)


def blocked(tx: Transaction, items: Sequence[StixObject]) -> dict[str, Message]:
    """Those of these objects that were recalled and must not come back, with the sentence."""
    known = tx.settings.get(_KEY)
    if known is None:
        return {}
    key = bytes.fromhex(known)
    keys = [(item.id, version_of(item), content_hash(key, item.fields)) for item in items]
    return {
        object_id: say("node.recalled-block", id=object_id)
        for object_id in tx.recalls.blocked(keys)
    }
