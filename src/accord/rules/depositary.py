"""What a depositary would notify to the parties, as a function of the facts alone.

There is no depositary. Each member makes the same notices from the acts that it has received.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from accord.base.clock import format_time
from accord.base.messages import Message, say

from .facts import Facts
from .standing import AgreementFacts, TextFacts


class Notification(msgspec.Struct, frozen=True):
    """One notice: since when it holds, about which text, what it says, and to whom it goes."""

    at: datetime
    agreement: str
    sha256: str
    message: Message
    to: tuple[str, ...]


def notifications(facts: Facts, member: str, until: datetime) -> tuple[Notification, ...]:
    """All that `member` should have been notified of by `until`, in the order of time.

    A member sees the notices about the texts in whose circle it is.
    """
    found = [
        each
        for known in facts.agreements.values()
        for text in known.texts.values()
        if member in text.known
        for each in _of_text(known, text)
        if each.at <= until
    ]
    return tuple(sorted(found, key=lambda each: (each.at, each.agreement)))


def _of_text(known: AgreementFacts, text: TextFacts) -> Iterator[Notification]:
    circle = tuple(sorted(text.known))
    for at, message in (*_acts(known, text), *_effects(known, text)):
        yield Notification(at, known.id, text.sha256, message, circle)


def _acts(known: AgreementFacts, text: TextFacts) -> Iterator[tuple[datetime, Message]]:
    """What members did: proposed, signed, acceded, reserved, objected, left."""
    proposal, agreement = text.proposal, known.id
    amends = proposal.terms.amends
    key = "rules.notify-proposed" if amends is None else "rules.notify-amendment"
    yield proposal.at, say(key, member=proposal.author, agreement=agreement)
    for member, signed in text.signatures.items():
        about: dict[str, str] = {"member": member, "agreement": agreement}
        if signed.reservation is not None:
            yield signed.at, say("rules.notify-reserved", **about, text=signed.reservation.text)
        if signed.unreserved is not None:
            yield signed.unreserved, say("rules.notify-unreserved", **about)
        key = "rules.notify-signed" if member in text.parties else "rules.notify-acceded"
        yield signed.at, say(key, **about, person=signed.person, office=signed.office)
    for each in text.objections:
        key, other = f"rules.notify-objected-{each.about}", each.member or "-"
        about = {"member": each.author, "other": other, "agreement": agreement}
        yield each.at, say(key, **about, reason=each.reason)
        if each.withdrawn is not None:
            yield each.withdrawn, say(f"rules.notify-unobjected-{each.about}", **about)
    for member, left in known.withdrawals.items():
        if member in text.known:
            said = say(
                "rules.notify-withdrawn", member=member, agreement=agreement, reason=left.reason
            )
            yield left.at, said


def _effects(known: AgreementFacts, text: TextFacts) -> Iterator[tuple[datetime, Message]]:
    """What followed: in force, renewed, replaced, ended."""
    life, terms, agreement = text.life, text.proposal.terms, known.id
    if life is None:
        return
    since = format_time(life.since)
    if text.decided_by is not None and life.adopted == text.decided:
        motion = text.decided_by
        yield (
            life.adopted,
            say("rules.notify-decided", agreement=agreement, since=since, motion=motion),
        )
    else:
        yield life.adopted, say("rules.notify-adopted", agreement=agreement, since=since)
    yield life.since, say("rules.notify-in-force", agreement=agreement)
    if terms.renewal is not None and terms.valid_until is not None and life.ends is not None:
        end = terms.valid_until
        while end < life.ends:
            following = end + timedelta(days=terms.renewal.days)
            until = format_time(following)
            yield end, say("rules.notify-renewed", agreement=agreement, until=until)
            end = following
    if life.superseded is not None:
        sha256 = life.successor or ""
        yield life.superseded, say("rules.notify-replaced", agreement=agreement, sha256=sha256)
    elif life.ends is not None:
        yield life.ends, say("rules.notify-ended", agreement=agreement)
