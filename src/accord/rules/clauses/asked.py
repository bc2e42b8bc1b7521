"""Which clauses are worth asking of an entry: what cannot fail is passed over.

A guard here only says that its clauses would all hold; it decides nothing. The tests hold every
verdict against the one that asking every clause gives.
"""

from __future__ import annotations

from accord.ledger.envelope import PARTIES
from accord.rules.case import TLP_RANK, Case

from .tables import (
    AREA_AND_PURPOSE,
    AUTHOR,
    BASIS,
    CODES,
    LEVELS,
    MARKINGS,
    ORDINARY_ENTRY,
    PARTY_RECIPIENT,
    SPECIAL_TERMS,
    TIMES,
    TYPE_AND_STATUS,
    Clause,
    RecipientClause,
)


def ordinary(case: Case) -> tuple[Clause, ...]:
    """The clauses of `ORDINARY_ENTRY` that could fail, in their order."""
    terms, text = case.terms, case.text
    if terms is None or text is None:
        return ORDINARY_ENTRY
    asked: tuple[Clause, ...] = ()
    envelope, handling = case.envelope, case.handling
    author = case.author
    if author is None or author.standing != "confirmed" or author.origin != envelope.origin:
        asked += AUTHOR
    if not envelope.audience or envelope.expires is not None or case.stated_at > case.now:
        asked += TIMES
    if _basis_in_question(case):
        asked += BASIS
    own = case.entry.markings
    if case.tlp is None or own.tlp is not None or own.pap is not None or own.unresolved:
        asked += MARKINGS
    level = TLP_RANK[case.tlp]
    if terms.pap_ceiling is not None or level > TLP_RANK[terms.tlp_ceiling] or case.tlp == "red":
        asked += LEVELS
    if (
        handling.area not in terms.areas
        or handling.purpose not in terms.purposes
        or terms.charter is not None
        or terms.affected_party_notifications is not None
    ):
        asked += AREA_AND_PURPOSE
    if terms.object_types or envelope.status != "actual":
        asked += TYPE_AND_STATUS
    if text.special:
        asked += SPECIAL_TERMS
    return asked + CODES if handling.codes else asked


def _basis_in_question(case: Case) -> bool:
    text, terms = case.text, case.terms
    life = text.life if text is not None else None
    if life is None or text is None or terms is None:
        return True
    first, last = case.issued_at, case.now
    if last < first:
        first, last = last, first
    return bool(
        first < life.since
        or (life.ends is not None and last >= life.ends)
        or life.superseded is not None
        or life.left
        or terms.unknown
        or terms.charter is not None
        or case.envelope.author not in text.parties
    )


def recipients(case: Case, recipient: str) -> tuple[RecipientClause, ...]:
    """The clauses of `PARTY_RECIPIENT` that could fail."""
    known, text, audience = case.facts.members.get(recipient), case.text, case.envelope.audience
    if (
        known is None
        or known.standing != "confirmed"
        or text is None
        or text is not case.ruling
        or recipient not in text.parties
        or text.reserved
        or text.barred
        or (text.life is not None and text.life.left)
        or (recipient not in audience and PARTIES not in audience)
    ):
        return PARTY_RECIPIENT
    return ()
