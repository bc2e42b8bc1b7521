"""Publishing: validate, judge, append, grant. What could go to no one is refused beforehand.

A large set is appended in batches, so that an urgent entry never waits behind it. A crash between
batches leaves the earlier ones published; publishing the same set again does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from accord.base.errors import ConflictError, DeniedError, InputError
from accord.base.messages import Message
from accord.rules.facts import Facts
from accord.rules.preview import Row
from accord.stix.faults import Fault
from accord.stix.objects import StixObject
from accord.store.records import NewGrant, PeerRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .append import Appended, append, seal, version_of
from .audiences import refuse_idle
from .blocking import blocked
from .granting import confirmed_peers, grants_for, judge
from .listing import list_appended
from .node import Node
from .prepare import Order, Prepared, check_all, prepare
from .summary import item_of

Progress = Callable[[int], None]
Guard = Callable[[Transaction], None]


class Judged(msgspec.Struct, frozen=True):
    """A prepared set, and for each peer concerned a row for each object, in the same order."""

    prepared: tuple[Prepared, ...]
    rows: dict[str, tuple[Row, ...]]
    peers: dict[str, PeerRow]
    facts: Facts
    warnings: tuple[Fault, ...]


class Publication(msgspec.Struct, frozen=True):
    """How many were published, how many stood there already, and who gets how many."""

    published: int
    already: int
    granted: dict[str, int]
    warnings: tuple[Fault, ...]
    numbers: tuple[int, ...]  # places in our ledger


class NotReleasable(DeniedError):
    """Objects of the set that no one may be given, each with the reasons. Nothing was published."""

    def __init__(self, withheld: Sequence[tuple[str, tuple[Message, ...]]]) -> None:
        self.withheld = tuple(withheld)
        first_id, reasons = withheld[0]
        why = "; ".join(str(reason) for reason in reasons)
        super().__init__("node.not-releasable", count=len(withheld), id=first_id, why=why)


def preview_release(node: Node, raws: Sequence[bytes], order: Order) -> Judged:
    """Who would see what, and why; nothing is written.

    Raises `Rejected` for invalid objects and `NotFoundError` for an unknown agreement.
    """
    items, warnings = check_all(node, raws)
    now = node.now()
    facts = node.facts_now()
    return node.read(lambda tx: judge_set(node, tx, _distinct(items), order, facts, now, warnings))


def publish(
    node: Node, raws: Sequence[bytes], order: Order, progress: Progress = lambda done: None
) -> Publication:
    """Publish objects under an agreement. All of them are checked and judged before the first.

    Raises `Rejected`, `NotFoundError`, `NotReleasable`, `ConflictError` (a version already held
    with other content) or `MachineFault`.
    """
    items, warnings = check_all(node, raws)
    return publish_checked(node, items, order, progress, warnings)


def publish_checked(
    node: Node,
    items: Sequence[StixObject],
    order: Order,
    progress: Progress = lambda done: None,
    warnings: Sequence[Fault] = (),
    guard: Guard = lambda tx: None,
) -> Publication:
    """Publish objects that were checked at the door; everything else as `publish` does it.

    `guard` raises, in the transaction that appends a batch, when the batch may not go any more.
    """
    if not items:
        raise InputError("node.nothing-to-publish")
    now = node.now()
    judged, fresh = _judge_fresh(node, _distinct(items), order, now, warnings)
    refuse_withheld(judged)
    progress(len(items) - len(fresh))
    granted = dict.fromkeys(judged.rows, 0)
    numbers: list[int] = []
    batch = node.limits.append_batch
    for start in range(0, len(fresh), batch):
        places = fresh[start : start + batch]
        appended = _publish_batch(node, judged, places, order, now, granted, guard)
        numbers.extend(each.row.number for each in appended)
        progress(len(places))
    return Publication(
        published=len(numbers),
        already=len(items) - len(numbers),
        granted=granted,
        warnings=tuple(warnings),
        numbers=tuple(numbers),
    )


def refuse_withheld(judged: Judged) -> None:
    """Raise `NotReleasable` when an object of the set would reach nobody at all."""
    if withheld := withheld_of(judged):
        raise NotReleasable([(judged.prepared[at].item.id, why) for at, why in withheld.items()])


def withheld_of(judged: Judged) -> dict[int, tuple[Message, ...]]:
    """What nobody at all may be given: its place in `judged.prepared`, and the reasons."""
    withheld: dict[int, tuple[Message, ...]] = {}
    for place in range(len(judged.prepared)):
        rows = [rows[place] for rows in judged.rows.values()]
        if not any(row.released for row in rows):
            withheld[place] = tuple(dict.fromkeys(_why(rows)))
    return withheld


def _why(rows: Sequence[Row]) -> list[Message]:
    if not rows:
        return [InputError("node.no-recipients").message]
    found = [reason.message for row in rows for reason in row.verdict.reasons]
    return found + [f.message for row in rows for f in row.findings if f.blocks]


def _distinct(items: Sequence[StixObject]) -> list[StixObject]:
    """One of each object and version; `ConflictError` for two with different content."""
    known: dict[tuple[str, str], StixObject] = {}
    for item in items:
        first = known.setdefault((item.id, version_of(item)), item)
        if first.raw != item.raw:
            raise ConflictError("node.version-twice", id=item.id, version=item.version)
    return list(known.values())


def _judge_fresh(
    node: Node,
    items: Sequence[StixObject],
    order: Order,
    now: datetime,
    warnings: Sequence[Fault],
) -> tuple[Judged, list[int]]:
    """The judged set, and the places in it of what does not stand in our ledger yet."""
    facts = node.facts_now()

    def job(tx: Transaction) -> tuple[Judged, list[int]]:
        _refuse_other_content(tx, items)
        judged = judge_set(node, tx, items, order, facts, now, warnings)
        keys = [(each.item.id, version_of(each.item)) for each in judged.prepared]
        known = tx.entries.published_versions(order.agreement, keys, order.group)
        fresh = [place for place, key in enumerate(keys) if key not in known]
        refuse_idle(tx, [judged.prepared[place] for place in fresh], facts)
        return judged, fresh

    return node.read(job)


def _refuse_other_content(tx: Transaction, items: Sequence[StixObject]) -> None:
    """What was recalled, and a version held with other content, stop a set before it begins."""
    for barred in blocked(tx, items).values():
        raise ConflictError(barred.key, **barred.args)
    held = tx.holdings.hashes(OWN_LEDGER, [item.id for item in items])
    for item in items:
        known = held.get((item.id, version_of(item)))
        if known is not None and known != sha256(item.raw).digest():
            raise ConflictError("node.version-taken", id=item.id, version=item.version)


def judge_set(
    node: Node,
    tx: Transaction,
    items: Sequence[StixObject],
    order: Order,
    facts: Facts,
    now: datetime,
    warnings: Sequence[Fault] = (),
) -> Judged:
    """What each peer concerned would get of checked and distinct objects."""
    prepared = prepare(node, tx, items, order, facts, now)
    peers = _concerned(tx, prepared, facts, order)
    previewed = [item_of(each.envelope, each.summary) for each in prepared]
    rows = {member: judge(tx, previewed, peer, facts, now) for member, peer in peers.items()}
    return Judged(tuple(prepared), rows, peers, facts, tuple(warnings))


def _concerned(
    tx: Transaction, prepared: Sequence[Prepared], facts: Facts, order: Order
) -> dict[str, PeerRow]:
    """The peers to whom the set is addressed, or could be: parties and those named outright."""
    known = facts.agreements.get(order.agreement)
    parties = (
        {party for text in known.texts.values() for party in text.known}
        if known is not None
        else set()
    )
    wanted = parties | set(order.audience)
    every = {row.member: row for row in tx.peers.all() if row.state != "added"}
    return {member: row for member, row in every.items() if member in wanted}


def _unpublished(tx: Transaction, batch: Sequence[Prepared], order: Order) -> list[int]:
    """Which of a batch another publication has not put there meanwhile."""
    keys = [(each.item.id, version_of(each.item)) for each in batch]
    known = tx.entries.published_versions(order.agreement, keys, order.group)
    return [place for place, key in enumerate(keys) if key not in known]


def _publish_batch(
    node: Node,
    judged: Judged,
    places: Sequence[int],
    order: Order,
    now: datetime,
    granted: dict[str, int],
    guard: Guard,
) -> list[Appended]:
    """Append one batch with its grants."""
    batch = [judged.prepared[place] for place in places]
    sealed = [seal(each.envelope, each.item, each.summary) for each in batch]

    def job(tx: Transaction) -> tuple[list[Appended], dict[str, list[NewGrant]]]:
        guard(tx)
        fresh = _unpublished(tx, batch, order)
        appended = append(node, tx, [sealed[at] for at in fresh], now) if fresh else []
        list_appended(node, tx, appended, now)
        entries = [(each.row.seq, each.sealed.envelope) for each in appended]
        grants = {
            member: grants_for(judged.peers[member], [rows[at] for at in fresh], entries)
            for member, rows in _rows_now(node, tx, judged, places, now).items()
        }
        tx.grants.grant([each for found in grants.values() for each in found])
        return appended, grants

    appended, grants = node.write(job)
    for member, found in grants.items():
        granted[member] = granted.get(member, 0) + len(found)
    return appended


def _rows_now(
    node: Node, tx: Transaction, judged: Judged, places: Sequence[int], now: datetime
) -> dict[str, Sequence[Row]]:
    """For each peer the rows of a batch. Where facts came in meanwhile, it is judged anew."""
    facts = node.facts(tx)
    if facts.seq == judged.facts.seq:
        return {member: [rows[place] for place in places] for member, rows in judged.rows.items()}
    batch = [judged.prepared[place] for place in places]
    items = [item_of(each.envelope, each.summary) for each in batch]
    return {
        member: judge(tx, items, peer, facts, now)
        for member, peer in confirmed_peers(tx).items()
        if member in judged.peers
    }
