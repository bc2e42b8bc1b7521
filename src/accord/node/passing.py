"""Passing on: what another member gave us first is not ours to publish as if it were.

Its entry is named in the envelope, and the release rule judges it by the agreement under which it
came as well. A copy that we held before it was given to us is another holding, and ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from accord.ledger.envelope import EntryRef, Envelope, reread_envelope
from accord.ledger.tiles import ENTRIES, HASH, WIDTH
from accord.rules.facts import Facts, PermissionGiven
from accord.rules.permissions import covers, stands
from accord.stix.objects import StixObject
from accord.store.records import EntryRow
from accord.store.transaction import Transaction


class Source(msgspec.Struct, frozen=True):
    """Where an object came from: the entry, and its envelope as it was received."""

    entry: EntryRef
    envelope: Envelope


def sources_of(tx: Transaction, items: Sequence[StixObject]) -> dict[str, Source]:
    """The sources of those objects that are not ours, by object id."""
    came = tx.entries.received_first(sorted({item.id for item in items}))
    return {object_id: _source(tx, entry) for object_id, entry in came.items()}


def _source(tx: Transaction, entry: EntryRow) -> Source:
    return Source(source_at(tx, entry), reread_envelope(entry.envelope))


def source_at(tx: Transaction, entry: EntryRow) -> EntryRef:
    """The place and the commitment of an entry that is held."""
    ledger = tx.ledgers.get(entry.ledger)
    number, place = divmod(entry.number, WIDTH)
    tile = tx.ledgers.tile(entry.ledger, ENTRIES, number) or b""
    commitment = tile[place * HASH : (place + 1) * HASH]
    return EntryRef(
        origin=ledger.origin if ledger is not None else "",
        index=entry.number,
        commitment=commitment.hex(),
    )


def permissions_on(facts: Facts, now: datetime) -> dict[EntryRef, list[PermissionGiven]]:
    """The permissions that stand, by the entry that they are about, in the order they came."""
    found: dict[EntryRef, list[PermissionGiven]] = {}
    for given in facts.permissions.values():
        if stands(given, now):
            found.setdefault(given.entry, []).append(given)
    return found


def permitted(envelope: Envelope, permissions: dict[EntryRef, list[PermissionGiven]]) -> Envelope:
    """The envelope, with the permission on which passing on rests where its author gave one."""
    if envelope.source is None:
        return envelope
    for given in permissions.get(envelope.source, ()):
        if covers(given, envelope):
            handling = msgspec.structs.replace(envelope.handling, permission=given.id)
            return msgspec.structs.replace(envelope, handling=handling)
    return envelope
