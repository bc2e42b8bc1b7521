"""Agreements: propose, sign, withdraw, and how each of them stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

import msgspec

from accord.base.clock import format_time
from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.ledger.envelope import AgreementRef
from accord.rules.acts import ObjectionSubject
from accord.rules.agreement_file import agreement_from_toml
from accord.rules.facts import Facts, why_void
from accord.rules.fields import Refused, as_input_error
from accord.rules.reserving import Reservation, check_reservation
from accord.rules.standing import AgreementFacts, Standing, TextFacts, standing
from accord.rules.statements import what_of
from accord.rules.terms import Terms, terms_of
from accord.rules.void import dropped_by, may_act, may_leave
from accord.stix.extension import AGREEMENT, OBJECTION, SIGNATURE, WITHDRAWAL
from accord.stix.objects import StixObject
from accord.store.transaction import Transaction

from .control import own_envelope, own_object, state
from .granting import settle_grants
from .listing import collection_uuid
from .node import Node


class AgreementView(msgspec.Struct, frozen=True, kw_only=True):
    """One text of an agreement, as a person or tool is shown it."""

    id: str
    sha256: str
    collection: str
    proposer: str
    terms: Terms
    standing: Standing


def propose(node: Node, text: str) -> AgreementView:
    """Propose the agreement in a TOML file to the parties it names.

    Raises `InputError` that names line and field, or the party that is no confirmed peer; and where
    its time is over already.
    """
    fields = agreement_from_toml(text)
    now = node.now()
    _check_parties(node, fields)
    if "amends" in fields:
        raise InputError("node.amendment-of-what")
    item = own_object(node, AGREEMENT, fields, now)
    terms = terms_of(item.fields)
    _refuse_over(terms, now)
    _propose(node, item, terms, now)
    return show(node, item.id)[0]


def amend(node: Node, agreement: str, text: str) -> AgreementView:
    """Propose an amendment: a TOML file that is to take the place of the text in force.

    Raises `InputError` as `propose` does, `NotFoundError`, or `ConflictError` when no text of the
    agreement is in force, or another one than the file names under `amends`.
    """
    fields = agreement_from_toml(text)
    now = node.now()
    _check_parties(node, fields)
    known = node.facts_now().agreements.get(agreement)
    if known is None:
        raise NotFoundError("node.agreement-unknown", agreement=agreement)
    base = known.in_force(now)
    if base is None or fields.setdefault("amends", base.sha256) != base.sha256:
        raise ConflictError("node.amends-not-in-force", agreement=agreement)
    created = format_time(next(iter(known.texts.values())).proposal.at)
    item = own_object(node, AGREEMENT, fields, now, (agreement, created))
    terms = terms_of(item.fields)
    _refuse_over(terms, now)
    dropped = dropped_by(known, base, terms.circle)
    if dropped:
        raise InputError("rules.void-drops-party", agreement=agreement, member=dropped[0])
    digest = _propose(node, item, terms, now)
    settle_grants(node)  # whom only the amendment names is given the acts about the texts before
    return _view_of(node, agreement, digest)


def _refuse_over(terms: Terms, now: datetime) -> None:
    """What has ended binds nobody, whoever signs it. Raises `InputError`."""
    if terms.valid_until is not None and terms.valid_until <= now:
        raise InputError("node.agreement-over", until=format_time(terms.valid_until))


def _propose(node: Node, item: StixObject, terms: Terms, now: datetime) -> str:
    digest = sha256(item.raw).hexdigest()

    def job(tx: Transaction) -> None:
        ref = AgreementRef(id=item.id, sha256=digest)
        state(
            node,
            tx,
            "proposal",
            item,
            audience=terms.circle,
            agreement=ref,
            now=now,
            parties=terms.parties,
        )

    node.write(job)
    return digest


def sign(
    node: Node,
    agreement: str,
    *,
    sha256: str | None,
    person: str,
    office: str,
    reservation: Reservation | None = None,
) -> AgreementView:
    """Sign a text of an agreement, by its hash (null: the only one not signed here yet).

    The signature of a member that the text names under `accession` is its accession, and that of
    one that the council admitted is its accession to the charter. Raises `InputError` for a
    reservation that widens a term or narrows one that is not open to them.
    """
    now = node.now()

    def job(tx: Transaction) -> None:
        facts = node.facts(tx)
        text = _text(facts, agreement, sha256, unsigned_by=node.member)
        if not may_act(facts.agreements[agreement], text, node.member):
            raise DeniedError("node.not-a-party", agreement=agreement)
        if node.member in text.signatures:
            raise ConflictError("node.signed-before", agreement=agreement)
        fields: dict[str, Any] = {
            "agreement_ref": agreement,
            "agreement_sha256": text.sha256,
            "person": person,
            "office": office,
        }
        if reservation is not None:
            _check_reservation(reservation, text.proposal.terms)
            fields["reservation"] = msgspec.json.decode(msgspec.json.encode(reservation))
        _answer(node, tx, "signature", SIGNATURE, agreement, text, fields, now)

    node.write(job)
    settle_grants(node)
    return _view_of(node, agreement, sha256)


def _check_reservation(reservation: Reservation, terms: Terms) -> None:
    try:
        check_reservation(reservation, terms)
    except Refused as refused:
        raise as_input_error(refused) from None


def object_to(
    node: Node,
    agreement: str,
    *,
    about: ObjectionSubject,
    member: str | None,
    reason: str,
    precludes: bool = False,
    sha256: str | None = None,
) -> AgreementView:
    """Object to a member's reservation or accession, or (member null) to the next renewal."""
    now = node.now()

    def job(tx: Transaction) -> None:
        facts = node.facts(tx)
        text = _text(facts, agreement, sha256)
        fields: dict[str, Any] = {
            "agreement_ref": agreement,
            "agreement_sha256": text.sha256,
            "about": about,
            "reason": reason,
        }
        if member is not None:
            fields |= {"member_ref": member, "precludes": precludes}
        item = own_object(node, OBJECTION, fields, now)
        _refuse_void(node, facts, agreement, text, item, now, "objection")
        _state_to_circle(node, tx, "objection", agreement, text, item, now)

    node.write(job)
    return _view_of(node, agreement, sha256)


