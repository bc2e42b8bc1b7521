"""From raw objects to entries that could be published: checked, marked and addressed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from accord.base.clock import format_time
from accord.base.errors import InputError, NotFoundError
from accord.ledger.envelope import (
    GROUP_VERSION,
    NO_HANDLING,
    PARTIES,
    VERSION,
    AgreementRef,
    Envelope,
    Evaluation,
    Handling,
    ObjectRef,
    Pap,
    PersonalData,
    Review,
    Status,
    Tlp,
)
from accord.rules.approval import level_for_two
from accord.rules.community.circles import is_group
from accord.rules.facts import Facts
from accord.rules.standing import TextFacts, standing
from accord.stix.faults import Fault, InvalidObject
from accord.stix.markings import Markings
from accord.stix.objects import StixObject
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .node import Node
from .passing import permissions_on, permitted, sources_of
from .summary import Summary, flagged, marking_reader, stricter, stricter_pap, summarise

_FIRST = {"marking-definition": 0, "extension-definition": 1, "identity": 2}


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """How a set is to be published. What is null follows the objects or the agreement.

    `unmarked_tlp` and `unmarked_pap` are for the objects that say nothing themselves; `named` is
    for TLP:RED and `personal` for descriptions of persons, whichever objects of the set are such;
    `approvals` are the two who stand by what one may not let go alone.
    """

    agreement: str
    tlp: Tlp | None = None
    pap: Pap | None = None
    unmarked_tlp: Tlp | None = None
    unmarked_pap: Pap | None = None
    area: str | None = None
    purpose: str | None = None
    audience: tuple[str, ...] = (PARTIES,)
    named: tuple[str, ...] = ()
    personal: PersonalData | None = None
    urgent: bool = False
    status: Status = "actual"
    expires: datetime | None = None
    incident: str | None = None
    codes: tuple[str, ...] = ()
    restriction: str | None = None
    evaluation: Evaluation | None = None
    review: Review | None = None
    approvals: tuple[str, ...] = ()

    @property
    def group(self) -> str | None:
        """The working group that it is for; null where it is for parties or members by name."""
        return next(filter(is_group, self.audience), None)


class Prepared(msgspec.Struct, frozen=True):
    """One object with the envelope it would travel in."""

    item: StixObject
    envelope: Envelope
    summary: Summary


class Rejected(InputError):
    """Some objects are not valid STIX 2.1; `faults` says which and why. Nothing was done."""

    def __init__(self, faults: Sequence[Fault], objects: int) -> None:
        self.faults = tuple(faults)
        super().__init__("node.objects-invalid", count=objects, first=str(faults[0].message))


def check_all(node: Node, raws: Sequence[bytes]) -> tuple[list[StixObject], list[Fault]]:
    """Check every object; all faults at once, so that a person mends a file in one go.

    Returns the objects and the warnings. Raises `Rejected`.
    """
    items: list[StixObject] = []
    warnings: list[Fault] = []
    faults: list[Fault] = []
    bad = 0
    for raw in raws:
        try:
            checked = node.checker.check(raw)
        except InvalidObject as error:
            faults.extend(error.faults)
            bad += 1
        else:
            items.append(checked.object)
            warnings.extend(checked.warnings)
    if faults:
        raise Rejected(faults, bad)
    return items, warnings


def agreement_text(facts: Facts, agreement: str, now: datetime) -> TextFacts:
    """The text of an agreement that is in force, else the only one, to be judged by the rule.

    Raises `NotFoundError` when no such agreement is known.
    """
    known = facts.agreements.get(agreement)
    if known is None or not known.texts:
        raise NotFoundError("node.agreement-unknown", agreement=agreement)
    for sha256, text in known.texts.items():
        found = standing(known, sha256, now)
        if found is not None and found.state == "in-force":
            return text
    return next(reversed(known.texts.values()))


def prepare(
    node: Node,
    tx: Transaction,
    items: Sequence[StixObject],
    order: Order,
    facts: Facts,
    now: datetime,
) -> list[Prepared]:
    """Give each object its envelope; definitions and identities first: others refer to them."""
    text = agreement_text(facts, order.agreement, now)
    given = {item.id: item for item in items if item.type == "marking-definition"}
    markings = marking_reader(tx, (OWN_LEDGER,), given)
    sources = sources_of(tx, items)
    bare = _addressed(_envelope(node, order, text, now), order, facts)
    permissions = permissions_on(facts, now)
    handlings: dict[tuple[Markings, bool, Envelope | None], Handling] = {}
    prepared: list[Prepared] = []
    for item in sorted(items, key=lambda item: _FIRST.get(item.type, 3)):
        source = sources.get(item.id)
        summary = summarise(item, markings)
        if source is not None:
            summary = msgspec.structs.replace(summary, source=source.envelope)
        alike = (summary.markings, bool(summary.person_triggers), summary.source)
        if alike not in handlings:
            handlings[alike] = _handling(order, summary, text)
        envelope = msgspec.structs.replace(
            bare,
            object=ObjectRef(id=item.id, type=item.type, modified=item.version or None),
            handling=handlings[alike],
            source=None if source is None else source.entry,
        )
        envelope = permitted(envelope, permissions)
        prepared.append(Prepared(item, envelope, flagged(summary, item, envelope, facts)))
    return prepared


def _handling(order: Order, summary: Summary, text: TextFacts) -> Handling:
    """What the publisher says, never looser than the object itself; the agreement's only choice."""
    terms = text.proposal.terms
    tlp = stricter(order.tlp, summary.markings.tlp) or order.unmarked_tlp
    received = summary.source.handling if summary.source is not None else None
    handling = msgspec.structs.replace(
        NO_HANDLING,
        tlp=tlp,
        pap=stricter_pap(order.pap, summary.markings.pap) or order.unmarked_pap,
        area=order.area or (terms.areas[0] if len(terms.areas) == 1 else None),
        purpose=order.purpose or (terms.purposes[0] if len(terms.purposes) == 1 else None),
        named=order.named if tlp == "red" else (),
        personal=order.personal if summary.person_triggers else None,
        incident=order.incident,
        review=order.review,
        # What is passed on keeps the codes, the restriction and the grades that its source gave.
        codes=tuple(dict.fromkeys((*(received.codes if received else ()), *order.codes))),
        restriction=(received.restriction if received else None) or order.restriction,
        evaluation=(received.evaluation if received else None) or order.evaluation,
    )
    if level_for_two(tlp, handling, terms) is None:
        return handling
    return msgspec.structs.replace(handling, approvals=order.approvals)


def _addressed(envelope: Envelope, order: Order, facts: Facts) -> Envelope:
    """The envelope, at the group's state of now where it is for a group."""
    if order.group is None:
        return envelope
    circle = facts.groups.get(order.group)
    if circle is None:
        raise NotFoundError("node.group-unknown", group=order.group)
    if circle.agreement != order.agreement or order.audience != (order.group,):
        raise InputError("node.group-agreement", agreement=circle.agreement)
    return msgspec.structs.replace(envelope, accord=GROUP_VERSION, roster=circle.state)


def _envelope(node: Node, order: Order, text: TextFacts, now: datetime) -> Envelope:
    """What the envelopes of one publication have in common."""
    return Envelope(
        accord=VERSION,
        origin=node.origin,
        author=node.member,
        kind="object",
        agreement=AgreementRef(id=order.agreement, sha256=text.sha256),
        audience=order.audience,
        handling=NO_HANDLING,
        urgency="urgent" if order.urgent else "routine",
        status=order.status,
        operation=None,
        object=ObjectRef(id="", type="", modified=None),
        source=None,
        supersedes=None,
        issued=format_time(now),
        expires=None if order.expires is None else format_time(order.expires),
    )
