"""Appending to our own ledger: the one way in which anything gets out.

Sealing (salts, canonical envelope, hashes) needs no lock and is done before; the transaction only
extends the tree, compares and swaps the checkpoint, and writes the rows.

A crash before the commit leaves the ledger as it was. After it, the entries, their grants and the
checkpoint that covers them are all on the disk; nobody was shown that checkpoint before.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from accord.base.clock import to_micros
from accord.base.errors import ConflictError, MachineFault
from accord.ledger.checkpoint import Checkpoint, sign_checkpoint
from accord.ledger.commitment import SALT_BYTES, commit
from accord.ledger.envelope import Envelope, encode_envelope
from accord.ledger.tiles import tiles_after_append
from accord.ledger.tree import Frontier
from accord.rules.answers import answered_by
from accord.stix.objects import StixObject
from accord.store.records import EntryRow, Kept, LedgerRow, NewHolding
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .clocks import start_clocks
from .history import refuse_while_waiting
from .node import Node
from .summary import Summary, encode_summary


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """An entry ready to be appended: all its bytes, and the commitment to them."""

    envelope: Envelope
    envelope_bytes: bytes
    item: StixObject
    summary: Summary
    salt_e: bytes
    salt_o: bytes
    commitment: bytes


class Appended(msgspec.Struct, frozen=True):
    """An entry that stands in our ledger, with what became of its object."""

    row: EntryRow
    sealed: Sealed
    kept: Kept


def seal(envelope: Envelope, item: StixObject, summary: Summary) -> Sealed:
    """Salt and hash an entry. The salts make equal objects unrecognisable in the open tree."""
    encoded = encode_envelope(envelope)
    salts = secrets.token_bytes(2 * SALT_BYTES)
    salt_e, salt_o = salts[:SALT_BYTES], salts[SALT_BYTES:]
    return Sealed(
        envelope=envelope,
        envelope_bytes=encoded,
        item=item,
        summary=summary,
        salt_e=salt_e,
        salt_o=salt_o,
        commitment=commit(encoded, item.raw, salt_e, salt_o),
    )


def append(node: Node, tx: Transaction, sealed: Sequence[Sealed], now: datetime) -> list[Appended]:
    """Append entries to our own ledger, in order.

    Raises `ConflictError` when another process appended first (nothing is kept then), or when a
    version of an object is already held with other content; `MachineFault` when the keys in use
    are no longer ours, or when this store may be an older copy of itself.
    """
    node.check_keys(tx)
    kept = _keep_objects(tx, sealed)
    ledger = own_ledger(tx)
    _extend(node, tx, ledger, [each.commitment for each in sealed], now)
    first = tx.entries.last_seq() + 1
    rows = [
        _row(each, first + place, ledger.size + place, kept[place].seq)
        for place, each in enumerate(sealed)
    ]
    tx.entries.put(rows)
    kept_now = zip(rows, sealed, strict=True)
    facts = node.facts(tx)
    start_clocks(tx, facts, ((row.seq, each.envelope) for row, each in kept_now))
    tx.answers.note(
        (row.seq, named)
        for row, each in zip(rows, sealed, strict=True)
        for named in answered_by(each.envelope, each.item.fields, facts)
    )
    return [Appended(*parts) for parts in zip(rows, sealed, kept, strict=True)]


def _row(sealed: Sealed, seq: int, number: int, holding: int) -> EntryRow:
    envelope = sealed.envelope
    return EntryRow(
        seq=seq,
        ledger=OWN_LEDGER,
        number=number,
        kind=envelope.kind,
        agreement=envelope.agreement.id if envelope.agreement else None,
        holding=holding,
        issued=to_micros(envelope.issued_at),
        envelope=sealed.envelope_bytes,
        salt_e=sealed.salt_e,
        salt_o=sealed.salt_o,
        object_half=None,
        summary=encode_summary(sealed.summary),
        circle=envelope.group,
    )


def own_ledger(tx: Transaction) -> LedgerRow:
    """Where our own ledger stands."""
    ledger = tx.ledgers.get(OWN_LEDGER)
    if ledger is None:
        raise MachineFault("node.ledger-missing")
    return ledger


def version_of(item: StixObject) -> str:
    """The version as a key that sorts by time: `modified` as an instant, "" where there is none."""
    return item.instant


def new_holding(item: StixObject, ledger: int, status: str) -> NewHolding:
    """The row under which a publisher's version of an object is kept."""
    return NewHolding(
        ledger=ledger,
        object_id=item.id,
        version=version_of(item),
        type=item.type,
        status=status,
        sha256=sha256(item.raw).digest(),
        body=item.raw,
    )


def _keep_objects(tx: Transaction, sealed: Sequence[Sealed]) -> list[Kept]:
    kept = tx.holdings.keep(
        [new_holding(each.item, OWN_LEDGER, each.envelope.status) for each in sealed]
    )
    for each, held in zip(sealed, kept, strict=True):
        if not held.same:
            raise ConflictError("node.version-taken", id=each.item.id, version=each.item.version)
    return kept


def _extend(
    node: Node, tx: Transaction, ledger: LedgerRow, commitments: list[bytes], now: datetime
) -> None:
    refuse_while_waiting(tx)
    edge = tx.ledgers.edge(ledger.id, ledger.size)
    hashes = tuple(ledger.frontier[at : at + 32] for at in range(0, len(ledger.frontier), 32))
    grown, tiles = tiles_after_append(Frontier(ledger.size, hashes), edge, commitments)
    root = grown.root()
    moved = msgspec.structs.replace(
        ledger,
        size=grown.size,
        root=root,
        frontier=b"".join(grown.hashes),
        checkpoint=sign_checkpoint(Checkpoint(node.origin, grown.size, root), node.ledger_signer),
        seen=to_micros(now),
    )
    tx.ledgers.advance(ledger, moved, tiles)
    node.counter.appended()
