"""Passing on: what another member gave us first is not ours to publish as if it were.

Its entry is named in the envelope, and the release rule judges it by the agreement under which it
came as well. A copy that we held before it was given to us is another holding, and ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from accord.ledger.envelope import EntryRef, Envelope, reread_envelope
from accord.ledger.tiles import ENTRIES, HASH, WIDTH
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
    ledger = tx.ledgers.get(entry.ledger)
    number, place = divmod(entry.number, WIDTH)
    tile = tx.ledgers.tile(entry.ledger, ENTRIES, number) or b""
    commitment = tile[place * HASH : (place + 1) * HASH]
    ref = EntryRef(
        origin=ledger.origin if ledger is not None else "",
        index=entry.number,
        commitment=commitment.hex(),
    )
    return Source(ref, reread_envelope(entry.envelope))
