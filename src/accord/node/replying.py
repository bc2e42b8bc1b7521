"""Answering another's object, and taking over what another proposes for ours.

An answer is an object of our own, published like any other: under the agreement under which the
object came, for the same area and purpose, marked no looser. A correction is given back to the
member that gave the object, alone; that member publishes a new version, or does not.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import msgspec

from accord.base.clock import format_time
from accord.base.errors import InputError, NotFoundError
from accord.ledger.envelope import PARTIES, Envelope, reread_envelope
from accord.rules.answers import given_back
from accord.stix.markings import tlp_marking
from accord.stix.objects import StixObject
from accord.store.records import EntryRow, Holding
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .drafts import Draft, make_draft
from .node import Node
from .prepare import Order, check_all
from .publish import Publication, publish, publish_checked
from .summary import Summary, decode_summary, stricter, stricter_pap
from .tokens import Reader

_EVERYBODY = (PARTIES,)


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """Seen here: how often, and between which moments, where that is known."""

    count: int | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None


class Opinion(msgspec.Struct, frozen=True):
    """How far we agree, in the words of STIX: `strongly-agree` to `strongly-disagree`."""

    opinion: str
    explanation: str = ""


class Note(msgspec.Struct, frozen=True):
    """Something to add, in words."""

    content: str


Reply = Sighting | Opinion | Note


class Origin(msgspec.Struct, frozen=True):
    """An entry with its object: what is answered, or what a new version follows."""

    author: str
    entry: EntryRow
    envelope: Envelope
    summary: Summary
    held: Holding


def answer_object(
    node: Node, object_id: str, reply: Reply, order: Order, *, to_author: bool = False
) -> Publication:
    """Publish a sighting, an opinion or a note about an object that another member gave us.

    What `order` leaves open follows the entry in which the object came: agreement (""), area,
    purpose, levels, status, and who may read. Raises `NotFoundError`, `InputError` for an object
    of our own, and what `publish` raises.
    """
    source = node.read(lambda tx: received(tx, object_id, order.agreement))
    order = _as(order, source, _readers(node, source, to_author))
    fields = {**_fields(reply, object_id), **_stamped(node, order, type(reply).__name__.lower())}
    if isinstance(reply, Sighting):
        fields["where_sighted_refs"] = [node.member]
    return publish(node, [msgspec.json.encode(fields)], order)


def propose_correction(node: Node, object_id: str, raw: bytes, order: Order) -> Publication:
    """Give a changed version of another's object back to the member that gave it, and nobody else.

    Raises as `answer_object` does, and `InputError` for what is no newer version of that object.
    """
    source = node.read(lambda tx: received(tx, object_id, order.agreement))
    items, warnings = check_all(node, [raw])
    _check_version(items[0], source.held)
    order = _as(order, source, (source.author,))
    return publish_checked(node, items, order, warnings=warnings)


def accept_correction(node: Node, author: str, number: int, order: Order) -> Publication:
    """Publish what `author` proposes, at that place of its ledger, as our own new version.

    It goes where our newest version went, unless `order` says otherwise, marked no looser than the
    proposal. Raises `NotFoundError` for what is no correction, `InputError` for an object that is
    not ours or another status, and what `publish` raises.
    """
    raw, order = _our_version(node, author, number, order)
    return publish(node, [raw], order)


def draft_correction(node: Node, reader: Reader, author: str, number: int, order: Order) -> Draft:
    """The same new version, left as a draft of `reader`'s for a releaser to look at."""
    raw, order = _our_version(node, author, number, order)
    return make_draft(node, reader, [raw], order)


def _our_version(node: Node, author: str, number: int, order: Order) -> tuple[bytes, Order]:
    """What `author` proposes as a version of our own, and how it is to travel."""
    proposal, ours = node.read(lambda tx: _proposed(node, tx, author, number))
    if proposal.envelope.status != ours.envelope.status:
        raise InputError(
            "node.correction-status", found=proposal.envelope.status, own=ours.envelope.status
        )
    before = msgspec.json.decode(ours.held.body or b"{}")
    fields = msgspec.json.decode(proposal.held.body or b"{}")
    kept = {name: before[name] for name in ("created", "created_by_ref") if name in before}
    if "created_by_ref" not in before:
        fields.pop("created_by_ref", None)
    changed = {**fields, **kept, "modified": format_time(node.now())}
    audience = ours.envelope.audience if order.audience == _EVERYBODY else order.audience
    order = _stricter(_as(order, ours, audience), proposal)
    named = order.named or ours.envelope.handling.named
    codes = (*order.codes, *ours.envelope.handling.codes, *proposal.envelope.handling.codes)
    order = msgspec.structs.replace(
        order,
        named=named,
        codes=tuple(dict.fromkeys(codes)),
        evaluation=order.evaluation or ours.envelope.handling.evaluation,
    )
    return msgspec.json.encode(changed), order


