"""Code H3: a restriction is acknowledged by each reader before the content is read.

What comes with it is shown to nobody: no collection, no page and no search has it. Whoever
acknowledges the restriction is shown it from then on, and that is on record. Our own is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from accord.base.clock import from_micros, to_micros
from accord.base.errors import NotFoundError
from accord.ledger.envelope import reread_envelope
from accord.rules.access import HoldingSummary, may_read
from accord.store.records import EntryRow, Holding
from accord.store.transaction import Transaction

from .listing import AHEAD
from .node import Node
from .summary import decode_summary, stricter
from .tokens import Reader

SHELL = "@shell"  # how whoever works at the shell without a token is called; no token can be
MOST = 1000


class Restriction(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is to acknowledge before reading. `text` is in the words of the source."""

    object_id: str
    version: str
    type: str
    author: str
    agreement: str | None
    issued: datetime
    text: str


def to_acknowledge(node: Node, reader: Reader | None = None) -> list[Restriction]:
    """What this reader could read once its restriction is acknowledged, the oldest first.

    Without a reader: what whoever works at the shell has not acknowledged.
    """

    def job(tx: Transaction) -> list[Restriction]:
        waiting = tx.restrictions.unread(SHELL if reader is None else reader.name, MOST)
        return [
            _restriction(tx, each.holding, each.entry)
            for each in waiting
            if reader is None or may_read(reader.scope, _summary(each.entry))
        ]

    return node.read(job)


def acknowledge(node: Node, object_id: str, reader: Reader | None = None) -> list[Restriction]:
    """Acknowledge the restriction of every version held of an object; returns what was new.

    Without a reader: by whoever works at the shell. Raises `NotFoundError` for an object that is
    not restricted, or not for this reader whatever it acknowledges.
    """
    now = to_micros(node.now())

    def job(tx: Transaction) -> list[Restriction]:
        name = SHELL if reader is None else reader.name
        found = [
            (held, entry)
            for held, entry in _restricted(tx, object_id)
            if reader is None or may_read(reader.scope, _summary(entry))
        ]
        if not found:
            raise NotFoundError("node.nothing-to-acknowledge", id=object_id)
        seen = tx.restrictions.readers([held.seq for held, _ in found])
        done: list[Restriction] = []
        for held, entry in found:
            if name in seen.get(held.seq, {}):
                continue
            tx.restrictions.acknowledge(held.seq, name, now)
            tx.listings.open_to(held.seq, name, now + AHEAD)
            done.append(_restriction(tx, held, entry))
        return done

    return node.write(job)


def acknowledged_by(node: Node, object_id: str) -> list[tuple[str, datetime]]:
    """Who has acknowledged the restriction of an object, and when: for an inspector."""

    def job(tx: Transaction) -> list[tuple[str, datetime]]:
        held = [each.seq for each, _ in _restricted(tx, object_id)]
        readers = tx.restrictions.readers(held).values()
        rows = [(name, at) for found in readers for name, at in found.items()]
        return [(name, from_micros(at)) for name, at in sorted(rows, key=lambda row: row[1])]

    return node.read(job)


def withheld_from(tx: Transaction, held: Sequence[Holding], name: str) -> dict[int, str]:
    """The restrictions, by holding, that this reader has not acknowledged yet."""
    found = tx.restrictions.restricting([each.seq for each in held])
    readers = tx.restrictions.readers(list(found))
    return {
        holding: _text(_entry(tx, holding, entry))
        for holding, entry in found.items()
        if name not in readers.get(holding, {})
    }


def _restricted(tx: Transaction, object_id: str) -> list[tuple[Holding, EntryRow]]:
    held = {each.seq: each for each in tx.holdings.versions(object_id)}
    found = tx.restrictions.restricting(list(held))
    return [(held[seq], _entry(tx, seq, entry)) for seq, entry in found.items()]


def _entry(tx: Transaction, holding: int, seq: int) -> EntryRow:
    return next(each for each in tx.entries.of_holding(holding) if each.seq == seq)


def _text(entry: EntryRow) -> str:
    return reread_envelope(entry.envelope).handling.restriction or "–"


def _summary(entry: EntryRow) -> HoldingSummary:
    """What need-to-know looks at, beside the restriction."""
    envelope = reread_envelope(entry.envelope)
    return HoldingSummary(
        tlp=stricter(envelope.handling.tlp, decode_summary(entry.summary).markings.tlp),
        agreement=entry.agreement,
        circle=envelope.group,
        named=envelope.handling.named,
    )


def _restriction(tx: Transaction, held: Holding, entry: EntryRow) -> Restriction:
    ledger = tx.ledgers.get(entry.ledger)
    return Restriction(
        object_id=held.object_id,
        version=held.version,
        type=held.type,
        author=ledger.member if ledger is not None else "",
        agreement=entry.agreement,
        issued=from_micros(entry.issued),
        text=_text(entry),
    )
