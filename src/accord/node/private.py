"""Objects kept in `private`: this member's own, in no ledger, released to no one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from accord.base.messages import Message
from accord.rules.access import UNMARKED
from accord.rules.case import TLP_RANK
from accord.stix.markings import MarkingReader
from accord.stix.objects import StixObject
from accord.store.records import Kept
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .append import new_holding
from .blocking import blocked
from .listing import Shown, list_kept
from .node import Node
from .summary import marking_reader


class Stored(msgspec.Struct, frozen=True):
    """What became of one object: kept now, here already with this content, or another stands.

    `barred` says why it is not kept at all; `holding` is 0 then.
    """

    item: StixObject
    holding: int
    new: bool
    same: bool
    barred: Message | None = None


def keep_private(
    node: Node,
    items: Sequence[StixObject],
    author: str,
    also: Callable[[Transaction, list[Stored]], None] = lambda tx, stored: None,
) -> list[Stored]:
    """Keep valid objects in `private`, in one commit; for each, in order, what became of it.

    The first content of a version stands. TLP:RED stays readable to `author` alone. What is to be
    on the disk together with the objects, `also` writes.
    """
    now = node.now()

    def job(tx: Transaction) -> list[Stored]:
        stored = keep_in(node, tx, items, author, now)
        also(tx, stored)
        return stored

    return node.write(job)


def keep_in(
    node: Node, tx: Transaction, items: Sequence[StixObject], author: str, now: datetime
) -> list[Stored]:
    """The same as a part of another job. What was recalled and erased is not kept."""
    barred = blocked(tx, items)
    free = [item for item in items if item.id not in barred]
    kept = tx.holdings.keep([new_holding(item, OWN_LEDGER, "actual") for item in free])
    given = {item.id: item for item in free if item.type == "marking-definition"}
    markings = marking_reader(tx, (OWN_LEDGER,), given)
    levels = [_level(item, markings) for item in free]
    shown = [
        Shown(None, item, held, level, (author,) if level == TLP_RANK["red"] else ())
        for item, held, level in zip(free, kept, levels, strict=True)
        if held.same
    ]
    list_kept(node, tx, shown, OWN_LEDGER, now)
    found = iter(kept)
    return [
        Stored(item, 0, new=False, same=False, barred=barred[item.id])
        if item.id in barred
        else _stored(item, next(found))
        for item in items
    ]


def _stored(item: StixObject, held: Kept) -> Stored:
    return Stored(item, held.seq, held.new, held.same)


def _level(item: StixObject, markings: MarkingReader) -> int:
    tlp = markings.of(item.fields).tlp
    return TLP_RANK[tlp if tlp is not None else UNMARKED]
