"""Which clauses are worth asking of an entry: what cannot fail is passed over.

A guard here only says that its clauses would all hold; it decides nothing. The tests hold every
verdict against the one that asking every clause gives.
"""

from __future__ import annotations

from accord.ledger.envelope import PARTIES
from accord.rules.case import Case

from .tables import (
    ANY_RECIPIENT,
    AREA_AND_PURPOSE,
    AUTHOR,
    BASIS,
    BETWEEN,
    CODES,
    FORCE,
    GRADING,
    LEVELS,
    MARKINGS,
    NEUTRALITY,
    ORDINARY_ENTRY,
    PARTY,
    RESERVED,
    RETENTION,
    RULES,
    TIMES,
    TYPE_AND_STATUS,
    Clause,
    RecipientClause,
)


def ordinary(case: Case) -> tuple[Clause, ...]:
    """The clauses of `ORDINARY_ENTRY` that could fail, in their order."""
    text, index = case.text, case.text.index if case.text is not None else None
    if text is None or index is None:
        return ORDINARY_ENTRY
    asked: tuple[Clause, ...] = ()
    envelope, handling, author = case.envelope, case.handling, case.author
    tlp, pap, area, issued, now = case.tlp, case.pap, handling.area, case.issued_at, case.now
    if author is None or author.standing != "confirmed" or author.origin != envelope.origin:
        asked += AUTHOR
    if not envelope.audience or envelope.expires is not None or case.stated_at > now:
        asked += TIMES
    plain = envelope.author in index.plain
    if not index.steady:
        asked += BASIS
    elif not index.settled <= issued <= now < index.ends:
        asked += FORCE + PARTY
    elif not plain:
        asked += PARTY
    if tlp is None or handling.tlp != tlp or handling.pap != pap or case.entry.markings.unresolved:
        asked += MARKINGS
    if tlp not in index.tlps or pap not in index.paps:
        asked += LEVELS
    if area not in index.areas or handling.purpose not in index.purposes or not index.steady:
        asked += AREA_AND_PURPOSE
    if envelope.status != "actual" or (index.types and envelope.object.type not in index.types):
        asked += TYPE_AND_STATUS
    if index.keep is not None and now - issued >= index.keep:
        asked += RETENTION
    if area in index.ruled:
        asked += RULES
    if area in index.marked:
        asked += NEUTRALITY
    if index.graded:
        asked += GRADING
    if not plain and envelope.author in text.reserved:
        asked += RESERVED
    coded = handling.codes or tlp == "red" or handling.purpose in index.evidence
    return asked + CODES if coded else asked


def recipients(case: Case, recipient: str) -> tuple[RecipientClause, ...]:
    """The clauses of `PARTY_RECIPIENT` that could fail."""
    asked: tuple[RecipientClause, ...] = ()
    known, audience = case.facts.members.get(recipient), case.envelope.audience
    if (
        known is None
        or known.standing != "confirmed"
        or (PARTIES not in audience and recipient not in audience)
    ):
        asked += ANY_RECIPIENT
    index = case.text.index if case.text is not None else None
    if (
        index is None
        or recipient not in index.plain
        or case.now < index.settled
        or not index.steady
    ):
        asked += BETWEEN
    return asked