def _refuse_void(
    node: Node,
    facts: Facts,
    agreement: str,
    text: TextFacts,
    item: StixObject,
    now: datetime,
    kind: str,
) -> None:
    """What would count for nothing is refused before it is written."""
    ref = AgreementRef(id=agreement, sha256=text.sha256)
    audience = tuple(sorted(text.circle | {node.member}))
    what = what_of(
        own_envelope(node, kind, item, audience, ref, now),
        item.fields,
        sha256(item.raw).hexdigest(),
    )
    void = why_void(facts, what) if what is not None else None
    if void is not None:
        raise InputError(void.key, **void.args)


def withdraw(node: Node, agreement: str, *, reason: str) -> AgreementView:
    """Leave an agreement. What was received under it stays bound by it."""
    now = node.now()

    def job(tx: Transaction) -> None:
        facts = node.facts(tx)
        text = _text(facts, agreement, None)
        if not may_leave(facts.agreements[agreement], text, node.member):
            raise DeniedError("node.not-a-party", agreement=agreement)
        if node.member in facts.agreements[agreement].withdrawals:
            raise ConflictError("node.withdrawn-before", agreement=agreement)
        fields = {"agreement_ref": agreement, "reason": reason}
        _answer(node, tx, "withdrawal", WITHDRAWAL, agreement, text, fields, now)

    node.write(job)
    settle_grants(node)
    return _view_of(node, agreement, None)


def take_back(
    node: Node,
    agreement: str,
    *,
    part: Literal["reservation", "objection"],
    reason: str,
    about: ObjectionSubject | None = None,
    member: str | None = None,
    sha256: str | None = None,
) -> AgreementView:
    """Take our reservation, or one of our objections, back alone: the signature stands.

    `about` and `member` say which objection. Raises `InputError` when nothing of it stands.
    """
    now = node.now()

    def job(tx: Transaction) -> None:
        facts = node.facts(tx)
        text = _text(facts, agreement, sha256)
        said = {"part": part, "about": about, "member_ref": member}
        fields: dict[str, Any] = {"agreement_ref": agreement, "reason": reason}
        fields |= {name: value for name, value in said.items() if value is not None}
        item = own_object(node, WITHDRAWAL, fields, now)
        _refuse_void(node, facts, agreement, text, item, now, "withdrawal")
        _state_to_circle(node, tx, "withdrawal", agreement, text, item, now)

    node.write(job)
    settle_grants(node)
    return _view_of(node, agreement, sha256)


