"""The clause on what its author may not let go alone: two of its people stand by it."""

from __future__ import annotations

from accord.rules.answers import given_back
from accord.rules.approval import different, level_for_two
from accord.rules.case import Case, Reason, no


def let_go_alone(case: Case) -> Reason | None:
    level = level_for_two(case.tlp, case.handling, case.terms)
    found = different(case.handling.approvals)
    if level is None or found >= 2 or given_back(case.envelope, case.facts):
        return None
    return no("rules.approvals-missing", level=level, found=found)
