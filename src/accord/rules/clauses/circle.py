"""Clauses on entries for a working group: whether there is one, and who is on its roster.

A member that does not belong must not learn by any answer whether there is such a group, or who is
in it. So there is one answer to all that do not, the same for a group that does not exist; only
between members of the group are reasons told apart.
"""

from __future__ import annotations

from accord.rules.answers import given_back
from accord.rules.case import Case, Reason, no, waits
from accord.rules.community.circles import Circle
from accord.rules.community.membership import MEMBERSHIP_KIND


def circle_of(case: Case) -> Circle | None:
    """The group, where this node's member and the author of the entry both belong to it."""
    facts, envelope = case.facts, case.envelope
    circle = facts.groups.get(envelope.group or "")
    me, author = facts.me, envelope.author
    if circle is None or me is None:
        return None
    # Whoever joins or leaves says so to all that decisions have on the roster.
    inside = circle.is_named if envelope.kind == MEMBERSHIP_KIND else circle.belongs
    return circle if inside(me) and inside(author) else None


def group_unknown(case: Case) -> Reason | None:
    return None if circle_of(case) is not None else waits("rules.group-unknown")


def group_closed(case: Case) -> Reason | None:
    circle = circle_of(case)
    if circle is None or not circle.closed or case.envelope.kind == MEMBERSHIP_KIND:
        return None
    return no("rules.group-closed")


def other_basis(case: Case) -> Reason | None:
    circle, cited = circle_of(case), case.envelope.agreement
    if circle is None or cited is None or cited.id == circle.agreement:
        return None
    return no("rules.group-other-agreement", agreement=circle.agreement)


def not_on_roster(case: Case, recipient: str) -> Reason | None:
    state = case.envelope.roster
    circle = circle_of(case) if state is not None else None
    if circle is None or state is None:
        return None
    membership = case.envelope.kind == MEMBERSHIP_KIND
    if not membership and circle.may_see(recipient, state):
        return None
    if not circle.is_named(recipient):
        return no("rules.group-not-on-roster", recipient=recipient)
    roster = circle.at(state)
    if membership and roster is not None and recipient in roster.terms:
        return None
    if not membership and circle.has_left(recipient):
        return no("rules.group-not-on-roster", recipient=recipient)
    if not membership and not circle.belongs(recipient):
        return waits("rules.group-not-joined", recipient=recipient)
    if roster is None:  # a later one, perhaps, whose decision is on its way
        return waits("rules.group-state-unknown")
    return no("rules.group-before-joining", recipient=recipient)


def onward_group(case: Case) -> Reason | None:
    """What came within a group stays there, unless its author permits otherwise."""
    source, envelope = case.entry.source, case.envelope
    if source is None or source.roster is None or source.group == envelope.group:
        return None
    if envelope.handling.permission is not None or given_back(envelope, case.facts):
        return None
    return no("rules.onward-group")
