"""When a statement about an agreement counts for nothing: whose word it is, and what it may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from accord.base.messages import Message, say

from .acts import (
    AgreementAct,
    ObjectionSeen,
    ObjectionWithdrawn,
    ProposalSeen,
    ReservationWithdrawn,
    SignatureSeen,
    WithdrawalSeen,
)
from .fields import Refused, as_input_error
from .reserving import check_reservation
from .standing import AgreementFacts, TextFacts
from .taking_back import is_same_objection
from .terms import Terms


class _Member(Protocol):
    @property
    def origin(self) -> str: ...


def why_void_in(
    members: Mapping[str, _Member], agreements: Mapping[str, AgreementFacts], what: AgreementAct
) -> Message | None:
    """Why a statement counts for nothing beside what is known; None when it counts."""
    if what.created_by != what.author:
        return say("rules.void-not-its-author", author=what.author, creator=what.created_by)
    member = members.get(what.author)
    if member is None or member.origin != what.ledger:
        return say("rules.void-other-ledger", author=what.author, ledger=what.ledger)
    known = agreements.get(what.agreement)
    if isinstance(what, ProposalSeen):
        return _proposal(known, what)
    text = known.texts.get(what.sha256) if known is not None else None
    if known is None or text is None:
        return say("rules.void-text-unknown", agreement=what.agreement, sha256=what.sha256)
    return _answer(known, text, what)


def _proposal(known: AgreementFacts | None, what: ProposalSeen) -> Message | None:
    terms = what.terms
    if what.author not in terms.parties:
        return say("rules.void-not-a-party", author=what.author, agreement=what.agreement)
    if set(what.audience) != set(terms.circle):
        return say("rules.void-not-whole-circle", agreement=what.agreement)
    if terms.amends is not None:
        return _amendment(known, what, terms)
    for sha256, text in (known.texts if known is not None else {}).items():
        if sha256 == what.sha256 or text.proposal.author == what.author:
            return say("rules.void-second-text", author=what.author, agreement=what.agreement)
    return None


def _amendment(known: AgreementFacts | None, what: ProposalSeen, terms: Terms) -> Message | None:
    base = known.texts.get(terms.amends or "") if known is not None else None
    if known is None or base is None:
        sha256 = terms.amends or "-"
        return say("rules.void-text-unknown", agreement=what.agreement, sha256=sha256)
    if what.sha256 in known.texts:
        return say("rules.void-second-text", author=what.author, agreement=what.agreement)
    if what.author not in base.circle:
        return say("rules.void-not-a-party", author=what.author, agreement=what.agreement)
    dropped = dropped_by(known, base, terms.circle)
    if dropped:
        return say("rules.void-drops-party", agreement=what.agreement, member=dropped[0])
    return None


def dropped_by(known: AgreementFacts, base: TextFacts, circle: tuple[str, ...]) -> tuple[str, ...]:
    """The named parties of a text that an amendment leaves out although they have not left."""
    named = base.proposal.terms.parties
    return tuple(p for p in named if p not in circle and p not in known.withdrawals)


def may_act(known: AgreementFacts, text: TextFacts, member: str) -> bool:
    """Whether what a member says about a text can count: the text names it, or it may accede to the
    charter because the council admitted it, or it did so before."""
    if member in text.circle or member in text.signatures:
        return True
    return known.community is not None and known.community.may_accede(member)


def may_leave(known: AgreementFacts, text: TextFacts, member: str) -> bool:
    """Whether it may withdraw: who may act, and whoever belongs to the community."""
    belongs = known.community is not None and member in known.community.members
    return belongs or may_act(known, text, member)


def _answer(known: AgreementFacts, text: TextFacts, what: AgreementAct) -> Message | None:
    may = may_leave if isinstance(what, WithdrawalSeen) else may_act
    if not may(known, text, what.author):
        return say("rules.void-not-a-party", author=what.author, agreement=what.agreement)
    if set(what.audience) != text.circle | {what.author}:
        return say("rules.void-not-whole-circle", agreement=what.agreement)
    if what.author in known.withdrawals:
        return say("rules.void-has-withdrawn", author=what.author, agreement=what.agreement)
    if isinstance(what, SignatureSeen):
        return _signature(text, what)
    if isinstance(what, ObjectionSeen):
        return _objection(text, what)
    return _taking_back(text, what)


def _taking_back(text: TextFacts, what: AgreementAct) -> Message | None:
    if isinstance(what, ReservationWithdrawn):
        stands = what.author in text.reserved
    elif isinstance(what, ObjectionWithdrawn):
        stands = any(is_same_objection(each, what) for each in text.objections)
    else:
        return None
    about: dict[str, str] = {"author": what.author, "agreement": what.agreement}
    return None if stands else say("rules.void-nothing-taken-back", **about)


def _signature(text: TextFacts, what: SignatureSeen) -> Message | None:
    if what.author in text.signatures:
        return say("rules.void-signed-before", author=what.author, agreement=what.agreement)
    if what.reservation is None:
        return None
    try:
        check_reservation(what.reservation, text.proposal.terms)
    except Refused as refused:
        return as_input_error(refused).message
    return None


def _objection(text: TextFacts, what: ObjectionSeen) -> Message | None:
    if what.about == "renewal":
        if text.proposal.terms.renewal is None or what.author not in text.parties:
            return say("rules.void-no-renewal", agreement=what.agreement)
    elif what.member not in text.circle or what.member == what.author:
        member = what.member or "-"
        return say("rules.void-not-a-party", author=member, agreement=what.agreement)
    if any(is_same_objection(each, what) for each in text.objections):
        return say("rules.void-objected-before", author=what.author, agreement=what.agreement)
    return None
