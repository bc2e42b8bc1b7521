"""Clauses on evidential use: the handling codes H1, H2 and H3."""

from __future__ import annotations

from accord.rules.case import Case, Reason, no

EVIDENTIAL_CODES = frozenset({"H1", "H2", "H3"})


def unknown_code(case: Case) -> Reason | None:
    for code in case.handling.codes:
        if code not in EVIDENTIAL_CODES:
            return no("rules.code-unknown", code=code)
    return None


def code_not_agreed(case: Case) -> Reason | None:
    clause = case.terms.evidence if case.terms is not None else None
    if clause is None:
        return None
    for code in case.handling.codes:
        if code in EVIDENTIAL_CODES and code not in clause.codes:
            return no("rules.code-not-agreed", code=code)
    return None


def evidential_use(case: Case) -> Reason | None:
    clause = case.terms.evidence if case.terms is not None else None
    purpose = case.handling.purpose
    if clause is None or purpose not in clause.purposes:
        return None
    if "H1" not in case.handling.codes or _permitted(case):
        return None
    return no("rules.evidential-use", purpose=purpose or "-")


def _permitted(case: Case) -> bool:
    """Passed on with its author's permission, which names the purpose; another clause checks it."""
    return case.envelope.source is not None and case.handling.permission is not None


def restriction_unsaid(case: Case) -> Reason | None:
    clause = case.terms.evidence if case.terms is not None else None
    if clause is None or "H3" not in case.handling.codes or case.handling.restriction:
        return None
    return no("rules.restriction-unsaid")
