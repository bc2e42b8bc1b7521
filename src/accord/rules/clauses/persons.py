"""Clauses on objects that describe a natural person."""

from __future__ import annotations

from datetime import timedelta

from accord.rules.approval import different
from accord.rules.case import Case, Reason, moment_of, no


def persons_not_allowed(case: Case) -> Reason | None:
    if case.terms is None:
        return None
    clause = case.terms.personal_data
    if clause is not None and clause.allowed:
        return None
    return no("rules.personal-not-allowed", path=case.entry.person_triggers[0])


def persons_purpose(case: Case) -> Reason | None:
    clause = case.terms.personal_data if case.terms is not None else None
    if clause is None or case.handling.purpose in clause.purposes:
        return None
    return no("rules.personal-purpose", purpose=case.handling.purpose or "-")


def persons_retention(case: Case) -> Reason | None:
    personal = case.handling.personal
    if personal is None:
        return no("rules.personal-retention-missing")
    until = moment_of(personal.retain_until)
    if until <= case.now:
        return no("rules.personal-retention-over", until=personal.retain_until)
    clause = case.terms.personal_data if case.terms is not None else None
    if clause is None or until <= case.issued_at + timedelta(days=clause.max_days):
        return None
    return no("rules.personal-retention-long", until=personal.retain_until, days=clause.max_days)


def persons_approvals(case: Case) -> Reason | None:
    personal = case.handling.personal
    found = different(personal.approvals if personal is not None else ())
    return None if found >= 2 else no("rules.personal-approvals", found=found)
