"""Drafts: what only a releaser may let go, kept here until one does.

A draft holds objects that the agreement would let pass once a second person stands by them, or
once somebody says what it asks for: TLP:RED, descriptions of persons, what has codes of evidential
use, an incident to be declared, a grade, a review of neutrality, and what cannot go without them.
Whoever may draft can also ask for it. It crosses no border and is in no ledger.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import msgspec

from accord.base.clock import from_micros, to_micros
from accord.base.errors import DeniedError, NotFoundError
from accord.base.messages import Message, say
from accord.rules.access import Scope, may, reaches
from accord.stix.objects import StixObject
from accord.store.records import DraftRow
from accord.store.transaction import Transaction

from .accounts import person_of
from .completing import ANOTHER, SOMEBODY, Addition, anything, completed, default_order
from .node import Node
from .prepare import Order, agreement_text, check_all
from .publish import (
    Judged,
    NotReleasable,
    Publication,
    judge_set,
    preview_release,
    publish_checked,
    withheld_of,
)
from .statuses import settle_pending
from .tokens import Reader

__all__ = ["SOURCE", "Addition", "Draft", "Sorted", "default_order"]

_encoder = msgspec.json.Encoder()
_order = msgspec.json.Decoder(Order)
_objects = msgspec.json.Decoder(list[msgspec.Raw])

SOURCE = "source:"  # how the author of a draft is called that came from a source; no token can be


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft as it is shown: whose, why it waits, how it is to travel, and the objects."""

    id: str
    agreement: str
    author: str
    created: datetime
    reasons: tuple[Message, ...]
    order: Order
    objects: tuple[bytes, ...]


class Sorted(msgspec.Struct, frozen=True, kw_only=True):
    """A set of objects, by who may let them go: anyone who may publish, a releaser, or nobody.

    `needed` says, for each of `waiting`, why it does; `reasons` all of it, each once.
    """

    order: Order
    going: tuple[StixObject, ...]
    waiting: tuple[StixObject, ...]
    needed: tuple[tuple[Message, ...], ...]
    refused: tuple[tuple[StixObject, tuple[Message, ...]], ...]

    @property
    def reasons(self) -> tuple[Message, ...]:
        return tuple(dict.fromkeys(why for found in self.needed for why in found))


def sort_for_release(
    node: Node, reader: Reader, items: Sequence[StixObject], order: Order
) -> Sorted:
    """Who may let these objects go. They are checked, distinct, and not published yet.

    A releaser could let go what the rule allows once a second person stands by it and says what
    the agreement asks for; nothing else is theirs to give.
    """
    now, facts = node.now(), node.facts_now()
    text = agreement_text(facts, order.agreement, now)
    most = anything(order, text.proposal.terms)
    with_releaser = completed(node.member, order, text, (reader.name, SOMEBODY), most, now)

    def job(tx: Transaction) -> tuple[Judged, Judged | None]:
        plain = judge_set(node, tx, items, order, facts, now)
        if not withheld_of(plain):
            return plain, None
        return plain, judge_set(node, tx, items, with_releaser, facts, now)

    plain, full = node.read(job)
    withheld = withheld_of(plain)
    hopeless = withheld_of(full) if full is not None else {}
    places = [each.item for each in plain.prepared]
    waiting = [place for place in withheld if place not in hopeless]
    return Sorted(
        order=order,
        going=tuple(item for place, item in enumerate(places) if place not in withheld),
        waiting=tuple(places[place] for place in waiting),
        needed=tuple(withheld[place] for place in waiting),
        refused=tuple((places[place], hopeless[place]) for place in withheld if place in hopeless),
    )


def sort_source(node: Node, author: str, items: Sequence[StixObject], order: Order) -> Sorted:
    """The same of what a source gave: nothing goes by itself, a releaser is asked about all of it.

    A source is no person, so it is not one of the two who must stand by what needs two.
    """
    now, facts = node.now(), node.facts_now()
    text = agreement_text(facts, order.agreement, now)
    most = anything(order, text.proposal.terms)
    full = completed(node.member, order, text, (SOMEBODY, ANOTHER), most, now)
    judged = node.read(lambda tx: judge_set(node, tx, items, full, facts, now))
    withheld = withheld_of(judged)
    prepared = [each.item for each in judged.prepared]
    waiting = [item for place, item in enumerate(prepared) if place not in withheld]
    why = (say("node.draft-from-source", name=author.removeprefix(SOURCE)),)
    return Sorted(
        order=order,
        going=(),
        waiting=tuple(waiting),
        needed=(why,) * len(waiting),
        refused=tuple((prepared[place], why) for place, why in withheld.items()),
    )


def make_draft(node: Node, reader: Reader, raws: Sequence[bytes], order: Order) -> Draft:
    """Hand a set to the releasers, whether or not it could go without one.

    Raises `DeniedError`, `Rejected`, `NotFoundError`, or `NotReleasable` for what no releaser could
    let go; then nothing was kept.
    """
    if not may(reader.scope, "draft") or not reaches(reader.scope, order.group or order.agreement):
        raise DeniedError("node.may-not-draft", name=reader.name)
    items, _ = check_all(node, raws)
    found = sort_for_release(node, reader, items, order)
    if found.refused:
        raise NotReleasable([(item.id, why) for item, why in found.refused])
    asked = (say("node.draft-asked", name=reader.name),)
    every = msgspec.structs.replace(
        found,
        going=(),
        waiting=(*found.going, *found.waiting),
        needed=(*(asked for _ in found.going), *found.needed),
    )
    row = draft_row(str(uuid.uuid4()), reader.name, every, to_micros(node.now()))
    node.write(lambda tx: tx.drafts.put(row))
    return _draft(row)


