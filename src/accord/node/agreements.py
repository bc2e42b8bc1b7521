"""Agreements: propose, sign, withdraw, and how each of them stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.ledger.envelope import AgreementRef
from accord.rules.agreement_file import agreement_from_toml
from accord.rules.facts import Facts
from accord.rules.standing import AgreementFacts, Standing, TextFacts, standing
from accord.rules.terms import Terms, terms_of
from accord.stix.extension import AGREEMENT, SIGNATURE, WITHDRAWAL
from accord.store.transaction import Transaction

from .control import own_object, state
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

    Raises `InputError` that names line and field, or the party that is no confirmed peer.
    """
    fields = agreement_from_toml(text)
    now = node.now()
    _check_parties(node, fields)
    item = own_object(node, AGREEMENT, fields, now)
    terms = terms_of(item.fields)
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
    return show(node, item.id)[0]


def sign(
    node: Node, agreement: str, *, sha256: str | None, person: str, office: str
) -> AgreementView:
    """Sign the text of an agreement, by its hash (null: the only text there is)."""
    now = node.now()

    def job(tx: Transaction) -> None:
        text = _text(node.facts(tx), agreement, sha256)
        if node.member not in text.circle:
            raise DeniedError("node.not-a-party", agreement=agreement)
        if node.member in text.signatures:
            raise ConflictError("node.signed-before", agreement=agreement)
        fields = {
            "agreement_ref": agreement,
            "agreement_sha256": text.sha256,
            "person": person,
            "office": office,
        }
        _answer(node, tx, "signature", SIGNATURE, agreement, text, fields, now)

    node.write(job)
    settle_grants(node)
    return _view_of(node, agreement, sha256)


def withdraw(node: Node, agreement: str, *, reason: str) -> AgreementView:
    """Leave an agreement. What was received under it stays bound by it."""
    now = node.now()

    def job(tx: Transaction) -> None:
        facts = node.facts(tx)
        text = _text(facts, agreement, None)
        if node.member not in text.circle:
            raise DeniedError("node.not-a-party", agreement=agreement)
        if node.member in facts.agreements[agreement].withdrawals:
            raise ConflictError("node.withdrawn-before", agreement=agreement)
        fields = {"agreement_ref": agreement, "reason": reason}
        _answer(node, tx, "withdrawal", WITHDRAWAL, agreement, text, fields, now)

    node.write(job)
    settle_grants(node)
    return _view_of(node, agreement, None)


def list_agreements(node: Node) -> list[AgreementView]:
    """Every text of every agreement known here, in the order they became known."""
    facts, now = node.facts_now(), node.now()
    return [view for known in facts.agreements.values() for view in _views(node, known, now)]


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


def _text(facts: Facts, agreement: str, digest: str | None) -> TextFacts:
    known = facts.agreements.get(agreement)
    if known is None:
        raise NotFoundError("node.agreement-unknown", agreement=agreement)
    if digest is not None:
        text = known.texts.get(digest)
        if text is None:
            raise NotFoundError("node.text-unknown", agreement=agreement, sha256=digest)
        return text
    if len(known.texts) > 1:
        raise InputError("node.text-ambiguous", agreement=agreement, count=len(known.texts))
    return next(iter(known.texts.values()))


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
    """A signature or withdrawal, addressed to the whole circle of the text, else it is void."""
    state(
        node,
        tx,
        kind,
        own_object(node, type_, fields, now),
        audience=sorted(text.circle),
        agreement=AgreementRef(id=agreement, sha256=text.sha256),
        now=now,
    )


def _check_parties(node: Node, fields: Mapping[str, Any]) -> None:
    parties = fields.get("parties")
    known = node.facts_now().members
    for party in parties if isinstance(parties, list) else []:
        member = known.get(party)
        if member is None or member.standing == "removed":
            raise InputError("node.party-unknown", party=party)
    if node.member not in (parties or []):
        raise InputError("node.proposer-not-a-party", member=node.member)
