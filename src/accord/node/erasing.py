"""Erasing: entries are closed for good, and their content goes from every shelf that has it.

All in the transaction of whoever orders it: after a crash either everything is still there, or the
content is gone from the tables. What SQLite keeps of it in its log and the index in its segments
goes with `scrub`, which may be done again at any time and is, at every start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from accord.ledger.commitment import object_half
from accord.ledger.envelope import reread_envelope
from accord.rules.recall import Mode
from accord.store.records import EntryRow, Holding
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .blocking import blocking_key, content_hash
from .summary import decode_summary, encode_summary

_objects = msgspec.json.Decoder(list[msgspec.Raw])
_fields = msgspec.json.Decoder(dict[str, object])


def close_entries(tx: Transaction, rows: Sequence[EntryRow]) -> None:
    """Nobody can open these entries any more, ourselves included; their basis stays."""
    _close(tx, rows, tx.erasure.holdings(row.holding for row in rows))


def _close(tx: Transaction, rows: Sequence[EntryRow], held: Mapping[int, Holding]) -> None:
    halves: list[tuple[int, bytes, bytes]] = []
    for row in rows:
        body = held[row.holding].body
        if row.salt_o is not None and body is not None:
            rest = msgspec.structs.replace(decode_summary(row.summary), observables=())
            halves.append((row.seq, object_half(row.salt_o, body), encode_summary(rest)))
    tx.erasure.close(halves)
    hide_entries(tx, rows)


def hide_entries(tx: Transaction, rows: Sequence[EntryRow]) -> None:
    """Grant these entries to nobody any more, and show them in no collection but `private`."""
    tx.erasure.revoke([row.seq for row in rows])
    for where in {row.shown_in for row in rows if row.shown_in is not None}:
        collection = tx.listings.collection_of(where)
        if collection is not None:
            shown = [row.holding for row in rows if row.shown_in == where]
            tx.erasure.unlist(collection.id, shown)


def erase_entries(tx: Transaction, rows: Sequence[EntryRow], mode: Mode | None) -> None:
    """Close entries, erase what no other entry opens, and block its return as `mode` says.

    A copy of another's object that came into our own name later goes with it; one that a source
    gave, or that we had before, is another holding and stays.
    """
    held = tx.erasure.holdings(row.holding for row in rows)
    _close(tx, rows, held)
    gone = set(tx.erasure.closed(list(held)))
    doomed = [each for each in held.values() if each.seq in gone and each.body is not None]
    doomed += _copies(tx, doomed)
    if mode is not None:
        _block(tx, doomed, mode)
    seqs = [each.seq for each in doomed]
    tx.erasure.forget(seqs)
    tx.erasure.settle_latest([*held, *seqs])
    _out_of_drafts(tx, doomed)
    for ledger in {row.ledger for row in rows}:
        tx.quarantine.release(ledger, [row.number for row in rows if row.ledger == ledger])


def _copies(tx: Transaction, doomed: Sequence[Holding]) -> list[Holding]:
    """Copies in our own name of what another gave us: the same content, and it came later."""
    first = {
        (each.object_id, each.sha256): each.seq for each in doomed if each.ledger != OWN_LEDGER
    }
    if not first:
        return []
    own = tx.erasure.own_copies(object_id for object_id, _ in first)
    later = [each for each in own if each.seq > first.get((each.object_id, each.sha256), each.seq)]
    carried = {row.holding for row in tx.erasure.own_entries(each.object_id for each in later)}
    return [each for each in later if each.seq not in carried]  # what was passed on is recalled


def _block(tx: Transaction, doomed: Sequence[Holding], mode: Mode) -> None:
    if not doomed:
        return
    key = blocking_key(tx)
    tx.recalls.block(
        (
            each.object_id,
            None if mode == "erase" else each.version,
            content_hash(key, _fields.decode(each.body or b"{}")),
        )
        for each in doomed
    )


def _out_of_drafts(tx: Transaction, doomed: Iterable[Holding]) -> None:
    """What waits for a releaser is looked through too; a draft with nothing left goes."""
    ids = {each.object_id for each in doomed}
    for draft in tx.drafts.all():
        objects = _objects.decode(draft.body)
        left = [raw for raw in objects if _fields.decode(raw).get("id") not in ids]
        if len(left) == len(objects):
            continue
        tx.drafts.remove(draft.id)
        if left:
            body = b"[" + b",".join(bytes(raw) for raw in left) + b"]"
            tx.drafts.put(msgspec.structs.replace(draft, body=body))


def source_places(rows: Iterable[EntryRow]) -> dict[tuple[str, int], list[EntryRow]]:
    """Our own entries by the entry of another's from which they were passed on."""
    found: dict[tuple[str, int], list[EntryRow]] = {}
    for row in rows:
        source = reread_envelope(row.envelope).source
        if source is not None:
            found.setdefault((source.origin, source.index), []).append(row)
    return found