def draft_row(draft: str, author: str, found: Sorted, created: int) -> DraftRow:
    """What waits of a sorted set, as it is kept."""
    return DraftRow(
        id=draft,
        agreement=found.order.agreement,
        author=author,
        created=created,
        reasons=found.reasons,
        handling=_encoder.encode(found.order),
        body=b"[" + b",".join(item.raw for item in found.waiting) + b"]",
    )


def list_drafts(node: Node) -> list[Draft]:
    """Every draft that waits, oldest first."""
    return [_draft(row) for row in node.read(lambda tx: tx.drafts.all())]


def show_draft(node: Node, draft: str) -> Draft:
    """One draft. Raises `NotFoundError`."""
    row = node.read(lambda tx: tx.drafts.get(draft))
    if row is None:
        raise NotFoundError("node.draft-unknown", draft=draft[:80])
    return _draft(row)


def release_draft(
    node: Node,
    draft: str,
    approver: Reader,
    added: Addition = Addition(),  # noqa: B008 a frozen value
    *,
    second: Reader | None = None,
) -> Publication:
    """Publish a draft. `approver` is a releaser and not its author; both stand in the envelope.

    `added` must name persons for TLP:RED, and say what else the agreement asks for; `second`, a
    further releaser, stands by what came from a source and needs two. Raises `NotFoundError`, also
    when another releaser decided first, `DeniedError`, `NotReleasable`, `ConflictError` or
    `MachineFault`. A crash after publishing leaves the draft; releasing it again only removes it.
    """
    found = show_draft(node, draft)
    deciders = [each for each in (approver, second) if each is not None]
    for each in deciders:
        _may_decide(each, found, own=False)
    _check_people(node, found, deciders)
    order = _order_with(node, found, [each.name for each in deciders], added)
    items, warnings = check_all(node, found.objects)
    publication = publish_checked(
        node, items, order, warnings=warnings, guard=lambda tx: _must_wait(tx, draft)
    )
    _decide(node, draft, released=True, message=say("node.draft-released", name=approver.name))
    return publication


def preview_draft(
    node: Node,
    draft: Draft,
    approver: Reader,
    added: Addition = Addition(),  # noqa: B008 a frozen value
) -> Judged:
    """Who would see a draft once `approver` stands by it; nothing is written.

    One that came from a source is shown as with a second releaser. Raises `NotFoundError`.
    """
    people = [approver.name, SOMEBODY] if draft.author.startswith(SOURCE) else [approver.name]
    return preview_release(node, draft.objects, _order_with(node, draft, people, added))


def _order_with(node: Node, draft: Draft, deciders: Sequence[str], added: Addition) -> Order:
    """How a draft would travel with these releasers beside its author; a source is no person."""
    now = node.now()
    text = agreement_text(node.facts_now(), draft.agreement, now)
    author = [] if draft.author.startswith(SOURCE) else [draft.author]
    return completed(node.member, draft.order, text, [*author, *deciders], added, now)


def discard_draft(node: Node, draft: str, reader: Reader) -> None:
    """Drop a draft: its author may, and any releaser. Raises `NotFoundError` or `DeniedError`."""
    _may_decide(reader, show_draft(node, draft), own=True)
    _decide(node, draft, released=False, message=say("node.draft-discarded", name=reader.name))


def _decide(node: Node, draft: str, *, released: bool, message: Message) -> None:
    def job(tx: Transaction) -> None:
        _must_wait(tx, draft)  # compared and swapped: of two who decide at once, one has decided
        settle_pending(tx, draft, released=released, message=str(message))
        tx.drafts.remove(draft)

    node.write(job)


def _must_wait(tx: Transaction, draft: str) -> None:
    if not tx.drafts.waits(draft):
        raise NotFoundError("node.draft-unknown", draft=draft[:80])


def within(scope: Scope, draft: Draft) -> bool:
    """Whether a draft is under an agreement, or for a working group, that the scope reaches."""
    return reaches(scope, draft.order.group or draft.agreement)


def _may_decide(reader: Reader, draft: Draft, *, own: bool) -> None:
    if not within(reader.scope, draft):
        raise NotFoundError("node.draft-unknown", draft=draft.id)
    if own and reader.name == draft.author:
        return
    if not may(reader.scope, "approve"):
        raise DeniedError("node.may-not-approve", name=reader.name)


def _check_people(node: Node, draft: Draft, deciders: Sequence[Reader]) -> None:
    """Nobody stands twice by a draft: a token and the account that owns it are one person."""
    seen = {node.read(lambda tx: person_of(tx, draft.author))}
    for reader in deciders:
        if reader.person in seen:
            raise DeniedError("node.draft-own", name=reader.name)
        seen.add(reader.person)


def _draft(row: DraftRow) -> Draft:
    return Draft(
        id=row.id,
        agreement=row.agreement,
        author=row.author,
        created=from_micros(row.created),
        reasons=row.reasons,
        order=_order.decode(row.handling),
        objects=tuple(bytes(raw) for raw in _objects.decode(row.body)),
    )
