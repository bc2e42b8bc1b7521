"""Who has one of our entries, who could fetch it, who may not have it, and why.

The record of transfers says who took it and when; what is granted waits for its peer; for all
others the release rule is asked now.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from accord.base.clock import from_micros
from accord.base.messages import Message, say
from accord.ledger.envelope import reread_envelope
from accord.rules.release import ReleaseRule
from accord.store.records import EntryRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .dossier import Version
from .granting import confirmed_peers
from .node import Node
from .summary import decode_summary, entry_of

Having = Literal["taken", "granted", "withheld"]


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """One member and one of our entries. `line`: of the record of transfers, where it is there."""

    member: str
    state: Having
    at: datetime | None = None
    line: int | None = None
    reasons: tuple[Message, ...] = ()


class Crossing(msgspec.Struct, frozen=True):
    """How another's entry came: from whom, when, and the line of the record."""

    peer: str
    at: datetime
    direction: str
    line: int


class Given(msgspec.Struct, frozen=True):
    """One entry of a version, and who has it: `recipients` of our own, `crossings` of another's."""

    origin: str
    index: int
    recipients: tuple[Recipient, ...]
    crossings: tuple[Crossing, ...]


def given_to(node: Node, version: Version) -> list[Given]:
    """For each entry of a version that a reader may see (`node.dossier`), who has it."""

    def job(tx: Transaction) -> list[Given]:
        rows = tx.erasure.of_seqs([entry.seq for entry in version.entries])
        names = {peer.id: peer.member for peer in tx.peers.all()}
        return [_given(node, tx, row, names) for row in rows]

    return node.read(job)


def _given(node: Node, tx: Transaction, row: EntryRow, names: dict[int, str]) -> Given:
    lines = tx.transfers.of_entry(row.ledger, row.number)
    ledger = tx.ledgers.get(row.ledger)
    origin = ledger.origin if ledger is not None else ""
    if row.ledger != OWN_LEDGER:
        crossings = [
            Crossing(names.get(line.peer, ""), from_micros(line.at), line.direction, seq)
            for seq, line in lines
        ]
        return Given(origin, row.number, (), tuple(crossings))
    taken = {
        names.get(line.peer, ""): (seq, from_micros(line.at))
        for seq, line in reversed(lines)
        if line.direction == "out"
    }
    found = [
        Recipient(member=member, state="taken", at=at, line=seq)
        for member, (seq, at) in sorted(taken.items(), key=lambda item: item[1])
    ]
    found += _others(node, tx, row, set(taken))
    return Given(origin, row.number, tuple(found), ())


def _others(node: Node, tx: Transaction, row: EntryRow, had: set[str]) -> list[Recipient]:
    """Every other peer: granted, or withheld with the reasons of today."""
    facts = node.facts(tx)
    envelope = reread_envelope(row.envelope)
    judgement = ReleaseRule(facts, node.now()).judge(
        entry_of(envelope, decode_summary(row.summary))
    )
    granted = tx.grants.holders(row.seq)
    found: list[Recipient] = []
    for member, peer in sorted(confirmed_peers(tx).items(), key=lambda item: item[1].name):
        if member in had:
            continue
        if peer.id in granted:
            found.append(Recipient(member=member, state="granted"))
            continue
        reasons = tuple(reason.message for reason in judgement.to(member).reasons)
        if row.salt_o is None:
            reasons = (say("node.content-gone"), *reasons)
        found.append(Recipient(member=member, state="withheld", reasons=reasons))
    return found
