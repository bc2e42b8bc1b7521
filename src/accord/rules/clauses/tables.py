"""The clauses of the release rule, in the order in which their reasons are listed.

Each clause is one question: it returns a reason when it fails and None when it holds or is not its
business (what an unknown agreement would say, for example: that it is unknown is a clause of its
own). An entry is released when no clause of its tables fails, and what is missing fails.
"""

from __future__ import annotations

from collections.abc import Callable

from accord.rules.case import Case, Reason

from .alone import let_go_alone
from .basis import (
    agreement_unknown,
    author_not_party,
    charter_not_in_force,
    ended,
    no_agreement,
    not_in_force_at_issue,
    other_text,
    superseded,
    unknown_clause,
)
from .circle import group_closed, group_unknown, not_on_roster, onward_group, other_basis
from .community import recipient_out_of_community
from .control import (
    control_audience,
    control_author,
    control_base,
    control_lapsed,
    control_size,
    control_text_unknown,
    control_type,
)
from .entry import (
    audience_empty,
    author_not_a_peer,
    author_suspended,
    expired,
    from_the_future,
    other_ledger,
    unknown_kind,
    unknown_version,
)
from .evidence import code_not_agreed, evidential_use, restriction_unsaid, unknown_code
from .handling import (
    affected_parties,
    area_not_declared,
    grading,
    looser_than_object,
    no_tlp,
    not_actual,
    outside_area,
    outside_purpose,
    outside_types,
    pap_above,
    red_not_named,
    retention_over,
    tlp_above,
    unresolved_marking,
)
from .narrowed import (
    narrowed_by_author,
    narrowed_by_recipient,
    narrowed_by_rule,
    objected_between,
)
from .neutrality import incident_undeclared, not_reviewed
from .onward import (
    onward_attributed,
    onward_codes,
    onward_h2,
    onward_looser,
    onward_not_allowed,
    onward_notifying,
    onward_permission,
    onward_regraded,
    onward_strict,
    source_not_held,
)
from .persons import (
    persons_approvals,
    persons_not_allowed,
    persons_purpose,
    persons_retention,
)
from .recipient import (
    not_in_audience,
    recipient_not_a_peer,
    recipient_not_party,
    recipient_suspended,
)

Clause = Callable[[Case], Reason | None]
RecipientClause = Callable[[Case, str], Reason | None]

ROSTER: tuple[RecipientClause, ...] = (not_on_roster,)
ANY_RECIPIENT: tuple[RecipientClause, ...] = (
    recipient_suspended,
    recipient_not_a_peer,
    not_in_audience,
    *ROSTER,
)
COMMUNITY: tuple[RecipientClause, ...] = (recipient_out_of_community,)
BETWEEN: tuple[RecipientClause, ...] = (
    recipient_not_party,
    *COMMUNITY,
    objected_between,
    narrowed_by_recipient,
)
PARTY_RECIPIENT: tuple[RecipientClause, ...] = ANY_RECIPIENT + BETWEEN

AUTHOR: tuple[Clause, ...] = (author_suspended, author_not_a_peer, other_ledger)
TIMES: tuple[Clause, ...] = (audience_empty, expired, from_the_future)
ANY_ENTRY: tuple[Clause, ...] = AUTHOR + TIMES
UNKNOWN_ENTRY: tuple[Clause, ...] = (*ANY_ENTRY, unknown_version, unknown_kind)
CONTROL_ENTRY: tuple[Clause, ...] = (
    *ANY_ENTRY,
    control_type,
    control_size,
    control_text_unknown,
    control_base,
    control_author,
    control_audience,
    control_lapsed,
)
TEXT: tuple[Clause, ...] = (no_agreement, agreement_unknown, other_text, unknown_clause)
FORCE: tuple[Clause, ...] = (not_in_force_at_issue, superseded, ended)
CHARTER: tuple[Clause, ...] = (charter_not_in_force,)
PARTY: tuple[Clause, ...] = (author_not_party,)
BASIS: tuple[Clause, ...] = TEXT + FORCE + CHARTER + PARTY
MARKINGS: tuple[Clause, ...] = (no_tlp, looser_than_object, unresolved_marking)
LEVELS: tuple[Clause, ...] = (tlp_above, pap_above, red_not_named)
DECLARED: tuple[Clause, ...] = (area_not_declared,)
AREA_AND_PURPOSE: tuple[Clause, ...] = (
    outside_area,
    *DECLARED,
    outside_purpose,
    affected_parties,
)
TYPE_AND_STATUS: tuple[Clause, ...] = (outside_types, not_actual)
RETENTION: tuple[Clause, ...] = (retention_over,)
RULES: tuple[Clause, ...] = (narrowed_by_rule,)
NEUTRALITY: tuple[Clause, ...] = (incident_undeclared, not_reviewed)
GRADING: tuple[Clause, ...] = (grading,)
RESERVED: tuple[Clause, ...] = (narrowed_by_author,)
CODES: tuple[Clause, ...] = (
    unknown_code,
    code_not_agreed,
    evidential_use,
    restriction_unsaid,
)
ALONE: tuple[Clause, ...] = (let_go_alone,)
ORDINARY_ENTRY: tuple[Clause, ...] = (
    *ANY_ENTRY,
    *BASIS,
    *MARKINGS,
    *LEVELS,
    *AREA_AND_PURPOSE,
    *TYPE_AND_STATUS,
    *RETENTION,
    *RULES,
    *NEUTRALITY,
    *GRADING,
    *RESERVED,
    *CODES,
    *ALONE,
)
DESCRIBES_A_PERSON: tuple[Clause, ...] = (
    persons_not_allowed,
    persons_purpose,
    persons_retention,
    persons_approvals,
)
# What is asked beside the others of an entry for a working group.
FOR_A_GROUP: tuple[Clause, ...] = (group_unknown, group_closed, other_basis)
PASSED_ON: tuple[Clause, ...] = (
    source_not_held,
    onward_permission,
    onward_not_allowed,
    onward_group,
    onward_looser,
    onward_strict,
    onward_codes,
    onward_h2,
    onward_regraded,
    onward_attributed,
    onward_notifying,
)