def list_agreements(node: Node) -> list[AgreementView]:
    """Every text of every agreement known here, in the order they became known."""
    facts, now = node.facts_now(), node.now()
    return [view for known in facts.agreements.values() for view in _views(node, known, now)]


def to_sign(node: Node) -> list[AgreementView]:
    """The texts that wait for our signature."""
    now, me = node.now(), node.member
    return [
        view
        for known in node.facts_now().agreements.values()
        if not all(me in each.signatures for each in known.texts.values())
        for view in _views(node, known, now)
        if view.standing.state in ("proposed", "adopted")
        and me in view.terms.parties
        and me not in view.standing.signed
    ]


def show(node: Node, agreement: str) -> list[AgreementView]:
    """The texts of one agreement. Raises `NotFoundError`."""
    known = node.facts_now().agreements.get(agreement)
    if known is None:
        raise NotFoundError("node.agreement-unknown", agreement=agreement)
    return _views(node, known, node.now())


def _views(node: Node, known: AgreementFacts, now: datetime) -> list[AgreementView]:
    views: list[AgreementView] = []
    for digest, text in known.texts.items():
        found = standing(known, digest, now)
        if found is not None:
            views.append(
                AgreementView(
                    id=known.id,
                    sha256=digest,
                    collection=collection_uuid(node.member, known.id),
                    proposer=text.proposal.author,
                    terms=text.proposal.terms,
                    standing=found,
                )
            )
    return views


def _view_of(node: Node, agreement: str, digest: str | None) -> AgreementView:
    views = show(node, agreement)
    return next((view for view in views if digest in (None, view.sha256)), views[0])


def _text(
    facts: Facts, agreement: str, digest: str | None, unsigned_by: str | None = None
) -> TextFacts:
    """The text with this hash; without one, the only one that could be meant.

    That is, of several, the newest, or the only one that `unsigned_by` has not signed.
    """
    known = facts.agreements.get(agreement)
    if known is None:
        raise NotFoundError("node.agreement-unknown", agreement=agreement)
    if digest is not None:
        text = known.texts.get(digest)
        if text is None:
            raise NotFoundError("node.text-unknown", agreement=agreement, sha256=digest)
        return text
    texts = list(known.texts.values())
    if len(texts) > 1 and unsigned_by is not None:
        texts = [text for text in texts if unsigned_by not in text.signatures] or texts[-1:]
    elif len({text.proposal.terms.amends for text in texts}) == len(texts):
        texts = texts[-1:]  # each amends the one before
    if len(texts) > 1:
        raise InputError("node.text-ambiguous", agreement=agreement, count=len(texts))
    return texts[0]


def _answer(
    node: Node,
    tx: Transaction,
    kind: str,
    type_: str,
    agreement: str,
    text: TextFacts,
    fields: Mapping[str, Any],
    now: datetime,
) -> None:
    item = own_object(node, type_, fields, now)
    _state_to_circle(node, tx, kind, agreement, text, item, now)


def _state_to_circle(
    node: Node,
    tx: Transaction,
    kind: str,
    agreement: str,
    text: TextFacts,
    item: StixObject,
    now: datetime,
) -> None:
    """An act about a text, addressed to the whole circle of the text, else it is void."""
    ref = AgreementRef(id=agreement, sha256=text.sha256)
    audience = sorted(text.circle | {node.member})
    state(node, tx, kind, item, audience=audience, agreement=ref, now=now)


def _check_parties(node: Node, fields: Mapping[str, Any]) -> None:
    parties = fields.get("parties")
    known = node.facts_now().members
    for party in parties if isinstance(parties, list) else []:
        member = known.get(party)
        if member is None or member.standing == "removed":
            raise InputError("node.party-unknown", party=party)
    if node.member not in (parties or []):
        raise InputError("node.proposer-not-a-party", member=node.member)
