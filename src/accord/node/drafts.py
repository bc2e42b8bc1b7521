"""Drafts: what only a releaser may let go, kept here until one does.

A draft holds objects that the agreement would let pass once a second person stands by them: those
marked TLP:RED, which need names, those that describe a person, which need two people, a purpose and
a retention date, and what cannot go without them. It crosses no border and is in no ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from accord.base.clock import format_time, from_micros
from accord.base.errors import DeniedError, NotFoundError
from accord.base.messages import Message, say
from accord.ledger.envelope import PersonalData
from accord.rules.access import UNMARKED, may
from accord.rules.case import PAP_RANK, TLP_RANK
from accord.rules.terms import Terms
from accord.stix.objects import StixObject
from accord.store.records import DraftRow
from accord.store.transaction import Transaction

from .node import Node
from .prepare import Order, agreement_text, check_all
from .publish import Judged, Publication, judge_set, publish_checked, withheld_of
from .statuses import settle_pending
from .tokens import Reader

_encoder = msgspec.json.Encoder()
_order = msgspec.json.Decoder(Order)
_objects = msgspec.json.Decoder(list[msgspec.Raw])

SOURCE = "source:"  # how the author of a draft is called that came from a source; no token can be
_SOMEBODY = "?"  # stands for the releaser's choice where it is only asked what a releaser could do


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
    """A set of objects, by who may let them go: anyone who may publish, a releaser, or nobody."""

    order: Order
    going: tuple[StixObject, ...]
    waiting: tuple[StixObject, ...]
    reasons: tuple[Message, ...]  # why `waiting` does
    refused: tuple[tuple[StixObject, tuple[Message, ...]], ...]


def default_order(agreement: str, terms: Terms) -> Order:
    """The handling that a collection states for what is written into it.

    The agreement's first area and purpose; TLP for what has none: amber, or the ceiling where that
    is lower; the same for PAP where the agreement speaks of it.
    """
    tlp = min(UNMARKED, terms.tlp_ceiling, key=TLP_RANK.__getitem__)
    ceiling = terms.pap_ceiling
    return Order(
        agreement=agreement,
        unmarked_tlp=tlp,
        unmarked_pap=None if ceiling is None else min("amber", ceiling, key=PAP_RANK.__getitem__),
        area=terms.areas[0],
        purpose=terms.purposes[0],
    )


def sort_for_release(
    node: Node, reader: Reader, items: Sequence[StixObject], order: Order, terms: Terms
) -> Sorted:
    """Who may let these objects go. They are checked, distinct, and not published yet.

    A releaser could let go what the rule allows once a second person, names for TLP:RED, a purpose
    and a retention date are given; nothing else is theirs to give.
    """
    now, facts = node.now(), node.facts_now()
    with_releaser = _completed(node, order, terms, reader.name, _SOMEBODY, now)

    def job(tx: Transaction) -> tuple[Judged, Judged | None]:
        plain = judge_set(node, tx, items, order, facts, now)
        if not withheld_of(plain):
            return plain, None
        return plain, judge_set(node, tx, items, with_releaser, facts, now)

    plain, completed = node.read(job)
    withheld = withheld_of(plain)
    hopeless = withheld_of(completed) if completed is not None else {}
    places = enumerate(each.item for each in plain.prepared)
    going, waiting, refused = [], [], []
    for place, item in places:
        if place not in withheld:
            going.append(item)
        elif place not in hopeless:
            waiting.append(item)
        else:
            refused.append((item, hopeless[place]))
    reasons = [why for place, found in withheld.items() if place not in hopeless for why in found]
    return Sorted(
        order=order,
        going=tuple(going),
        waiting=tuple(waiting),
        reasons=tuple(dict.fromkeys(reasons)),
        refused=tuple(refused),
    )


def sort_source(
    node: Node, author: str, items: Sequence[StixObject], order: Order, terms: Terms
) -> Sorted:
    """The same of what a source gave: nothing goes by itself, a releaser is asked about all of it.

    A source is no person, so it is not one of the two who must stand by what describes a person.
    """
    now, facts = node.now(), node.facts_now()
    completed = _completed(node, order, terms, author, _SOMEBODY, now)
    judged = node.read(lambda tx: judge_set(node, tx, items, completed, facts, now))
    withheld = withheld_of(judged)
    prepared = [each.item for each in judged.prepared]
    return Sorted(
        order=order,
        going=(),
        waiting=tuple(item for place, item in enumerate(prepared) if place not in withheld),
        reasons=(say("node.draft-from-source", name=author.removeprefix(SOURCE)),),
        refused=tuple((prepared[place], why) for place, why in withheld.items()),
    )


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
    *,
    named: tuple[str, ...] = (),
    audience: tuple[str, ...] = (),
    purpose: str | None = None,
    retain_until: datetime | None = None,
) -> Publication:
    """Publish a draft. `approver` is a releaser and not its author; both stand in the envelope.

    `named` must be given for TLP:RED. What is left out follows the agreement: all other parties as
    `audience`, a purpose that its personal-data clause names, the longest retention it allows.
    Raises `NotFoundError`, also when another releaser decided first, `DeniedError`,
    `NotReleasable`, `ConflictError` or `MachineFault`. A crash after publishing leaves the draft;
    releasing it again only removes it.
    """
    found = show_draft(node, draft)
    _may_decide(approver, found, own=False)
    now = node.now()
    terms = agreement_text(node.facts_now(), found.agreement, now).proposal.terms
    order = found.order
    if purpose is not None:
        order = msgspec.structs.replace(order, purpose=purpose)
    order = _completed(node, order, terms, found.author, approver.name, now, purpose)
    order = msgspec.structs.replace(order, named=named, audience=audience or order.audience)
    if retain_until is not None and order.personal is not None:
        personal = msgspec.structs.replace(order.personal, retain_until=format_time(retain_until))
        order = msgspec.structs.replace(order, personal=personal)
    items, warnings = check_all(node, found.objects)
    publication = publish_checked(
        node, items, order, warnings=warnings, guard=lambda tx: _must_wait(tx, draft)
    )
    _decide(node, draft, released=True, message=say("node.draft-released", name=approver.name))
    return publication


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


def _may_decide(reader: Reader, draft: Draft, *, own: bool) -> None:
    if reader.scope.agreements is not None and draft.agreement not in reader.scope.agreements:
        raise NotFoundError("node.draft-unknown", draft=draft.id)
    if own and reader.name == draft.author:
        return
    if not may(reader.scope, "approve"):
        raise DeniedError("node.may-not-approve", name=reader.name)
    if reader.name == draft.author:
        raise DeniedError("node.draft-own", name=reader.name)


def _completed(
    node: Node,
    order: Order,
    terms: Terms,
    author: str,
    approver: str,
    now: datetime,
    purpose: str | None = None,
) -> Order:
    """The order with what a releaser adds, as far as the agreement itself can tell it."""
    clause = terms.personal_data
    personal: PersonalData | None = None
    if clause is not None and clause.allowed:
        until = format_time(now + timedelta(days=clause.max_days))
        people = (approver,) if author.startswith(SOURCE) else (author, approver)
        personal = PersonalData(retain_until=until, approvals=people)
        common = [each for each in terms.purposes if each in clause.purposes]
        if purpose is None and order.purpose not in common and common:
            order = msgspec.structs.replace(order, purpose=common[0])
    return msgspec.structs.replace(
        order,
        audience=tuple(party for party in terms.parties if party != node.member),
        named=(approver,),
        personal=personal,
    )


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
