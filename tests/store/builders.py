"""Rows to put into a store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from accord.store.listings import Asked
from accord.store.records import (
    CollectionRow,
    EntryRow,
    Kept,
    LedgerRow,
    Listing,
    NewHolding,
    PeerRow,
)
from accord.store.transaction import Transaction

OURS, THEIRS = 1, 2  # ledgers
PRIVATE, FIRST, SECOND = 1, 2, 3  # collections
ALFA, BRAVO = 1, 2  # peers
GREEN, RED = 2, 4


def furnish(tx: Transaction) -> None:
    """Two ledgers, two peers, three collections."""
    for number, member in ((OURS, "alfa"), (THEIRS, "bravo")):
        tx.ledgers.create(ledger(number, member))
    for number, member in ((ALFA, "alfa"), (BRAVO, "bravo")):
        tx.peers.put(
            PeerRow(id=number, member=member, name=member, url="", card=b"", state="confirmed")
        )
    for number, agreement in ((PRIVATE, None), (FIRST, "first"), (SECOND, "second")):
        tx.listings.open(
            CollectionRow(id=number, uuid=f"uuid-{number}", agreement=agreement, created=0)
        )


def ledger(number: int = OURS, member: str = "alfa", size: int = 0) -> LedgerRow:
    return LedgerRow(
        id=number,
        origin=f"accord/{member}",
        member=member,
        size=size,
        root=bytes([size % 256]) * 32,
        frontier=b"",
        checkpoint=f"{member} {size}".encode(),
        seen=0,
    )


def holding(
    name: str = "indicator--1", version: str = "2024", *, by: int = OURS, body: bytes = b"{}"
) -> NewHolding:
    return NewHolding(
        ledger=by,
        object_id=name,
        version=version,
        type=name.partition("--")[0],
        status="actual",
        sha256=hashlib.sha256(body).digest(),
        body=body,
    )


def listing(
    kept: Kept,
    *,
    at: int = FIRST,
    type_: str = "indicator",
    tlp: int = GREEN,
    named: Iterable[str] = (),
) -> Listing:
    return Listing(
        collection=at,
        holding=kept.seq,
        type=type_,
        latest=kept.newest,
        tlp=tlp,
        named=tuple(named),
    )


def publish(
    tx: Transaction,
    rows: Sequence[NewHolding],
    *,
    at: int = FIRST,
    tlp: int = GREEN,
    named: Iterable[str] = (),
    now: int = 0,
) -> list[int]:
    """Keep objects and list them, as a use case does; returns their `added`."""
    kept = tx.holdings.keep(rows)
    new = [
        listing(each, at=at, type_=row.type, tlp=tlp, named=named)
        for row, each in zip(rows, kept, strict=True)
        if not tx.listings.listed(at, [each.seq])
    ]
    added = tx.listings.add(new, now)
    for row, each in zip(rows, kept, strict=True):
        if each.others:
            tx.listings.supersede(row.ledger, row.object_id)
    return added


def entry(seq: int, *, holding: int = 1, agreement: str | None = "first") -> EntryRow:
    return EntryRow(
        seq=seq,
        ledger=OURS,
        number=seq - 1,
        kind="object",
        agreement=agreement,
        holding=holding,
        issued=0,
        envelope=b"envelope",
        salt_e=b"e" * 32,
        salt_o=b"o" * 32,
        object_half=None,
        summary=b"{}",
    )


def asked(
    *at: int, tlp: int = 3, named: Sequence[str] = (), after: int = 0, limit: int = 1000
) -> Asked:
    return Asked(collections=at or (FIRST,), tlp=tlp, named=tuple(named), after=after, limit=limit)


def names(tx: Transaction, question: Asked) -> list[str]:
    """The object ids of one page."""
    return [row.object_id for row in tx.listings.page(question)[0]]
