"""Clauses on passing on what another member gave."""

from __future__ import annotations

from accord.ledger.envelope import Envelope
from accord.rules.answers import given_back
from accord.rules.case import TLP_RANK, Case, Reason, no, upper, waits
from accord.rules.narrowing import ONWARD_ORDER
from accord.rules.permissions import covers, stands
from accord.rules.standing import TextFacts
from accord.rules.terms_spec import NOTIFYING

_ONWARD_RANK = {how: rank for rank, how in enumerate(ONWARD_ORDER)}


def source_not_held(case: Case) -> Reason | None:
    if case.entry.source is not None or case.envelope.author != case.facts.me:
        return None
    return no("rules.onward-source-unknown")


def onward_permission(case: Case) -> Reason | None:
    """What the envelope says that it rests on is the author's word, and covers just this."""
    permission, source = case.handling.permission, case.envelope.source
    if permission is None or source is None:
        return None
    given = case.facts.permissions.get((source.origin, permission))
    if given is None:
        return waits("rules.permission-unknown", permission=permission)
    if not covers(given, case.envelope):
        return no("rules.permission-other", permission=permission)
    if not stands(given, case.now):
        return no("rules.permission-over", permission=permission)
    return None


def _freed(case: Case) -> bool:
    """It goes to its giver alone, who learns nothing new; or a permission decides."""
    return case.handling.permission is not None or given_back(case.envelope, case.facts)


def onward_not_allowed(case: Case) -> Reason | None:
    if _freed(case):
        return None
    if case.terms is not None and case.terms.onward == "none":
        return no("rules.onward-none")
    source = case.entry.source
    return None if source is None else _onward_by_source(case, source)


def _onward_by_source(case: Case, source: Envelope) -> Reason | None:
    """The rule of the agreement under which it was received, whichever it is passed on under."""
    under, text = source.agreement, _text_of(case, source)
    allowed = "none" if text is None else _narrowest(text, source)
    if under is None or allowed == "none":
        return no("rules.onward-none")
    cited = case.envelope.agreement
    if allowed == "agreement" and (cited is None or cited.id != under.id):
        return no("rules.onward-within", agreement=under.id)
    return None


def _text_of(case: Case, source: Envelope) -> TextFacts | None:
    under = source.agreement
    return case.facts.text(under.id, under.sha256) if under is not None else None


def _narrowest(text: TextFacts, source: Envelope) -> str:
    """How far the source may go: by the text, its rules for the area, and its author."""
    terms = text.proposal.terms
    narrowest: str = terms.onward
    for rule in terms.implementing_rules:
        if source.handling.area in rule.areas:
            narrowest = _narrower(narrowest, rule.narrows.onward)
    reservation = text.reserved.get(source.author)
    if reservation is not None and reservation.on_given:
        narrowest = _narrower(narrowest, reservation.narrows.onward)
    return narrowest


def _narrower(one: str, other: str | None) -> str:
    return one if other is None or _ONWARD_RANK[one] <= _ONWARD_RANK[other] else other


def onward_looser(case: Case) -> Reason | None:
    received = case.entry.source.handling.tlp if case.entry.source is not None else None
    if TLP_RANK[case.tlp] >= TLP_RANK[received]:
        return None
    return no("rules.onward-looser", stated=upper(case.tlp), own=upper(received))


def onward_strict(case: Case) -> Reason | None:
    received = case.entry.source.handling.tlp if case.entry.source is not None else None
    strictest = case.tlp if TLP_RANK[case.tlp] >= TLP_RANK[received] else received
    if TLP_RANK[strictest] < TLP_RANK["amber+strict"] or given_back(case.envelope, case.facts):
        return None
    return no("rules.onward-strict", tlp=upper(strictest))


def onward_codes(case: Case) -> Reason | None:
    """What the source restricted stays so restricted, in its words."""
    source = case.entry.source
    if source is None:
        return None
    for code in source.handling.codes:
        if code not in case.handling.codes:
            return no("rules.onward-code", code=code)
    if "H3" in source.handling.codes and case.handling.restriction != source.handling.restriction:
        return no("rules.onward-code", code="H3")
    return None


def onward_h2(case: Case) -> Reason | None:
    received = case.entry.source.handling.codes if case.entry.source is not None else ()
    restricted = "H2" in case.handling.codes or "H2" in received
    if restricted and not _freed(case):
        return no("rules.onward-h2")
    return None


def onward_regraded(case: Case) -> Reason | None:
    source = case.entry.source
    if source is None or source.handling.evaluation is None:
        return None
    if case.handling.evaluation == source.handling.evaluation:
        return None
    return no("rules.onward-regraded")


def onward_attributed(case: Case) -> Reason | None:
    """An entry that is passed on names its source's ledger: that names its author."""
    source = case.entry.source
    text = _text_of(case, source) if source is not None else None
    if source is None or text is None or text.proposal.terms.attribution != "must not":
        return None
    cited, under = case.envelope.agreement, source.agreement
    if cited is not None and under is not None and cited.id == under.id:
        return None
    return no("rules.onward-attributed", author=source.author)


def onward_notifying(case: Case) -> Reason | None:
    source = case.entry.source
    text = _text_of(case, source) if source is not None else None
    if text is None or case.handling.purpose != NOTIFYING:
        return None
    if text.proposal.terms.affected_party_notifications != "must not":
        return None
    return no("rules.notifying-not-allowed")
