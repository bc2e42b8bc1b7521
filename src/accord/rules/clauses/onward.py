"""Clauses on passing on what another member gave."""

from __future__ import annotations

from accord.ledger.envelope import AgreementRef
from accord.rules.case import TLP_RANK, Case, Reason, no, upper


def source_not_held(case: Case) -> Reason | None:
    if case.entry.source is not None or case.envelope.author != case.facts.me:
        return None
    return no("rules.onward-source-unknown")


def onward_not_allowed(case: Case) -> Reason | None:
    if case.terms is not None and case.terms.onward == "none":
        return no("rules.onward-none")
    source = case.entry.source
    return None if source is None else _onward_by_source(case, source.agreement)


def _onward_by_source(case: Case, under: AgreementRef | None) -> Reason | None:
    """The rule of the agreement under which it was received, whichever it is passed on under."""
    text = case.facts.text(under.id, under.sha256) if under is not None else None
    if under is None or text is None or text.proposal.terms.onward == "none":
        return no("rules.onward-none")
    cited = case.envelope.agreement
    if text.proposal.terms.onward == "agreement" and (cited is None or cited.id != under.id):
        return no("rules.onward-within", agreement=under.id)
    return None


def onward_looser(case: Case) -> Reason | None:
    received = case.entry.source.handling.tlp if case.entry.source is not None else None
    if TLP_RANK[case.tlp] >= TLP_RANK[received]:
        return None
    return no("rules.onward-looser", stated=upper(case.tlp), own=upper(received))


def onward_strict(case: Case) -> Reason | None:
    received = case.entry.source.handling.tlp if case.entry.source is not None else None
    strictest = max(case.tlp, received, key=TLP_RANK.__getitem__)
    if TLP_RANK[strictest] < TLP_RANK["amber+strict"]:
        return None
    return no("rules.onward-strict", tlp=upper(strictest))


def onward_h2(case: Case) -> Reason | None:
    received = case.entry.source.handling.codes if case.entry.source is not None else ()
    if "H2" in case.handling.codes or "H2" in received:
        return no("rules.onward-h2")
    return None
