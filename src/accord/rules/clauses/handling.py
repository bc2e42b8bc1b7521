"""Clauses on what the object is and how it may be used, against the terms of the agreement."""

from __future__ import annotations

from accord.ledger.envelope import PARTIES
from accord.rules.case import PAP_RANK, TLP_RANK, Case, Reason, no, upper, waits

EVIDENTIAL_CODES = frozenset({"H1", "H2", "H3"})
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
    if PARTIES in case.envelope.audience:
        return no("rules.red-audience")
    return None if case.handling.named else no("rules.red-names")


def outside_area(case: Case) -> Reason | None:
    terms, area = case.terms, case.handling.area
    if terms is None or area in terms.areas:
        return None
    if area is None:
        return no("rules.area-missing")
    return no("rules.area-outside", area=area)


def outside_purpose(case: Case) -> Reason | None:
    terms, purpose = case.terms, case.handling.purpose
    if terms is None or purpose in terms.purposes:
        return None
    if purpose is None:
        return no("rules.purpose-missing")
    return no("rules.purpose-outside", purpose=purpose)


def outside_types(case: Case) -> Reason | None:
    terms, type_ = case.terms, case.envelope.object.type
    if terms is None or not terms.object_types or type_ in terms.object_types:
        return None
    return None if type_ in DEFINITIONS else no("rules.type-outside", type=type_)


def not_actual(case: Case) -> Reason | None:
    if case.envelope.status == "actual" or case.terms is None or case.terms.exercise:
        return None
    return no("rules.status-not-allowed", status=case.envelope.status)


def unknown_code(case: Case) -> Reason | None:
    for code in case.handling.codes:
        if code not in EVIDENTIAL_CODES:
            return no("rules.code-unknown", code=code)
    return None
