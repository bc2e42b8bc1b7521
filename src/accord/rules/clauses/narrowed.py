"""Clauses on what is narrower than the terms: implementing rules of the text, and reservations.

Reservations of both ends count: the author's on what it gives, the recipient's on what it receives.
"""

from __future__ import annotations

from accord.rules.case import PAP_RANK, TLP_RANK, Case, Reason, no, upper
from accord.rules.narrowing import Narrowing

from .handling import DEFINITIONS

_Breach = tuple[str, str, str]  # the term, what was found, what is left of it


def narrowed_by_rule(case: Case) -> Reason | None:
    rules, area = (case.terms.implementing_rules if case.terms is not None else ()), None
    for rule in rules:
        area = case.handling.area
        breach = _breach(rule.narrows, case) if area in rule.areas else None
        if breach is not None:
            term, found, allowed = breach
            return no(
                "rules.narrowed-by-rule", rule=rule.id, term=term, found=found, allowed=allowed
            )
    return None


def narrowed_by_author(case: Case) -> Reason | None:
    author = case.envelope.author
    reservation = case.text.reserved.get(author) if case.text is not None else None
    if reservation is None or not reservation.on_given:
        return None
    return _reserved(author, reservation.narrows, case)


def narrowed_by_recipient(case: Case, recipient: str) -> Reason | None:
    reservation = case.text.reserved.get(recipient) if case.text is not None else None
    if reservation is None or not reservation.on_received:
        return None
    return _reserved(recipient, reservation.narrows, case)


def objected_between(case: Case, recipient: str) -> Reason | None:
    author = case.envelope.author
    since = case.text.barred.get((author, recipient)) if case.text is not None else None
    if since is None or case.now < since:
        return None
    return no("rules.objected-between", author=author, recipient=recipient)


def _reserved(member: str, narrows: Narrowing, case: Case) -> Reason | None:
    breach = _breach(narrows, case)
    if breach is None:
        return None
    term, found, allowed = breach
    return no("rules.narrowed-by-party", member=member, term=term, found=found, allowed=allowed)


def _breach(narrows: Narrowing, case: Case) -> _Breach | None:
    """The first term of a narrowing that the entry does not keep to. `onward` is judged there."""
    handling, type_ = case.handling, case.envelope.object.type
    areas, purposes, types = narrows.areas, narrows.purposes, narrows.object_types
    if areas is not None and handling.area not in areas:
        return "areas", handling.area or "-", ", ".join(areas)
    if purposes is not None and handling.purpose not in purposes:
        return "purposes", handling.purpose or "-", ", ".join(purposes)
    if types is not None and type_ not in types and type_ not in DEFINITIONS:
        return "object_types", type_, ", ".join(types)
    if _above(case.tlp, narrows.tlp_ceiling, TLP_RANK):
        return "tlp_ceiling", upper(case.tlp), upper(narrows.tlp_ceiling)
    if _above(case.pap, narrows.pap_ceiling, PAP_RANK):
        return "pap_ceiling", upper(case.pap), upper(narrows.pap_ceiling)
    if narrows.personal_data is False and case.entry.person_triggers:
        return "personal_data", case.entry.person_triggers[0], "–"
    if narrows.exercise is False and case.envelope.status != "actual":
        return "exercise", case.envelope.status, "actual"
    return None


def _above(level: str | None, ceiling: str | None, rank: dict[str | None, int]) -> bool:
    """Whether a level lies above a ceiling, or is not said where there is one."""
    return ceiling is not None and (level is None or rank[level] > rank[ceiling])
