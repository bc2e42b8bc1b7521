"""Checkpoints with the words of witnesses: our own as served, those of others as co-signed."""

from __future__ import annotations

from accord.base.errors import NotFoundError
from accord.ledger.checkpoint import parse_body
from accord.ledger.notes import MAX_SIGNATURES, Note, Verifier, parse_note
from accord.store.records import Cosignature, LedgerRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .append import own_ledger
from .node import Node


def own_checkpoint(node: Node) -> bytes:
    """Our newest checkpoint, with the co-signatures known for exactly that size."""

    def job(tx: Transaction) -> bytes:
        row = own_ledger(tx)
        seen = [each for each in tx.ledgers.cosignatures(OWN_LEDGER) if each.size == row.size]
        return merged(row.checkpoint, seen)

    return node.read(job)


def witnessed_checkpoint(node: Node, origin: str) -> bytes:
    """The newest checkpoint of a ledger that we followed and co-signed. Raises `NotFoundError`."""

    def job(tx: Transaction) -> bytes | None:
        row = tx.ledgers.of_origin(origin)
        mine = tx.ledgers.cosignature(row.id, node.member) if row is not None else None
        return mine.note if mine is not None else None

    note = node.read(job)
    if note is None:
        raise NotFoundError("node.not-witnessed", origin=origin[:100])
    return note


def best_checkpoint(tx: Transaction, row: LedgerRow, verifier: Verifier, index: int) -> bytes:
    """The checkpoint that proves entry `index` best: the largest co-signed one, else the newest.

    Only one signed by the key that `verifier` knows: after a key change those before it prove
    nothing beside the new card. Raises `NotFoundError` when the ledger has no such entry.
    """
    if index >= row.size:
        raise NotFoundError("node.entry-unknown", origin=row.origin, index=index)
    seen = [
        each
        for each in tx.ledgers.cosignatures(row.id)
        if index < each.size <= row.size
        and each.checked
        and parse_note(each.note).signatures_of(verifier)
    ]
    if not seen:
        return row.checkpoint
    size = seen[0].size  # the largest comes first
    same = [each for each in seen if each.size == size]
    return merged(same[0].note, same)


def merged(note: bytes, cosignatures: list[Cosignature]) -> bytes:
    """One note with all the signatures that are known for its text."""
    whole: Note = parse_note(note)
    for each in cosignatures:
        other = parse_note(each.note)
        if other.text == whole.text and len(whole.signatures) < MAX_SIGNATURES:
            whole = whole.with_signatures(other.signatures)
    return whole.encode()


def size_of(note: bytes) -> int:
    """How many entries a checkpoint covers."""
    return parse_body(parse_note(note).text).size
