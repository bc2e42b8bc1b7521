"""Which clauses are worth asking of an entry: what cannot fail is passed over.

A guard here only says that its clauses would all hold; it decides nothing. The tests hold every
verdict against the one that asking every clause gives.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from accord.ledger.envelope import PARTIES
from accord.rules.case import PAP_RANK, TLP_RANK, Case

from .tables import (
    AREA_AND_PURPOSE,
    AUTHOR,
    BASIS,
    CODES,
    LEVELS,
    MARKINGS,
    ORDINARY_ENTRY,
    PARTY_RECIPIENT,
    RESERVED,
    SPECIAL,
    TIMES,
    TYPE_AND_STATUS,
    Clause,
    RecipientClause,
)

_NEVER = datetime.max.replace(tzinfo=UTC)


def ordinary(case: Case) -> tuple[Clause, ...]:
    """The clauses of `ORDINARY_ENTRY` that could fail, in their order."""
    terms, text = case.terms, case.text
    if terms is None or text is None:
        return ORDINARY_ENTRY
    asked: tuple[Clause, ...] = ()
    envelope, handling = case.envelope, case.handling
    author, tlp, pap = case.author, case.tlp, case.pap
    if author is None or author.standing != "confirmed" or author.origin != envelope.origin:
        asked += AUTHOR
    if not envelope.audience or envelope.expires is not None or case.stated_at > case.now:
        asked += TIMES
    if _basis_in_question(case):
        asked += BASIS
    if tlp is None or handling.tlp != tlp or handling.pap != pap or case.entry.markings.unresolved:
        asked += MARKINGS
    ceiling = terms.pap_ceiling
    if (
        TLP_RANK[tlp] > TLP_RANK[terms.tlp_ceiling]
        or tlp == "red"
        or (ceiling is not None and (pap is None or PAP_RANK[pap] > PAP_RANK[ceiling]))
    ):
        asked += LEVELS
    if (
        handling.area not in terms.areas
        or handling.purpose not in terms.purposes
        or terms.charter is not None
        or terms.affected_party_notifications is not None
    ):
        asked += AREA_AND_PURPOSE
    types = terms.object_types
    if envelope.status != "actual" or (types and envelope.object.type not in types):
        asked += TYPE_AND_STATUS
    if text.special:
        area = handling.area if handling.area in terms.areas else None
        asked += _special(text.special.get(area, ()))
    if text.reserved and envelope.author in text.reserved:
        asked += RESERVED
    return asked + CODES if handling.codes else asked


@cache
def _special(names: tuple[str, ...]) -> tuple[Clause, ...]:
    return tuple(clause for name in names for clause in SPECIAL[name])


def _basis_in_question(case: Case) -> bool:
    text, terms, author = case.text, case.terms, case.envelope.author
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
        or author in life.left
        or (author not in text.parties and first < life.joined.get(author, _NEVER))
        or terms.unknown
        or terms.charter is not None
    )


def recipients(case: Case, recipient: str) -> tuple[RecipientClause, ...]:
    """The clauses of `PARTY_RECIPIENT` that could fail."""
    known, text, audience = case.facts.members.get(recipient), case.text, case.envelope.audience
    if (
        known is None
        or known.standing != "confirmed"
        or text is None
        or text is not case.ruling
        or text.life is None
        or recipient not in text.parties
        or recipient in text.life.left
        or recipient in text.reserved
        or (text.barred and (case.envelope.author, recipient) in text.barred)
        or (recipient not in audience and PARTIES not in audience)
    ):
        return PARTY_RECIPIENT
    return ()
