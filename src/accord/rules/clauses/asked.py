"""Which clauses are worth asking of an entry: what cannot fail is passed over.

A guard here only says that its clauses would all hold; it decides nothing. The tests hold every
verdict against the one that asking every clause gives.
"""

from __future__ import annotations

from accord.ledger.envelope import PARTIES
from accord.rules.case import Case

from .circle import circle_of
from .community import is_apart
from .tables import (
    ALONE,
    ANY_RECIPIENT,
    AREA_AND_PURPOSE,
    AUTHOR,
    BASIS,
    BETWEEN,
    CHARTER,
    CODES,
    COMMUNITY,
    DECLARED,
    FOR_A_GROUP,
    GRADING,
    LEVELS,
    MARKINGS,
    NEUTRALITY,
    ORDINARY_ENTRY,
    PARTY,
    RESERVED,
    RETENTION,
    ROSTER,
    RULES,
    TIMES,
    TYPE_AND_STATUS,
    Clause,
    RecipientClause,
)


def ordinary(case: Case) -> tuple[Clause, ...]:
    """The clauses of `ORDINARY_ENTRY` that could fail, in their order."""
    index = case.text.index if case.text is not None else None
    if index is None:
        return ORDINARY_ENTRY
    asked: tuple[Clause, ...] = ()
    envelope, handling, author = case.envelope, case.handling, case.author
    tlp, pap, area, issued, now = case.tlp, case.pap, handling.area, case.issued_at, case.now
    if author is None or author.standing != "confirmed" or author.origin != envelope.origin:
        asked += AUTHOR
    if not envelope.audience or envelope.expires is not None or case.stated_at > now:
        asked += TIMES
    plain = envelope.author in index.plain
    under = () if index.charter is None else _under_charter(case, index.charter)
    if not index.steady or not index.settled <= issued <= now < index.ends:
        asked += BASIS
    elif under is CHARTER or not plain:
        asked += CHARTER + PARTY
    if tlp is None or handling.tlp != tlp or handling.pap != pap or case.entry.markings.unresolved:
        asked += MARKINGS
    if tlp not in index.tlps or pap not in index.paps:
        asked += LEVELS
    if area not in index.areas or handling.purpose not in index.purposes:
        asked += AREA_AND_PURPOSE
    elif under is DECLARED:
        asked += DECLARED
    if envelope.status != "actual" or (index.types and envelope.object.type not in index.types):
        asked += TYPE_AND_STATUS
    if index.keep is not None and now - issued >= index.keep:
        asked += RETENTION
    if area in index.particular:
        asked += RULES + NEUTRALITY
    if index.graded:
        asked += GRADING
    if not plain:
        asked += RESERVED
    if handling.codes:
        return asked + CODES + ALONE
    return asked + ALONE if tlp == "red" or handling.purpose in index.evidence else asked


def _under_charter(case: Case, charter: str) -> tuple[Clause, ...]:
    """What could fail because of the charter: that it is not in force, or what it declares."""
    known = case.facts.agreements.get(charter)
    text = known.in_force(case.now) if known is not None else None
    if text is None or text.index is None:
        return CHARTER
    declared = text.index.declared
    return DECLARED if declared and case.handling.area not in declared else ()


def for_a_group(case: Case) -> tuple[Clause, ...]:
    """The clauses of `FOR_A_GROUP`, where one could fail of an entry for a working group."""
    circle, cited = circle_of(case), case.envelope.agreement
    if circle is None or circle.closed or cited is None or cited.id != circle.agreement:
        return FOR_A_GROUP
    return ()


def recipients(case: Case, recipient: str) -> tuple[RecipientClause, ...]:
    """The clauses of `PARTY_RECIPIENT` that could fail."""
    asked: tuple[RecipientClause, ...] = ()
    known, envelope = case.facts.members.get(recipient), case.envelope
    audience = envelope.audience
    if known is None or known.standing != "confirmed":
        asked += ANY_RECIPIENT
    elif envelope.roster is not None:
        asked += ROSTER
    elif PARTIES not in audience and recipient not in audience:
        asked += ANY_RECIPIENT
    index = case.text.index if case.text is not None else None
    if index is None or recipient not in index.plain:
        return asked + BETWEEN
    if case.now < index.settled or not index.steady:
        return asked + BETWEEN
    if index.charter is not None and is_apart(case.facts.agreements.get(index.charter), recipient):
        return asked + COMMUNITY
    return asked
