"""A reservation or an objection taken back alone: the signature under the text stands."""

from __future__ import annotations

from datetime import datetime

import msgspec

from .acts import ObjectionSeen, ObjectionWithdrawn, ReservationWithdrawn
from .standing import Objection, TextFacts


def is_same_objection(known: Objection, what: ObjectionSeen | ObjectionWithdrawn) -> bool:
    """Whether this is an objection of that author to the same, and it still stands."""
    same = (known.author, known.about, known.member) == (what.author, what.about, what.member)
    return same and known.withdrawn is None


def unreserved(text: TextFacts, what: ReservationWithdrawn, at: datetime) -> TextFacts:
    """The text without its author's reservation, which stays on record."""
    signed = msgspec.structs.replace(text.signatures[what.author], unreserved=at)
    return msgspec.structs.replace(
        text,
        signatures={**text.signatures, what.author: signed},
        reserved={each: said for each, said in text.reserved.items() if each != what.author},
    )


def unobjected(text: TextFacts, what: ObjectionWithdrawn, at: datetime) -> TextFacts:
    """The text without the effects of an objection, which stays on record."""
    objections = tuple(
        msgspec.structs.replace(each, withdrawn=at) if is_same_objection(each, what) else each
        for each in text.objections
    )
    barred: dict[tuple[str, str], datetime] = {}
    for each in objections:  # two may bar the same pair
        if each.precludes and each.member is not None and each.withdrawn is None:
            for pair in ((each.author, each.member), (each.member, each.author)):
                barred.setdefault(pair, each.at)
    return msgspec.structs.replace(text, objections=objections, barred=barred)
