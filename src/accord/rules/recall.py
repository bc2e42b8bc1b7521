"""Recall: the statements by which an author calls entries back, and others answer.

A recall orders; a receipt answers. Who was given an entry and has not answered is never counted as
done: the table of receipts has one state for each entry and member, and they add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, Literal, get_args

import msgspec

from .fields import (
    Field,
    Spec,
    ascending,
    listed,
    moment,
    one_of,
    origin,
    read_object,
    sha256_hex,
    table,
    text,
    whole,
)

RECALL_TYPE = "accord-recall"
RECEIPT_TYPE = "accord-receipt"

# retract: the content stays, marked as withdrawn by its author, and goes to nobody new.
# correct: the content is erased; a newer version of the object is free to come.
# erase: the content is erased; the object does not come back through any door.
Mode = Literal["retract", "correct", "erase"]
ERASING: frozenset[Mode] = frozenset({"correct", "erase"})

MOST_ENTRIES = 1000  # of one recall; a larger one is several
MOST_REFUSED = 200  # of one receipt, each with its reason; more are further receipts
_LONGEST_REASON = 2000
_LONGEST_REFUSAL = 200


class Place(msgspec.Struct, frozen=True):
    """An entry of the ledger in question: its number, and its commitment (hex)."""

    index: int
    commitment: str


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """An `accord-recall`: entries of its author's own ledger, what is to be done, and by when."""

    mode: Mode
    entries: tuple[Place, ...]
    reason: str
    due: datetime


class Refusal(msgspec.Struct, frozen=True):
    """That an entry is not given up, and why: a legal hold has a reason."""

    index: int
    reason: str


class RecallRef(msgspec.Struct, frozen=True):
    """The recall that a receipt answers: an entry of its author's ledger."""

    origin: str
    index: int
    commitment: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """An `accord-receipt`: what became of each entry of one recall, at one member.

    `absent` were never here, and will not be kept if they come. `passed_on` are the answering
    member's own recalls, of what it had passed on. `backups_until`: when the last backup expires
    that may still hold what was erased; null where there is none.
    """

    recall: RecallRef
    carried_out: datetime
    done: tuple[int, ...] = ()
    absent: tuple[int, ...] = ()
    refused: tuple[Refusal, ...] = ()
    passed_on: tuple[int, ...] = ()
    backups_until: datetime | None = None


_index = whole(0, (1 << 53) - 1)
_PLACE: Spec = (Field("index", _index), Field("commitment", sha256_hex))
_numbers = ascending(_index, int, 0, MOST_ENTRIES)

RECALL: Spec = (
    Field("mode", one_of(*get_args(Mode))),
    Field("entries", ascending(table(_PLACE), itemgetter("index"), 1, MOST_ENTRIES)),
    Field("reason", text(_LONGEST_REASON)),
    Field("due", moment),
)
_REF: Spec = (
    Field("origin", origin),
    Field("index", _index),
    Field("commitment", sha256_hex),
)
_REFUSAL: Spec = (Field("index", _index), Field("reason", text(_LONGEST_REFUSAL)))
RECEIPT: Spec = (
    Field("recall", table(_REF)),
    Field("carried_out", moment),
    Field("done", _numbers, required=False),
    Field("absent", _numbers, required=False),
    Field("refused", listed(table(_REFUSAL), 0, MOST_REFUSED), required=False),
    Field("passed_on", _numbers, required=False),
    Field("backups_until", moment, required=False),
)


def recall_of(fields: Mapping[str, Any]) -> Recall:
    """Read an `accord-recall`. Raises `InputError`."""
    return msgspec.convert(read_object(fields, RECALL_TYPE, RECALL), Recall)


def receipt_of(fields: Mapping[str, Any]) -> Receipt:
    """Read an `accord-receipt`. Raises `InputError`."""
    return msgspec.convert(read_object(fields, RECEIPT_TYPE, RECEIPT), Receipt)


State = Literal["pending", "overdue", "done", "absent", "refused"]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one member has said of one recalled entry so far, and what follows as of now."""

    member: str
    index: int
    state: State
    at: datetime | None = None
    reason: str = ""
    backups_until: datetime | None = None


def table_of_receipts(
    recall: Recall,
    given: Mapping[str, Iterable[int]],
    receipts: Iterable[tuple[str, Receipt]],
    now: datetime,
) -> tuple[Answer, ...]:
    """One row for each member and each entry that it was given, by member and entry.

    `given`: the entries of this recall that each member was given; `receipts`: what came, in the
    order of the members' own ledgers. A later answer replaces a refusal; what was done stays done,
    because nobody can give back what is erased. What was not given is not counted, whatever a
    receipt says of it.
    """
    last: dict[tuple[str, int], Answer] = {}
    for member, receipt in receipts:
        for answer in _answers(member, receipt):
            known = last.get((member, answer.index))
            if known is None or known.state == "refused":
                last[member, answer.index] = answer
    silent: State = "overdue" if now > recall.due else "pending"
    return tuple(
        last.get((member, index)) or Answer(member=member, index=index, state=silent)
        for member in sorted(given)
        for index in sorted(given[member])
    )


def _answers(member: str, receipt: Receipt) -> Iterable[Answer]:
    for index in receipt.done:
        yield Answer(
            member=member,
            index=index,
            state="done",
            at=receipt.carried_out,
            backups_until=receipt.backups_until,
        )
    for index in receipt.absent:
        yield Answer(member=member, index=index, state="absent", at=receipt.carried_out)
    for refusal in receipt.refused:
        yield Answer(
            member=member,
            index=refusal.index,
            state="refused",
            at=receipt.carried_out,
            reason=refusal.reason,
        )
