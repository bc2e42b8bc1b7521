"""Entries that were handed to us with their proof before we could follow their ledger that far.

Each came with a checkpoint that its author signed. When the spine reaches its place it must stand
there; otherwise the author signed two histories, and both notes are kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from accord.ledger.tiles import ENTRIES, HASH, WIDTH, Tile
from accord.store.records import LedgerRow
from accord.store.transaction import Transaction

from .held import opening_of


def note_ahead(tx: Transaction, row: LedgerRow, number: int, checkpoint: bytes) -> None:
    """Keep the signed note under which entry `number` was proved, until the spine covers it."""
    tx.settings.set(_name(row, number), checkpoint.decode())


def notes_ahead(tx: Transaction, row: LedgerRow) -> list[bytes]:
    """The notes of all entries that we hold beyond the verified size."""
    held = tx.entries.beyond(row.id, row.size)
    notes = [tx.settings.get(_name(row, entry.number)) for entry in held]
    return [note.encode() for note in notes if note is not None]


def contradicted(tx: Transaction, row: LedgerRow, tiles: Sequence[Tile]) -> bytes | None:
    """The note of an entry that we hold, and in whose place these new tiles have another."""
    bundles = {tile.number: tile.data for tile in tiles if tile.level == ENTRIES}
    for entry in tx.entries.beyond(row.id, row.size):
        place = entry.number % WIDTH * HASH
        found = bundles.get(entry.number // WIDTH, b"")[place : place + HASH]
        held = tx.holdings.get(entry.holding)
        if found and held is not None and opening_of(entry, held.body).commitment() != found:
            return (tx.settings.get(_name(row, entry.number)) or "").encode()
    return None


def covered(tx: Transaction, row: LedgerRow, size: int) -> None:
    """The spine reaches `size`: what it covers has been compared."""
    for entry in tx.entries.beyond(row.id, row.size):
        if entry.number < size:
            tx.settings.remove(_name(row, entry.number))


def _name(row: LedgerRow, number: int) -> str:
    return f"evidence.{row.id}.{number}"
