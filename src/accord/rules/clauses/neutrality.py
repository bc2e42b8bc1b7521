"""Clauses on neutrality: in the areas that an agreement marks, what was done is declared.

Whether something is predominantly political, military, religious or racial, people decide; the
rule asks that two did, and that their reason is on record.
"""

from __future__ import annotations

from accord.rules.approval import different
from accord.rules.case import Case, Reason, no
from accord.rules.terms import NeutralityClause


def _marked(case: Case) -> NeutralityClause | None:
    clause = case.terms.neutrality if case.terms is not None else None
    return clause if clause is not None and case.handling.area in clause.areas else None


def incident_undeclared(case: Case) -> Reason | None:
    clause, incident = _marked(case), case.handling.incident
    if clause is None:
        return None
    if not incident:
        return no("rules.incident-missing", area=case.handling.area or "-")
    if clause.incidents and incident not in clause.incidents:
        return no("rules.incident-outside", incident=incident)
    return None


def not_reviewed(case: Case) -> Reason | None:
    if not case.entry.flags or _marked(case) is None:
        return None
    review = case.handling.review
    if review is None or not review.reason.strip():
        return no("rules.review-missing", flag=case.entry.flags[0])
    found = different(review.reviewers)
    if found >= 2:
        return None
    return no("rules.review-alone", flag=case.entry.flags[0], found=found)