def received(tx: Transaction, object_id: str, agreement: str) -> Origin:
    """The newest version that the member who gave us an object first has given of it."""
    first = tx.entries.received_first([object_id]).get(object_id)
    versions = tx.holdings.versions(object_id)
    if first is None:
        if versions:
            raise InputError("node.answer-own", id=object_id)
        raise NotFoundError("node.object-unknown", id=object_id)
    for held in versions:
        if held.ledger != first.ledger or held.body is None:
            continue
        for entry in reversed(tx.entries.of_holding(held.seq)):
            if entry.salt_o is not None and agreement in ("", entry.agreement):
                return _source(tx, entry, held)
    raise NotFoundError("node.answer-to-nothing", id=object_id)


def _proposed(node: Node, tx: Transaction, author: str, number: int) -> tuple[Origin, Origin]:
    """A correction that came, and our newest version of the object."""
    ledger = tx.ledgers.of_member(author)
    entry = tx.entries.get(ledger.id, number) if ledger is not None else None
    held = tx.holdings.get(entry.holding) if entry is not None else None
    if entry is None or held is None or held.body is None or ledger is None:
        raise NotFoundError("node.correction-unknown", number=number)
    proposal = _source(tx, entry, held)
    if ledger.id == OWN_LEDGER or not given_back(proposal.envelope, node.facts(tx)):
        raise NotFoundError("node.correction-unknown", number=number)
    if held.object_id not in tx.entries.received_first([held.object_id]):
        for each in tx.holdings.versions(held.object_id):
            carried = [row for row in tx.entries.of_holding(each.seq) if row.ledger == OWN_LEDGER]
            if each.ledger == OWN_LEDGER and each.body is not None and carried:
                return proposal, _source(tx, carried[-1], each)
    raise InputError("node.correction-not-ours", id=held.object_id)


def _source(tx: Transaction, entry: EntryRow, held: Holding) -> Origin:
    ledger = tx.ledgers.get(entry.ledger)
    author = ledger.member if ledger is not None else ""
    envelope, summary = reread_envelope(entry.envelope), decode_summary(entry.summary)
    return Origin(author, entry, envelope, summary, held)


def _as(order: Order, source: Origin, audience: tuple[str, ...]) -> Order:
    """The order, with what it leaves open as the entry has it."""
    envelope, handling = source.envelope, source.envelope.handling
    cited = envelope.agreement.id if envelope.agreement is not None else ""
    completed = msgspec.structs.replace(
        order,
        agreement=order.agreement or cited,
        area=order.area or handling.area,
        purpose=order.purpose or handling.purpose,
        incident=order.incident or handling.incident,
        restriction=order.restriction or handling.restriction,
        audience=audience,
        status=envelope.status if order.status == "actual" else order.status,
    )
    return _stricter(completed, source)


def _stricter(order: Order, source: Origin) -> Order:
    handling, own = source.envelope.handling, source.summary.markings
    return msgspec.structs.replace(
        order,
        tlp=stricter(order.tlp, stricter(handling.tlp, own.tlp)),
        pap=stricter_pap(order.pap, stricter_pap(handling.pap, own.pap)),
    )


def _readers(node: Node, source: Origin, to_author: bool) -> tuple[str, ...]:
    """The author, and those whom it addressed: nobody else is to learn that there is the object."""
    addressed = source.envelope.audience
    if to_author:
        return (source.author,)
    if PARTIES in addressed:
        return _EVERYBODY
    if source.envelope.group is not None:
        return addressed
    return tuple(sorted({*addressed, source.author} - {node.member}))


def _fields(reply: Reply, object_id: str) -> dict[str, Any]:
    if isinstance(reply, Sighting):
        moments = {"first_seen": reply.first_seen, "last_seen": reply.last_seen}
        seen: dict[str, Any] = {
            name: format_time(moment) for name, moment in moments.items() if moment is not None
        }
        if reply.count is not None:
            seen["count"] = reply.count
        return {**seen, "sighting_of_ref": object_id}
    said = {name: text for name, text in msgspec.structs.asdict(reply).items() if text}
    return {**said, "object_refs": [object_id]}


def _stamped(node: Node, order: Order, type_: str) -> dict[str, Any]:
    now = format_time(node.now())
    marked = {"object_marking_refs": [tlp_marking(order.tlp)]} if order.tlp is not None else {}
    return {
        "type": type_,
        "spec_version": "2.1",
        "id": f"{type_}--{uuid.uuid4()}",
        "created_by_ref": node.member,
        "created": now,
        "modified": now,
        **marked,
    }


def _check_version(item: StixObject, held: Holding) -> None:
    """A correction is a newer version of the very object, and leaves its author and creation be."""
    if item.id != held.object_id:
        raise InputError("node.correction-other", found=item.id, id=held.object_id)
    if item.instant <= held.version:
        raise InputError("node.correction-older", version=held.version or "–")
    before = msgspec.json.decode(held.body or b"{}")
    for name in ("created", "created_by_ref"):
        if item.fields.get(name) != before.get(name):
            raise InputError("node.correction-changes", field=name)
