"""Recalling what we published: the order, our own copy, and the table of receipts.

A recall is appended, our own entries are closed and their grants revoked in one commit. A crash
before it leaves everything as it was; after it, nobody new is given the content, and every member
that was given it is told as soon as it asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice

import msgspec

from accord.base.clock import format_time, from_micros, to_micros
from accord.base.errors import InputError, NotFoundError
from accord.ledger.envelope import reread_envelope
from accord.rules.community.circles import Circle
from accord.rules.control import ORDINARY
from accord.rules.facts import Facts
from accord.rules.recall import (
    ERASING,
    MOST_ENTRIES,
    Answer,
    Mode,
    Recall,
    Receipt,
    recall_of,
    receipt_of,
    table_of_receipts,
)
from accord.stix.extension import RECALL
from accord.store.records import EntryRow, Recalled, RecallRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .control import own_object, state
from .erasing import close_entries, erase_entries
from .node import Node
from .private import keep_in

_STRICTNESS = {"retract": 0, "correct": 1, "erase": 2}


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done with entries that are called back, why, and by when.

    With `keep`, our own copy stays: in `private`, readable to nobody but ourselves.
    """

    mode: Mode
    reason: str
    due: datetime
    keep: bool = False


class Recalling(msgspec.Struct, frozen=True):
    """What a recall did: its places in our ledger, entries called back, and how many had them."""

    numbers: tuple[int, ...]
    entries: int
    given: int  # rows of the table of receipts: entries times members


def find_entries(node: Node, object_ids: Sequence[str]) -> list[int]:
    """The places of our own entries that carry these objects, in any version.

    Raises `NotFoundError` for an object that we never published.
    """

    def job(tx: Transaction) -> list[int]:
        rows = tx.erasure.own_entries(object_ids)
        found = {reread_envelope(row.envelope).object.id for row in rows}
        for object_id in object_ids:
            if object_id not in found:
                raise NotFoundError("node.recall-not-ours", id=object_id)
        return [row.number for row in rows]

    return node.read(job)


def recall_entries(node: Node, numbers: Sequence[int], order: Order) -> Recalling:
    """Call back entries of our own ledger; what is called back already, as strictly, is left.

    Raises `InputError` for a place that holds no object of ours, or a time that is past.
    """
    now = node.now()
    if order.due <= now:
        raise InputError("node.recall-due-past", due=format_time(order.due))
    wanted = sorted(set(numbers))
    node.read(lambda tx: _check_places(tx, wanted))
    told: list[int] = []
    entries = given = 0
    for start in range(0, len(wanted), MOST_ENTRIES):
        part = wanted[start : start + MOST_ENTRIES]
        done = node.write(lambda tx: order_in(node, tx, part, order, now))  # noqa: B023
        told += done.numbers
        entries += done.entries
        given += done.given
    node.store.scrub()
    return Recalling(tuple(told), entries, given)


def order_in(
    node: Node,
    tx: Transaction,
    numbers: Sequence[int],
    order: Order,
    now: datetime,
    cause: int | None = None,
) -> Recalling:
    """At most a thousand entries, in one transaction; `cause`: another's recall, followed here."""
    known = tx.recalls.of_numbers(OWN_LEDGER, numbers)
    strict = _STRICTNESS[order.mode]
    rows = [
        row
        for row in tx.erasure.entries(OWN_LEDGER, numbers)
        if row.number not in known or _STRICTNESS[known[row.number]] < strict
    ]
    told: list[int] = []
    given = 0
    for members, group in _by_audience(tx, rows, node.facts(tx)).items():
        told.append(_tell(node, tx, group, members, order, now, cause))
        given += len(members) * len(group)
    _carry_out(node, tx, rows, order, now)
    return Recalling(tuple(told), len(rows), given)


def _check_places(tx: Transaction, numbers: Sequence[int]) -> None:
    found = {row.number: row for row in tx.erasure.entries(OWN_LEDGER, numbers)}
    for number in numbers:
        if number not in found or found[number].kind != ORDINARY:
            raise InputError("node.recall-no-object", number=number)


def _by_audience(
    tx: Transaction, rows: Sequence[EntryRow], facts: Facts
) -> dict[tuple[str, ...], list[EntryRow]]:
    """The entries by who was given them: a member is told of nothing else than what it has.

    Nor of who else has it, where it has left the working group that an entry was for.
    """
    given = tx.erasure.given([row.number for row in rows])
    names = {peer.id: peer.member for peer in tx.peers.all()}
    found: dict[tuple[str, ...], list[EntryRow]] = {}
    for row in rows:
        members = tuple(sorted(names[peer] for peer in given.get(row.number, ())))
        for together in _told_together(members, facts.groups.get(row.circle or "")):
            found.setdefault(together, []).append(row)
    return found


def _told_together(members: tuple[str, ...], circle: Circle | None) -> list[tuple[str, ...]]:
    if circle is None:
        return [members]
    inside = tuple(member for member in members if circle.belongs(member))
    parts: list[tuple[str, ...]] = [(each,) for each in members if each not in inside]
    return [inside, *parts] if inside or not parts else parts


