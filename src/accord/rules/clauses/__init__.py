"""The clauses of the release rule, in the order in which their reasons are listed.

Each clause is one question: it returns a reason when it fails and None when it holds or is not its
business (what an unknown agreement would say, for example: that it is unknown is a clause of its
own). An entry is released when no clause of its tables fails, and what is missing fails.
Reservations, circles and recalls are further rows.
"""

from __future__ import annotations

from collections.abc import Callable

from accord.rules.case import Case, Reason

from .basis import (
    agreement_unknown,
    author_not_party,
    ended,
    no_agreement,
    not_in_force_at_issue,
    other_text,
)
from .control import (
    control_audience,
    control_author,
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
from .handling import (
    looser_than_object,
    no_tlp,
    not_actual,
    outside_area,
    outside_purpose,
    outside_types,
    pap_above,
    red_not_named,
    tlp_above,
    unknown_code,
    unresolved_marking,
)
from .onward import (
    onward_h2,
    onward_looser,
    onward_not_allowed,
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

ANY_RECIPIENT: tuple[RecipientClause, ...] = (
    recipient_suspended,
    recipient_not_a_peer,
    not_in_audience,
)
PARTY_RECIPIENT: tuple[RecipientClause, ...] = (*ANY_RECIPIENT, recipient_not_party)

ANY_ENTRY: tuple[Clause, ...] = (
    author_suspended,
    author_not_a_peer,
    other_ledger,
    audience_empty,
    expired,
    from_the_future,
)
UNKNOWN_ENTRY: tuple[Clause, ...] = (*ANY_ENTRY, unknown_version, unknown_kind)
CONTROL_ENTRY: tuple[Clause, ...] = (
    *ANY_ENTRY,
    control_type,
    control_size,
    control_text_unknown,
    control_author,
    control_audience,
    control_lapsed,
)
ORDINARY_ENTRY: tuple[Clause, ...] = (
    *ANY_ENTRY,
    no_agreement,
    agreement_unknown,
    other_text,
    not_in_force_at_issue,
    ended,
    author_not_party,
    no_tlp,
    looser_than_object,
    unresolved_marking,
    tlp_above,
    pap_above,
    red_not_named,
    outside_area,
    outside_purpose,
    outside_types,
    not_actual,
    unknown_code,
)
DESCRIBES_A_PERSON: tuple[Clause, ...] = (
    persons_not_allowed,
    persons_purpose,
    persons_retention,
    persons_approvals,
)
PASSED_ON: tuple[Clause, ...] = (
    source_not_held,
    onward_not_allowed,
    onward_looser,
    onward_strict,
    onward_h2,
)
