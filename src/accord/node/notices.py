"""Notices: telling a sender what of its entries was not kept, and why."""

from __future__ import annotations

from datetime import datetime

import msgspec

from accord.stix.extension import NOTICE
from accord.store.records import LedgerRow, RefusalRow
from accord.store.transaction import Transaction

from .control import own_object, state
from .node import Node


def send_notices(node: Node) -> int:
    """Append a notice for each sender with refusals it was not told of. How many were told.

    Refusals and their notice are marked in one commit, so none is told twice or forgotten.
    """
    told = 0
    while batch := node.read(lambda tx: tx.quarantine.unnotified(1)):
        ledger, now = batch[0].ledger, node.now()
        told += node.write(lambda tx: _tell(node, tx, ledger, now))  # noqa: B023
    return told


def _tell(node: Node, tx: Transaction, ledger: int, now: datetime) -> int:
    """One notice. What is to be told is read here: another process may have told it meanwhile."""
    unnotified = tx.quarantine.unnotified(node.limits.notice_items)
    rows = [row for row in unnotified if row.ledger == ledger]
    row = tx.ledgers.get(ledger)
    if row is not None and rows:
        item = own_object(node, NOTICE, {"items": [_item(row, each) for each in rows]}, now)
        state(node, tx, "notice", item, audience=[row.member], agreement=None, now=now)
    tx.quarantine.mark_notified([each.seq for each in rows])
    return len(rows)


def _item(ledger: LedgerRow, refused: RefusalRow) -> dict[str, object]:
    return {
        "origin": ledger.origin,
        "index": refused.number,
        "commitment": refused.commitment.hex(),
        "reason": msgspec.to_builtins(refused.reasons[0]),
    }
