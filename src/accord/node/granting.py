"""Who gets which of our entries: the release rule applied to our own ledger.

New entries are judged when they are appended; older ones again whenever the facts change, so that
an accession or a late signature releases them without the receiver having to ask anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from accord.ledger.envelope import Envelope, reread_envelope
from accord.rules.facts import Facts
from accord.rules.preview import Item, Row, preview
from accord.store.grants import ROUTINE, URGENT
from accord.store.records import EntryRow, NewGrant, PeerRow
from accord.store.transaction import Transaction

from .node import Node
from .summary import decode_summary, item_of

_PAGE = 1000


def confirmed_peers(tx: Transaction) -> dict[str, PeerRow]:
    """The peers to whom something could go, by member."""
    return {row.member: row for row in tx.peers.all() if row.state == "confirmed"}


def judge(
    tx: Transaction, items: Sequence[Item], peer: PeerRow, facts: Facts, now: datetime
) -> tuple[Row, ...]:
    """A row for each item, in order; what the peer was granted before counts as had."""
    here = {item.object_id for item in items}
    elsewhere = {ref.id for item in items for ref in item.references if ref.id not in here}
    had = tx.grants.objects_granted(peer.id, sorted(elsewhere)) if elsewhere else set()
    return preview(items, [peer.member], facts, now, lambda _, target: target in had).rows


def grants_for(
    peer: PeerRow, rows: Sequence[Row], entries: Sequence[tuple[int, Envelope]]
) -> list[NewGrant]:
    """The grants that these rows allow; `entries` are (seq, envelope), one for each row."""
    return [
        NewGrant(
            peer=peer.id,
            lane=URGENT if envelope.urgency == "urgent" else ROUTINE,
            entry=seq,
        )
        for row, (seq, envelope) in zip(rows, entries, strict=True)
        if row.released
    ]


def grant_again(
    node: Node, tx: Transaction, agreements: Iterable[str | None], now: datetime
) -> int:
    """Judge our older entries under these agreements anew (null: the control entries).

    Called in the transaction that changed the facts. Returns how many grants were added.
    """
    facts = node.facts(tx)
    peers = confirmed_peers(tx)
    added = 0
    for agreement in agreements:
        after = 0
        while rows := tx.entries.own(agreement=agreement, after=after, limit=_PAGE):
            after = rows[-1].seq
            for peer in peers.values():
                added += _grant_page(tx, rows, peer, facts, now)
    return added


def _grant_page(
    tx: Transaction, rows: Sequence[EntryRow], peer: PeerRow, facts: Facts, now: datetime
) -> int:
    granted = tx.grants.granted(peer.id, [row.seq for row in rows])
    waiting = [row for row in rows if row.seq not in granted and row.salt_o is not None]
    if not waiting:
        return 0
    envelopes = [reread_envelope(row.envelope) for row in waiting]
    items = [
        item_of(envelope, decode_summary(row.summary))
        for row, envelope in zip(waiting, envelopes, strict=True)
    ]
    found = judge(tx, items, peer, facts, now)
    seqs = [row.seq for row in waiting]
    grants = grants_for(peer, found, list(zip(seqs, envelopes, strict=True)))
    tx.grants.grant(grants)
    return len(grants)