def _tell(
    node: Node,
    tx: Transaction,
    rows: Sequence[EntryRow],
    members: tuple[str, ...],
    order: Order,
    now: datetime,
    cause: int | None,
) -> int:
    """One recall in our ledger, for these members; with none, it is there for the record."""
    commitments = tx.ledgers.commitments(OWN_LEDGER, [row.number for row in rows])
    fields = {
        "mode": order.mode,
        "entries": [
            {"index": row.number, "commitment": commitment.hex()}
            for row, commitment in zip(rows, commitments, strict=True)
        ],
        "reason": order.reason,
        "due": format_time(order.due),
    }
    item = own_object(node, RECALL, fields, now)
    appended = state(node, tx, "recall", item, audience=members, agreement=None, now=now)
    seq = tx.recalls.put(
        RecallRow(
            seq=0,
            ledger=OWN_LEDGER,
            number=appended.row.number,
            mode=order.mode,
            due=to_micros(order.due),
            recorded=to_micros(now),
            cause=cause,
            answered=True,
        )
    )
    tx.recalls.name(
        Recalled(recall=seq, ledger=OWN_LEDGER, number=row.number, state="done", reason=None)
        for row in rows
    )
    return appended.row.number


def _carry_out(
    node: Node, tx: Transaction, rows: Sequence[EntryRow], order: Order, now: datetime
) -> None:
    """With us it is done at once."""
    if order.mode not in ERASING:
        tx.erasure.revoke([row.seq for row in rows])
    elif order.keep:
        close_entries(tx, rows)
        bodies = tx.erasure.holdings(row.holding for row in rows).values()
        items = [node.checker.check(each.body).object for each in bodies if each.body is not None]
        keep_in(node, tx, items, "", now)
    else:
        erase_entries(tx, rows, order.mode)


class Called(msgspec.Struct, frozen=True):
    """An entry that is called back, and for whom it was given: members, a group or all parties."""

    index: int
    object_id: str
    agreement: str | None
    audience: tuple[str, ...]


class RecallTable(msgspec.Struct, frozen=True):
    """One of our recalls: what was ordered, when, and a row for each entry and member.

    `called` is told where one recall is asked for by itself.
    """

    number: int
    at: datetime
    recall: Recall
    rows: tuple[Answer, ...]
    called: tuple[Called, ...] = ()

    def count(self, state: str) -> int:
        return sum(row.state == state for row in self.rows)


def recall_table(node: Node, number: int) -> RecallTable:
    """The table of receipts of our recall at this place of our ledger. Raises `NotFoundError`."""
    now = node.now()

    def job(tx: Transaction) -> RecallTable:
        table = _table(tx, _own(tx, number), now)
        return msgspec.structs.replace(table, called=_called(tx, table.recall))

    return node.read(job)


def _called(tx: Transaction, recall: Recall) -> tuple[Called, ...]:
    """The entries of a recall; their envelopes stay, whatever becomes of the objects."""
    rows = tx.erasure.entries(OWN_LEDGER, [place.index for place in recall.entries])
    envelopes = [(row.number, reread_envelope(row.envelope)) for row in rows]
    return tuple(
        Called(
            index=number,
            object_id=of.object.id,
            agreement=of.agreement.id if of.agreement is not None else None,
            audience=of.audience,
        )
        for number, of in envelopes
    )


def recall_tables(
    node: Node,
    *,
    wanted: Callable[[RecallTable], bool] = lambda _: True,
    before: int | None = None,
    most: int | None = None,
) -> list[RecallTable]:
    """Our recalls with their tables, newest first: all, or so many behind the one of a number."""
    now = node.now()

    def job(tx: Transaction) -> list[RecallTable]:
        rows = reversed(tx.recalls.of_ledger(OWN_LEDGER))
        behind = (row for row in rows if before is None or row.number < before)
        tables = (_table(tx, row, now) for row in behind)
        return list(islice((table for table in tables if wanted(table)), most))

    return node.read(job)


def recall_in(tx: Transaction, row: RecallRow) -> Recall:
    """The order itself, ours or another's, as its entry holds it."""
    entry = tx.entries.get(row.ledger, row.number)
    held = tx.holdings.get(entry.holding) if entry is not None else None
    if held is None or held.body is None:
        raise NotFoundError("node.recall-unknown", number=row.number)
    return recall_of(msgspec.json.decode(held.body))


def _own(tx: Transaction, number: int) -> RecallRow:
    row = tx.recalls.of_entry(OWN_LEDGER, number)
    if row is None:
        raise NotFoundError("node.recall-unknown", number=number)
    return row


def _table(tx: Transaction, row: RecallRow, now: datetime) -> RecallTable:
    recall = recall_in(tx, row)
    given = tx.erasure.given([place.index for place in recall.entries])
    names = {peer.id: peer.member for peer in tx.peers.all()}
    asked: dict[str, list[int]] = {}
    entry = tx.entries.get(OWN_LEDGER, row.number)
    told = reread_envelope(entry.envelope).audience if entry is not None else ()
    for number, peers in given.items():
        for member in {names[peer] for peer in peers}.intersection(told):
            asked.setdefault(member, []).append(number)
    rows = table_of_receipts(recall, asked, _receipts(tx, row.seq), now)
    return RecallTable(row.number, from_micros(row.recorded), recall, rows)


def _receipts(tx: Transaction, seq: int) -> list[tuple[str, Receipt]]:
    """What others answered to a recall of ours, in the order of their ledgers."""
    found: list[tuple[str, Receipt]] = []
    for ledger, body in tx.recalls.receipts(seq):
        author = tx.ledgers.get(ledger)
        if author is not None:
            found.append((author.member, receipt_of(msgspec.json.decode(body))))
    return found
