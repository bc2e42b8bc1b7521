"""Notices: telling a sender what of its entries was not kept, and why; and what we are told."""

from __future__ import annotations

from datetime import datetime

import msgspec

from accord.base.errors import InputError
from accord.base.messages import Message
from accord.rules.statements import notice_of
from accord.stix.extension import NOTICE
from accord.store.records import EntryRow, LedgerRow, RefusalRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .control import own_object, state
from .node import Node


class Told(msgspec.Struct, frozen=True):
    """That `member` did not keep our entry `number`, and why. `object_id` is null if not ours.

    `seq` is the number of the notice here, which may say it of many entries.
    """

    seq: int
    member: str
    at: int  # microseconds since 1970: when the notice was issued
    number: int
    object_id: str | None
    reason: Message


def told_to_us(node: Node, limit: int = 1000, before: int | None = None) -> list[Told]:
    """What others did not keep of our ledger, newest first, as their notices say.

    Behind the notice `before`; as many notices as it takes to say it of `limit` entries, whole.
    """

    def job(tx: Transaction) -> list[Told]:
        found: list[Told] = []
        for row in tx.entries.received_of_kind("notice", limit, before):
            found += _told(tx, node.origin, row)
            if len(found) >= limit:
                break
        return found

    return node.read(job)


def _told(tx: Transaction, origin: str, row: EntryRow) -> list[Told]:
    ledger, held = tx.ledgers.get(row.ledger), tx.holdings.get(row.holding)
    if ledger is None or held is None or held.body is None:
        return []
    try:
        notice = notice_of(msgspec.json.decode(held.body))
    except InputError:
        return []  # its author wrote something else under that type: there is nothing to show
    found: list[Told] = []
    for item in notice.items:
        if item.origin == origin:
            entry = tx.entries.get(OWN_LEDGER, item.index)
            ours = tx.holdings.get(entry.holding) if entry is not None else None
            object_id = ours.object_id if ours is not None else None
            found.append(
                Told(row.seq, ledger.member, row.issued, item.index, object_id, item.reason)
            )
    return found


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
