"""Whether an agreement's text is in force at a time, since when, and between whom.

A text lives from its adoption (every named party has signed it) or its start, whichever is later,
until its end, or until withdrawals leave fewer than two parties. All of it follows from the facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from .terms import Terms

State = Literal["proposed", "adopted", "in-force", "ended", "withdrawn"]


class Proposal(msgspec.Struct, frozen=True):
    """The text, and who proposed it when."""

    author: str
    terms: Terms
    seq: int
    at: datetime


class Signed(msgspec.Struct, frozen=True):
    """A party's signature under one text. Reservations will stand here and narrow what flows."""

    person: str
    office: str
    seq: int
    at: datetime


class Left(msgspec.Struct, frozen=True):
    """A party's withdrawal from an agreement, under whatever text."""

    reason: str
    seq: int
    at: datetime


class Life(msgspec.Struct, frozen=True):
    """When an adopted text is in force: from `since`, up to and not including `ends`."""

    adopted: datetime
    since: datetime
    ends: datetime | None
    by_withdrawal: bool
    left: dict[str, datetime]

    def covers(self, moment: datetime) -> bool:
        return self.since <= moment and (self.ends is None or moment < self.ends)


class TextFacts(msgspec.Struct, frozen=True):
    """What is known of one text: its proposal, who signed it, and its life once all did."""

    sha256: str
    proposal: Proposal
    parties: frozenset[str]
    signatures: dict[str, Signed]
    life: Life | None

    def is_party(self, member: str, moment: datetime) -> bool:
        """Whether `member` is named by the text and has not left it by `moment`."""
        if member not in self.parties:
            return False
        if self.life is None or not self.life.left:
            return True
        leaves = self.life.left.get(member)
        return leaves is None or moment < leaves


class AgreementFacts(msgspec.Struct, frozen=True):
    """All texts proposed under one id, by hash, and the withdrawals from all of them."""

    id: str
    texts: dict[str, TextFacts]
    withdrawals: dict[str, Left]


class Standing(msgspec.Struct, frozen=True):
    """How a text stands at a time. `parties` is empty unless it is in force."""

    state: State
    since: datetime | None
    until: datetime | None
    signed: tuple[str, ...]
    missing: tuple[str, ...]
    parties: tuple[str, ...]


def standing(agreement: AgreementFacts, sha256: str, at: datetime) -> Standing | None:
    """How the text with this hash stands at `at`; None when no such text was proposed."""
    text = agreement.texts.get(sha256)
    if text is None:
        return None
    named = text.proposal.terms.parties
    signed = tuple(p for p in named if p in text.signatures and text.signatures[p].at <= at)
    state = _state(text, agreement.withdrawals, at)
    life = text.life
    return Standing(
        state=state,
        since=life.since if life is not None else None,
        until=life.ends if life is not None else text.proposal.terms.valid_until,
        signed=signed,
        missing=tuple(p for p in named if p not in signed),
        parties=tuple(p for p in named if text.is_party(p, at)) if state == "in-force" else (),
    )


def _state(text: TextFacts, withdrawals: Mapping[str, Left], at: datetime) -> State:
    life, terms = text.life, text.proposal.terms
    if life is not None and life.ends is not None and life.ends <= at:
        return "withdrawn" if life.by_withdrawal else "ended"
    if terms.valid_until is not None and terms.valid_until <= at:
        return "ended"
    if life is not None:
        if life.since <= at:
            return "in-force"
        return "adopted" if life.adopted <= at else "proposed"
    if any(party in text.parties and left.at <= at for party, left in withdrawals.items()):
        return "withdrawn"
    return "proposed"


def may_still_be_adopted(agreement: AgreementFacts, text: TextFacts, at: datetime) -> bool:
    """Whether signatures that this node has not seen could yet bring the text into force."""
    return text.life is None and _state(text, agreement.withdrawals, at) == "proposed"


def life_of(
    terms: Terms, signatures: Mapping[str, Signed], withdrawals: Mapping[str, Left]
) -> Life | None:
    """The life of a text that every party signed; None when one has not, or left before adoption.

    A signature's time is its author's word, never later than the time it is proved to exist; a
    backdated last signature can therefore antedate the adoption, but every party signed that text.
    """
    if len(signatures) < len(terms.parties):
        return None
    adopted = max(signature.at for signature in signatures.values())
    left = {party: withdrawals[party].at for party in terms.parties if party in withdrawals}
    if any(moment <= adopted for moment in left.values()):
        return None
    return _between(terms, adopted, left)


def _between(terms: Terms, adopted: datetime, left: dict[str, datetime]) -> Life:
    ends, by_withdrawal = terms.valid_until, False
    too_few = len(terms.parties) - 2  # after so many withdrawals, the next one ends it
    if len(left) > too_few:
        last = sorted(left.values())[too_few]
        if ends is None or last < ends:
            ends, by_withdrawal = last, True
    return Life(
        adopted=adopted,
        since=max(adopted, terms.valid_from),
        ends=ends,
        by_withdrawal=by_withdrawal,
        left=left,
    )
