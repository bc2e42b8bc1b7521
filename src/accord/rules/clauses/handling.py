"""Clauses on what the object is and how it may be used, against the terms of the agreement."""

from __future__ import annotations

from datetime import timedelta

from accord.base.clock import format_time
from accord.ledger.envelope import PARTIES
from accord.rules.case import PAP_RANK, TLP_RANK, Case, Reason, no, upper, waits
from accord.rules.evaluation import GRADES
from accord.rules.terms_spec import NOTIFYING

# Without them the objects released with them could not be read.
DEFINITIONS = frozenset({"marking-definition", "extension-definition"})


def no_tlp(case: Case) -> Reason | None:
    return no("rules.tlp-missing") if case.tlp is None else None


def looser_than_object(case: Case) -> Reason | None:
    # Where the stricter of the two is not what the envelope says, the envelope is looser.
    tlp, pap = case.handling.tlp, case.handling.pap
    if tlp is not None and tlp != case.tlp:
        return no("rules.tlp-looser", stated=upper(tlp), own=upper(case.tlp))
    if pap is not None and pap != case.pap:
        return no("rules.pap-looser", stated=upper(pap), own=upper(case.pap))
    return None


def unresolved_marking(case: Case) -> Reason | None:
    unresolved = case.entry.markings.unresolved
    return waits("rules.marking-unresolved", marking=unresolved[0]) if unresolved else None


def tlp_above(case: Case) -> Reason | None:
    terms = case.terms
    if terms is None or TLP_RANK[case.tlp] <= TLP_RANK[terms.tlp_ceiling]:
        return None
    return no("rules.tlp-above", tlp=upper(case.tlp), ceiling=upper(terms.tlp_ceiling))


def pap_above(case: Case) -> Reason | None:
    if case.terms is None or case.terms.pap_ceiling is None:
        return None
    ceiling = case.terms.pap_ceiling
    if case.pap is None:
        return no("rules.pap-missing", ceiling=upper(ceiling))
    if PAP_RANK[case.pap] <= PAP_RANK[ceiling]:
        return None
    return no("rules.pap-above", pap=upper(case.pap), ceiling=upper(ceiling))


def red_not_named(case: Case) -> Reason | None:
    if case.tlp != "red":
        return None
    if PARTIES in case.envelope.audience or case.envelope.roster is not None:
        return no("rules.red-audience")
    return None if case.handling.named else no("rules.red-names")


def outside_area(case: Case) -> Reason | None:
    terms, area = case.terms, case.handling.area
    if terms is None or area in terms.areas:
        return None
    if area is None:
        return no("rules.area-missing")
    return no("rules.area-outside", area=area)


def area_not_declared(case: Case) -> Reason | None:
    charter = case.terms.charter if case.terms is not None else None
    known = case.facts.agreements.get(charter) if charter is not None else None
    text = known.in_force(case.now) if known is not None else None
    if text is None or text.index is None:
        return None
    declared = text.index.declared
    if not declared or case.handling.area in declared:
        return None
    return no("rules.area-not-declared", area=case.handling.area or "-")


def outside_purpose(case: Case) -> Reason | None:
    terms, purpose = case.terms, case.handling.purpose
    if terms is None or purpose in terms.purposes:
        return None
    if purpose is None:
        return no("rules.purpose-missing")
    return no("rules.purpose-outside", purpose=purpose)


def affected_parties(case: Case) -> Reason | None:
    terms = case.terms
    if terms is None or terms.affected_party_notifications != "must not":
        return None
    return no("rules.notifying-not-allowed") if case.handling.purpose == NOTIFYING else None


def outside_types(case: Case) -> Reason | None:
    terms, type_ = case.terms, case.envelope.object.type
    if terms is None or not terms.object_types or type_ in terms.object_types:
        return None
    return None if type_ in DEFINITIONS else no("rules.type-outside", type=type_)


def not_actual(case: Case) -> Reason | None:
    if case.envelope.status == "actual" or case.terms is None or case.terms.exercise:
        return None
    return no("rules.status-not-allowed", status=case.envelope.status)


def retention_over(case: Case) -> Reason | None:
    days = case.terms.retention_days if case.terms is not None else None
    if days is None:
        return None
    until = case.issued_at + timedelta(days=days)
    if case.now < until:
        return None
    return no("rules.retention-over", until=format_time(until), days=days)


def grading(case: Case) -> Reason | None:
    clause = case.terms.evaluation if case.terms is not None else None
    given = case.handling.evaluation
    if clause is None:
        return None
    if given is None:
        return no("rules.evaluation-missing") if clause.required else None
    if given.scheme not in clause.schemes:
        return no("rules.evaluation-scheme", scheme=given.scheme)
    source, information = GRADES[given.scheme]
    if given.source in source and given.information in information:
        return None
    grade = f"{given.source}{given.information}"
    return no("rules.evaluation-grade", grade=grade, scheme=given.scheme)
