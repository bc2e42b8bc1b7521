"""Which clauses are worth asking of an entry: what cannot fail is passed over.

A guard here only says that its clauses would all hold; it decides nothing. The tests hold every
verdict against the one that asking every clause gives.
"""

from __future__ import annotations

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


def ordinary(case: Case) -> tuple[Clause, ...]:
    """The clauses of `ORDINARY_ENTRY` that could fail, in their order."""
    index = case.text.index if case.text is not None else None
    if index is None or case.terms is None:
        return ORDINARY_ENTRY
    asked: tuple[Clause, ...] = ()
    envelope, handling, author = case.envelope, case.handling, case.author
    tlp, pap, issued, now = case.tlp, case.pap, case.issued_at, case.now
    if author is None or author.standing != "confirmed" or author.origin != envelope.origin:
        asked += AUTHOR
    if not envelope.audience or envelope.expires is not None or case.stated_at > now:
        asked += TIMES
    plain = envelope.author in index.plain
    in_force = index.settled <= issued < index.ends and index.settled <= now < index.ends
    if not (plain and in_force and index.steady):
        asked += BASIS
    if tlp is None or handling.tlp != tlp or handling.pap != pap or case.entry.markings.unresolved:
        asked += MARKINGS
    least, most = index.pap
    if TLP_RANK[tlp] > index.tlp or not least <= PAP_RANK[pap] <= most or tlp == "red":
        asked += LEVELS
    inside = handling.area in index.areas and handling.purpose in index.purposes
    if not (inside and index.steady) or case.terms.affected_party_notifications is not None:
        asked += AREA_AND_PURPOSE
    if envelope.status != "actual" or (index.types and envelope.object.type not in index.types):
        asked += TYPE_AND_STATUS
    if index.special:
        area = handling.area if handling.area in index.areas else None
        asked += _special(index.special.get(area, ()))
    if not plain:
        asked += RESERVED
    return asked + CODES if handling.codes else asked


@cache
def _special(names: tuple[str, ...]) -> tuple[Clause, ...]:
    return tuple(clause for name in names for clause in SPECIAL[name])


def recipients(case: Case, recipient: str) -> tuple[RecipientClause, ...]:
    """The clauses of `PARTY_RECIPIENT` that could fail."""
    known, audience = case.facts.members.get(recipient), case.envelope.audience
    index = case.text.index if case.text is not None else None
    if (
        known is None
        or known.standing != "confirmed"
        or index is None
        or not index.steady
        or case.now < index.settled
        or recipient not in index.plain
        or (recipient not in audience and PARTIES not in audience)
    ):
        return PARTY_RECIPIENT
    return ()
