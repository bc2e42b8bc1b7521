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
    swap: bool = False  # of a decision of our own: it changes who belongs, or by which rules
    awaited: bool = False  # of a proposal received: an amendment that names us waits for this text


class Reason(msgspec.Struct, frozen=True, gc=False):
    """Why not. `waits`: a fact not yet seen could cure it; otherwise it is a definite no."""

    message: Message
    waits: bool = False


class Case(msgspec.Struct, frozen=True, gc=False):
    """One entry before the rule, and what the clauses ask most, looked up once.

    `stated_at` is the envelope's own time of issue, `issued_at` the one that counts. `terms` are
    those of the text cited, `ruling` is that text or the amendment now in its place. `tlp` and
    `pap` are the stricter of what the envelope says and what the object's own markings say.
    """

    entry: Entry
    envelope: Envelope
    handling: Handling
    facts: Facts
    now: datetime
    stated_at: datetime
    issued_at: datetime
    author: Member | None
    text: TextFacts | None
    terms: Terms | None
    ruling: TextFacts | None
    tlp: str | None
    pap: str | None


def case_of(entry: Entry, facts: Facts, now: datetime, issued_at: datetime | None) -> Case:
    """The case of one entry; `issued_at` null: when it was issued is the envelope's word."""
    envelope, markings = entry.envelope, entry.markings
    handling, stated_at = envelope.handling, moment_of(envelope.issued)
    text, terms, ruling = None, None, None
    cited = envelope.agreement
    known = None if cited is None else facts.agreements.get(cited.id)
    if known is not None and cited is not None:
        text = ruling = known.texts.get(cited.sha256)
        if text is not None:
            terms, life = text.proposal.terms, text.life
            if life is not None and life.superseded is not None:
                ruling = known.ruling(text, now)
    tlp: str | None = handling.tlp
    pap: str | None = handling.pap
    if markings.tlp is not None and TLP_RANK[markings.tlp] > TLP_RANK[tlp]:
        tlp = markings.tlp
    if markings.pap is not None and PAP_RANK[markings.pap] > PAP_RANK[pap]:
        pap = markings.pap
    return Case(
        entry,
        envelope,
        handling,
        facts,
        now,
        stated_at,
        stated_at if issued_at is None else issued_at,
        facts.members.get(envelope.author),
        text,
        terms,
        ruling,
        tlp,
        pap,
    )


def moment_of(text: str) -> datetime:
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
