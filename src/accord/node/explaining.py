"""Why an object did or did not reach a member, at any time: judged then, and on all known since.

Never content: an inspector may ask. Of each entry that carries the object the rule is asked twice,
with the facts that were known at that time and with those known today; beside it stands what the
record says, and what has been called back or has come to its end since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from accord.base.clock import from_micros, to_micros
from accord.base.errors import NotFoundError
from accord.base.messages import Message
from accord.ledger.envelope import reread_envelope
from accord.rules.facts import Facts, decode_fact, fold
from accord.rules.release import Verdict, release
from accord.store.records import EntryRow, Holding, TransferRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .granting import judge
from .node import Node
from .summary import decode_summary, entry_of, item_of
from .transfers import judged_as_of


class _Identified(msgspec.Struct):
    id: str


_identified = msgspec.json.Decoder(list[_Identified])


class Crossing(msgspec.Struct, frozen=True):
    """One line of the record between us and the member: when, and which way."""

    seq: int
    at: datetime
    direction: str


class EntryWhy(msgspec.Struct, frozen=True, kw_only=True):
    """One entry and one member. `then` null: the entry was not issued by that time; `now` is then
    as of its issue.

    `references` are what the objects it refers to add today; `recalled` is how it was called back,
    `ended` that its time is over; either keeps it from whoever does not have it yet.
    """

    version: str
    author: str
    origin: str
    index: int
    agreement: str | None
    issued: datetime
    then: Verdict | None
    now: Verdict
    references: tuple[Message, ...]
    crossings: tuple[Crossing, ...]
    recalled: str | None
    ended: bool


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of an object and a member, as of `at`.

    Without `entries` it was never given to anybody under any agreement; `waiting` are the reasons
    for which it waits in drafts.
    """

    object_id: str
    member: str
    at: datetime
    entries: tuple[EntryWhy, ...]
    waiting: tuple[Message, ...]


def explain(node: Node, object_id: str, member: str, at: datetime | None = None) -> Explanation:
    """Why `member` was or was not given an object, judged as of `at` (null: now).

    Raises `NotFoundError` for an object of which nothing is known, and for an unknown member.
    """
    now = node.now()
    moment = now if at is None else at

    def job(tx: Transaction) -> Explanation:
        if member != node.member and tx.peers.get(member) is None:
            raise NotFoundError("node.peer-unknown", member=member)
        held = tx.holdings.versions(object_id)
        waiting = _waiting(tx, object_id)
        if not held and not waiting:
            raise NotFoundError("node.object-unknown", id=object_id)
        facts = (_known_by(tx, moment), node.facts(tx))
        found = [
            _why(node, tx, version, entry, member, facts, moment)
            for version in held
            for entry in tx.entries.of_holding(version.seq)
        ]
        return Explanation(
            object_id=object_id,
            member=member,
            at=moment,
            entries=tuple(each for each in found if each.author != member),
            waiting=waiting,
        )

    return node.read(job)


def _known_by(tx: Transaction, moment: datetime) -> Facts:
    """The facts that this node had learnt by `moment`."""
    log = [decode_fact(raw) for raw in tx.facts.between(0)]
    return fold(fact for fact in log if fact.recorded_at <= moment)


def _why(
    node: Node,
    tx: Transaction,
    held: Holding,
    entry: EntryRow,
    member: str,
    facts: tuple[Facts, Facts],
    moment: datetime,
) -> EntryWhy:
    ledger = tx.ledgers.get(entry.ledger)
    case = entry_of(reread_envelope(entry.envelope), decode_summary(entry.summary))
    lines = _lines(node, tx, entry, member)
    then, now = facts
    issued = _judged_as_of(lines)
    clock = tx.clocks.of_entries([entry.seq]).get(entry.seq)
    return EntryWhy(
        version=held.version,
        author=ledger.member if ledger is not None else "",
        origin=ledger.origin if ledger is not None else "",
        index=entry.number,
        agreement=entry.agreement,
        issued=from_micros(entry.issued),
        then=release(case, member, then, moment, issued)
        if entry.issued <= to_micros(moment)
        else None,
        now=release(case, member, now, max(moment, from_micros(entry.issued)), issued),
        references=_references(tx, entry, member, now, moment),
        crossings=tuple(Crossing(seq, from_micros(row.at), row.direction) for seq, row in lines),
        recalled=tx.recalls.of_numbers(entry.ledger, [entry.number]).get(entry.number),
        ended=clock is not None and clock.state != "running",
    )


def _lines(
    node: Node, tx: Transaction, entry: EntryRow, member: str
) -> list[tuple[int, TransferRow]]:
    """What the record says of an entry and a member: our own went to it, others' came to us."""
    found = tx.transfers.of_entry(entry.ledger, entry.number)
    if member == node.member:
        return [(seq, row) for seq, row in found if row.direction != "out"]
    peer = tx.peers.get(member)
    return [(seq, row) for seq, row in found if peer is not None and row.peer == peer.id]


def _judged_as_of(lines: Sequence[tuple[int, TransferRow]]) -> datetime | None:
    """The witnessed time of issue of another's entry; null for the one its author stated."""
    for _, row in reversed(lines):
        if (moment := judged_as_of(row)) is not None:
            return moment
    return None


def _references(
    tx: Transaction, entry: EntryRow, member: str, facts: Facts, moment: datetime
) -> tuple[Message, ...]:
    """What would keep one of our own back although the rule lets it go: what it refers to."""
    peer = tx.peers.get(member)
    if entry.ledger != OWN_LEDGER or peer is None:
        return ()
    item = item_of(reread_envelope(entry.envelope), decode_summary(entry.summary))
    (row,) = judge(tx, [item], peer, facts, moment)
    return tuple(finding.message for finding in row.findings)


def _waiting(tx: Transaction, object_id: str) -> tuple[Message, ...]:
    """Why the object waits in drafts, where it does."""
    drafts = [draft for draft in tx.drafts.all() if object_id in _ids(draft.body)]
    return tuple(dict.fromkeys(why for draft in drafts for why in draft.reasons))


def _ids(body: bytes) -> set[str]:
    return {each.id for each in _identified.decode(body)}
