"""Carrying out another member's recall, and answering with a receipt.

The content goes in the transaction that keeps the recall. The receipt follows in one of its own,
with our recalls of what we had passed on: a crash in between leaves the recall unanswered, and the
next round or the next start answers it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

import msgspec

from accord.base.clock import format_time, from_micros, to_micros
from accord.base.messages import Message, say
from accord.ledger.envelope import EntryRef, Envelope, reread_envelope
from accord.rules.control import ORDINARY
from accord.rules.recall import ERASING, MOST_ENTRIES, MOST_REFUSED, Recall, recall_of, receipt_of
from accord.stix.extension import RECEIPT
from accord.stix.objects import StixObject
from accord.store.records import EntryRow, LedgerRow, Recalled, RecallRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .backup import backups_of
from .carried import Place
from .control import own_object, state
from .erasing import erase_entries, source_places
from .node import Node
from .recalling import Order, order_in, recall_in

_HELD = 200  # characters of a hold's reason that a receipt gives


def take_answer(
    node: Node,
    tx: Transaction,
    ledger: LedgerRow,
    number: int,
    envelope: Envelope,
    item: StixObject,
) -> Message | None:
    """Act on a recall or a receipt that was just kept; why it is void, if it is.

    Raises `InputError` for an object that is not one.
    """
    if envelope.kind == "recall":
        return _take_recall(node, tx, ledger, number, recall_of(item.fields))
    if envelope.kind == "receipt":
        return _take_receipt(node, tx, ledger, number, item)
    return None


def _take_recall(
    node: Node, tx: Transaction, ledger: LedgerRow, number: int, recall: Recall
) -> Message | None:
    indices = [place.index for place in recall.entries]
    if indices[-1] >= number:
        return say("node.recall-ahead", index=indices[-1])
    found = tx.ledgers.commitments(ledger.id, indices)
    for place, commitment in zip(recall.entries, found, strict=True):
        if place.commitment != commitment.hex():
            return say("node.recall-other-entry", index=place.index)
    held = tx.erasure.entries(ledger.id, indices)
    for row in held:
        if row.kind != ORDINARY:  # a ballot stays what it was: nobody takes back what was counted
            return say("node.recall-no-object", number=row.number)
    now = node.now()
    seq = tx.recalls.put(
        RecallRow(
            seq=0,
            ledger=ledger.id,
            number=number,
            mode=recall.mode,
            due=to_micros(recall.due),
            recorded=to_micros(now),
            cause=None,
            answered=False,
        )
    )
    tx.recalls.name(_carry_out(tx, ledger, seq, recall, held))
    return None


def _carry_out(
    tx: Transaction, ledger: LedgerRow, seq: int, recall: Recall, rows: Sequence[EntryRow]
) -> Iterator[Recalled]:
    """Do it, and say of each entry what became of it."""
    objects = {row.number: reread_envelope(row.envelope).object.id for row in rows}
    holds = tx.legal_holds.standing(objects.values()) if recall.mode in ERASING else {}
    going = [row for row in rows if objects[row.number] not in holds]
    if recall.mode in ERASING:
        erase_entries(tx, going, recall.mode)
    indices = [place.index for place in recall.entries]
    tx.quarantine.release(ledger.id, [index for index in indices if index not in objects])
    for index in indices:
        if index not in objects:
            yield _named(ledger, seq, index, "absent")
        elif objects[index] in holds:
            yield _named(ledger, seq, index, "refused", holds[objects[index]])
        else:
            yield _named(ledger, seq, index, "done")


def _named(
    ledger: LedgerRow, seq: int, index: int, state: str, reason: str | None = None
) -> Recalled:
    return Recalled(recall=seq, ledger=ledger.id, number=index, state=state, reason=reason)


def _take_receipt(
    node: Node, tx: Transaction, ledger: LedgerRow, number: int, item: StixObject
) -> Message | None:
    receipt = receipt_of(item.fields)
    ref = receipt.recall
    row = tx.recalls.of_entry(OWN_LEDGER, ref.index) if ref.origin == node.origin else None
    if row is None:
        return say("node.receipt-no-recall", index=ref.index)
    (commitment,) = tx.ledgers.commitments(OWN_LEDGER, [ref.index])
    if commitment.hex() != ref.commitment:
        return say("node.recall-other-entry", index=ref.index)
    entry = tx.entries.get(ledger.id, number)
    if entry is not None:
        tx.recalls.receipt(row.seq, entry.seq)
    return None


def recalled_already(
    tx: Transaction, ledger: LedgerRow, read: Mapping[int, Envelope | None]
) -> dict[int, Message]:
    """Which of these entries (by number) were recalled before they came, or come from such."""
    called_back = tx.recalls.of_numbers(ledger.id, list(read))
    found = {
        number: say("node.recalled")
        for number, mode in called_back.items()
        if mode in ERASING and _is_ordinary(read[number])
    }
    sources = {
        number: envelope.source
        for number, envelope in read.items()
        if envelope is not None and envelope.source is not None and number not in found
    }
    for number, source in sources.items():
        if _source_recalled(tx, source):
            found[number] = say("node.recalled")
    return found


def _is_ordinary(envelope: Envelope | None) -> bool:
    """Only objects are called back; what is not read yet is left closed."""
    return envelope is None or envelope.kind == ORDINARY


def _source_recalled(tx: Transaction, source: EntryRef) -> bool:
    row = tx.ledgers.of_origin(source.origin)
    if row is None:
        return False
    return tx.recalls.of_numbers(row.id, [source.index]).get(source.index) in ERASING


def answer_recalls(node: Node) -> int:
    """Write the receipts that are due, after recalling what we had passed on. How many."""
    count = 0
    while waiting := node.read(lambda tx: tx.recalls.unanswered(1)):
        now = node.now()
        count += node.write(lambda tx: _answer(node, tx, waiting[0].seq, now))  # noqa: B023
    if count:
        node.store.scrub()
    return count


def _answer(node: Node, tx: Transaction, seq: int, now: datetime) -> int:
    """One recall: another process may have answered it meanwhile."""
    row = tx.recalls.get(seq)
    if row is None or row.answered:
        return 0
    ledger = tx.ledgers.get(row.ledger)
    assert ledger is not None
    named = tx.recalls.named(seq)
    _call_back_onward(node, tx, row, ledger, named, now)
    onward = [each.number for each in tx.recalls.caused_by(seq)]
    for fields in _receipts(node, tx, row, ledger, named, onward, now):
        item = own_object(node, RECEIPT, fields, now)
        state(node, tx, "receipt", item, audience=[ledger.member], agreement=None, now=now)
    tx.recalls.answered(seq)
    return 1


def _call_back_onward(
    node: Node,
    tx: Transaction,
    row: RecallRow,
    ledger: LedgerRow,
    named: Sequence[Recalled],
    now: datetime,
) -> None:
    """What we passed on of it is ours to recall, in our own ledger and from our own recipients."""
    done = {each.number for each in named if each.state == "done"}
    held = tx.erasure.entries(ledger.id, sorted(done))
    objects = {reread_envelope(entry.envelope).object.id for entry in held}
    passed = source_places(tx.erasure.own_entries(objects))
    numbers = sorted(
        entry.number
        for (origin, index), entries in passed.items()
        if origin == ledger.origin and index in done
        for entry in entries
    )
    if not numbers:
        return
    recall = recall_in(tx, row)
    order = Order(mode=recall.mode, reason=recall.reason, due=recall.due)
    for start in range(0, len(numbers), MOST_ENTRIES):
        order_in(node, tx, numbers[start : start + MOST_ENTRIES], order, now, cause=row.seq)


def _receipts(
    node: Node,
    tx: Transaction,
    row: RecallRow,
    ledger: LedgerRow,
    named: Sequence[Recalled],
    onward: list[int],
    now: datetime,
) -> Iterator[dict[str, object]]:
    """The fields of the receipts: one, or more where many entries are refused with reasons."""
    (commitment,) = tx.ledgers.commitments(ledger.id, [row.number])
    head = {
        "recall": {"origin": ledger.origin, "index": row.number, "commitment": commitment.hex()},
        "carried_out": format_time(now),
    }
    first: dict[str, object] = {**head}
    for word in ("done", "absent"):
        if numbers := [each.number for each in named if each.state == word]:
            first[word] = numbers
    if onward:
        first["passed_on"] = onward
    copies = [each.expires for each in backups_of(tx) if each.expires > to_micros(now)]
    if copies and "done" in first and row.mode in ERASING:
        first["backups_until"] = format_time(from_micros(max(copies)))
    refused = [
        {"index": each.number, "reason": (each.reason or "-")[:_HELD]}
        for each in named
        if each.state == "refused"
    ]
    yield {**first, "refused": refused[:MOST_REFUSED]} if refused else first
    for start in range(MOST_REFUSED, len(refused), MOST_REFUSED):
        yield {**head, "refused": refused[start : start + MOST_REFUSED]}


class Followed(msgspec.Struct, frozen=True):
    """Another member's recall, and what became of its entries here, by state.

    `seq` is its number here, `places` are where the entries stand that it names.
    """

    seq: int
    places: tuple[Place, ...]
    member: str
    number: int
    at: datetime
    mode: str
    due: datetime
    answered: bool
    states: dict[str, int]


def list_followed(
    node: Node,
    limit: int = 1000,
    *,
    wanted: Callable[[Followed], bool] = lambda _: True,
    before: int | None = None,
) -> list[Followed]:
    """What others called back from us, newest first; behind `before`, one of them."""

    def job(tx: Transaction) -> list[Followed]:
        found = (_followed(tx, row) for row in _others(tx, before))
        return list(islice((each for each in found if wanted(each)), limit))

    return node.read(job)


def _others(tx: Transaction, before: int | None) -> Iterator[RecallRow]:
    while rows := tx.recalls.page(before=before):
        yield from (row for row in rows if row.ledger != OWN_LEDGER)
        before = rows[-1].seq


def _followed(tx: Transaction, row: RecallRow) -> Followed:
    ledger, named = tx.ledgers.get(row.ledger), tx.recalls.named(row.seq)
    origins = {each.id: each.origin for each in tx.ledgers.all()}
    return Followed(
        seq=row.seq,
        places=tuple((origins[each.ledger], each.number) for each in named),
        member=ledger.member if ledger is not None else "",
        number=row.number,
        at=from_micros(row.recorded),
        mode=row.mode,
        due=from_micros(row.due),
        answered=row.answered,
        states=dict(Counter(each.state for each in named)),
    )
