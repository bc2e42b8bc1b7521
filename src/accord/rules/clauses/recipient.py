"""Clauses on who would receive the entry: asked for each recipient."""

from __future__ import annotations

from accord.ledger.envelope import PARTIES
from accord.rules.case import Case, Reason, no, waits

from .amended import amendment_on_its_way, not_yet_party, reads_amended
from .community import reads_later


def recipient_suspended(case: Case, recipient: str) -> Reason | None:
    known = case.facts.members.get(recipient)
    if known is None or known.standing != "suspended":
        return None
    return waits("rules.peer-suspended", member=recipient)


def recipient_not_a_peer(case: Case, recipient: str) -> Reason | None:
    known = case.facts.members.get(recipient)
    if known is not None and known.standing != "removed":
        return None
    return waits("rules.peer-not-confirmed", member=recipient)


def not_in_audience(case: Case, recipient: str) -> Reason | None:
    audience = case.envelope.audience
    if not audience or recipient in audience or PARTIES in audience:
        return None
    if case.envelope.roster is not None:  # whom a group is, its roster says
        return None
    if reads_later(case, recipient) or reads_amended(case, recipient):
        return None
    return amendment_on_its_way(case, recipient) or no("rules.not-in-audience", recipient=recipient)


def recipient_not_party(case: Case, recipient: str) -> Reason | None:
    if case.ruling is None or case.ruling.is_party(recipient, case.now):
        return None
    return not_yet_party(case, recipient) or no("rules.recipient-not-party", recipient=recipient)
