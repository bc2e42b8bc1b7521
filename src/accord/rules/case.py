"""What a verdict is about: the entry, and what is known at the time."""

from __future__ import annotations

from datetime import datetime

import msgspec

from accord.base.clock import parse_time
from accord.base.messages import Arg, Message
from accord.ledger.envelope import Envelope, Handling
from accord.stix.markings import PAP_ORDER, TLP_ORDER, Markings

from .facts import Facts, Member
from .standing import TextFacts
from .terms import Terms

TLP_RANK: dict[str | None, int] = {level: rank for rank, level in enumerate(TLP_ORDER)}
PAP_RANK: dict[str | None, int] = {level: rank for rank, level in enumerate(PAP_ORDER)}
TLP_RANK[None] = PAP_RANK[None] = -1  # nothing said: looser than anything said


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as the release rule sees it. `size` is in bytes, of the object."""

    envelope: Envelope
    markings: Markings
    size: int
    person_triggers: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()  # of a proposal: the circle that its text names
    source: Envelope | None = None  # of an entry passed on: as it was received, where that is held
    flags: tuple[str, ...] = ()  # words and fields that ask for a review of neutrality
    amends: str | None = None  # of a proposal: the hash of the text that it would replace


class Reason(msgspec.Struct, frozen=True, gc=False):
    """Why not. `waits`: a fact not yet seen could cure it; otherwise it is a definite no."""

    message: Message
    waits: bool = False


class Case:
    """One entry before the rule; the clauses read it and change nothing."""

    __slots__ = (
        "author",
        "entry",
        "envelope",
        "facts",
        "handling",
        "issued_at",
        "now",
        "pap",
        "ruling",
        "stated_at",
        "terms",
        "text",
        "tlp",
    )

    def __init__(
        self, entry: Entry, facts: Facts, now: datetime, issued_at: datetime | None
    ) -> None:
        envelope = entry.envelope
        self.entry = entry
        self.envelope = envelope
        self.author: Member | None = facts.members.get(envelope.author)
        self.facts = facts
        self.now = now
        self.stated_at: datetime = _moment(envelope.issued)
        self.issued_at: datetime = self.stated_at if issued_at is None else issued_at
        self.text: TextFacts | None = None
        self.ruling: TextFacts | None = None  # the text cited, or the amendment now in its place
        self.terms: Terms | None = None
        cited = envelope.agreement
        known = None if cited is None else facts.agreements.get(cited.id)
        if known is not None and cited is not None:
            text = known.texts.get(cited.sha256)
            if text is not None:
                life = text.life
                replaced = life is not None and life.superseded is not None
                self.text, self.terms = text, text.proposal.terms
                self.ruling = known.ruling(text, now) if replaced else text
        handling, markings = envelope.handling, entry.markings
        self.handling: Handling = handling
        # The stricter of what the envelope says and what the object's own markings say.
        self.tlp: str | None = handling.tlp
        self.pap: str | None = handling.pap
        own_tlp, own_pap = markings.tlp, markings.pap
        if own_tlp is not None and TLP_RANK[own_tlp] > TLP_RANK[handling.tlp]:
            self.tlp = own_tlp
        if own_pap is not None and PAP_RANK[own_pap] > PAP_RANK[handling.pap]:
            self.pap = own_pap


def _moment(text: str) -> datetime:
    """A time of an envelope, whose form was checked when it was read."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parse_time(text)  # a leap second


def no(key: str, /, **args: Arg) -> Reason:
    """A definite no."""
    return Reason(Message(key, args))


def waits(key: str, /, **args: Arg) -> Reason:
    """Not now: a fact is missing that may still come."""
    return Reason(Message(key, args), waits=True)


def upper(level: str | None) -> str:
    """A TLP or PAP level as people write it."""
    return "-" if level is None else level.upper()
