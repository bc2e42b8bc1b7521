"""Clauses on whom a council's decision lets read, and to whom it lets nothing flow."""

from __future__ import annotations

from accord.base.clock import format_time
from accord.rules.case import Case, Reason, no, waits
from accord.rules.community.standings import Right
from accord.rules.standing import AgreementFacts

# Which right of the matrix opens the older entries of a community to one who came later.
_OF_THE_CHARTER = ("proposal", "signature", "objection", "withdrawal")
_OF_DECISIONS = ("motion", "motion-seen", "motion-change", "ballot", "tally", "outcome")
_OF_SESSIONS = ("session", "attendance")


def reads_later(case: Case, recipient: str) -> bool:
    """Whether an entry of a community is for one that came after it was written.

    The audience in the envelope is that of the time. Whom the council admitted has to see what was
    decided before, or it could not check whom it joined. The receiver keeps what it is given of a
    body that it applied to: it cannot know yet that it was admitted.
    """
    cited, right = case.envelope.agreement, _right(case)
    if cited is None or right is None:
        return False
    known = case.facts.agreements.get(cited.id)
    community = known.community if known is not None else None
    if known is not None and recipient in known.withdrawals:
        return False
    if recipient == case.facts.me:
        return case.facts.applied_to(cited.id) or (
            community is not None and recipient in community.members
        )
    return community is not None and community.may(recipient, right)


def _right(case: Case) -> Right | None:
    kind = case.envelope.kind
    if kind in _OF_THE_CHARTER:
        return "read-charter"
    if kind in _OF_DECISIONS:  # who belongs is for all that belong
        return "read-charter" if case.entry.swap else "read-decisions"
    return "read-papers" if kind in _OF_SESSIONS else None


def is_apart(known: AgreementFacts | None, member: str) -> bool:
    """Whether a council lets nothing flow to a member, or the member has left its charter."""
    if known is None:
        return False
    community = known.community
    if community is not None and (member in community.suspended or member in community.departed):
        return True
    return member in known.withdrawals


def recipient_out_of_community(case: Case, recipient: str) -> Reason | None:
    """Under a charter nothing flows to whom its council suspended, nor to whom has left it."""
    cited = case.envelope.agreement
    charter = case.terms.charter if case.terms is not None else None
    for body in (cited.id if cited is not None else None, charter):
        known = case.facts.agreements.get(body or "")
        if known is None or body is None:
            continue
        community = known.community
        if community is not None and recipient in community.suspended:
            since = format_time(community.suspended[recipient])
            return waits("rules.recipient-rests", member=recipient, charter=body, since=since)
        if community is not None and recipient in community.departed:
            return no("rules.recipient-departed", member=recipient, charter=body)
        left = known.withdrawals.get(recipient) if body == charter else None
        if left is not None and left.at <= case.now:
            return no("rules.recipient-departed", member=recipient, charter=body)
    return None
