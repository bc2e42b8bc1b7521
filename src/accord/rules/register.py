"""The register of an agreement: each party's acts, as treaty registers show them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from .reserving import Reservation
from .standing import AgreementFacts, Objection, TextFacts

PartyState = Literal["invited", "signed", "in-force", "may-accede", "acceded", "withdrawn", "ended"]


class PartyStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the register. Moments are None where the act has not been done."""

    member: str
    state: PartyState
    signed: datetime | None = None
    person: str | None = None
    office: str | None = None
    acceded: datetime | None = None
    reservation: Reservation | None = None  # stays on record when it is taken back
    unreserved: datetime | None = None
    objections: tuple[Objection, ...] = ()  # by others, to this member's reservation or accession
    objects: tuple[Objection, ...] = ()  # by this member
    in_force_since: datetime | None = None
    withdrawn: datetime | None = None
    reason: str | None = None  # of the withdrawal


def register(known: AgreementFacts, sha256: str, at: datetime) -> tuple[PartyStatus, ...]:
    """A line for each member of the circle, in the order of the text, and for each that acceded as
    the council had admitted it; acts after `at` are not shown.

    `KeyError` when no such text was proposed.
    """
    text = known.texts[sha256]
    return tuple(_line(known, text, member, at) for member in text.known)


def _line(known: AgreementFacts, text: TextFacts, member: str, at: datetime) -> PartyStatus:
    signed, left = text.signatures.get(member), known.withdrawals.get(member)
    if signed is not None and signed.at > at:
        signed = None
    if left is not None and left.at > at:
        left = None
    named = member in text.parties
    heard = [
        msgspec.structs.replace(each, withdrawn=_by(each.withdrawn, at))
        for each in text.objections
        if each.at <= at
    ]
    since = _since(text, member)
    return PartyStatus(
        member=member,
        state=_state(text, member, at),
        signed=signed.at if signed is not None and named else None,
        acceded=signed.at if signed is not None and not named else None,
        person=signed.person if signed is not None else None,
        office=signed.office if signed is not None else None,
        reservation=signed.reservation if signed is not None else None,
        unreserved=_by(signed.unreserved, at) if signed is not None else None,
        objections=tuple(each for each in heard if each.member == member),
        objects=tuple(each for each in heard if each.author == member),
        in_force_since=since if since is not None and since <= at else None,
        withdrawn=left.at if left is not None else None,
        reason=left.reason if left is not None else None,
    )


def _by(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and moment <= at else None


def _since(text: TextFacts, member: str) -> datetime | None:
    """Since when the text binds the member, once it is adopted."""
    life = text.life
    if life is None:
        return None
    return life.since if member in text.parties else life.joined.get(member)


def _state(text: TextFacts, member: str, at: datetime) -> PartyState:
    life, signed = text.life, text.signatures.get(member)
    left = life.left.get(member) if life is not None else None
    if left is not None and left <= at:
        return "withdrawn"
    since = _since(text, member)
    if life is not None and since is not None and since <= at:
        over = (life.ends, life.superseded)
        return "ended" if any(end is not None and end <= at for end in over) else "in-force"
    if signed is None or signed.at > at:
        return "invited" if member in text.parties else "may-accede"
    return "signed" if member in text.parties else "acceded"
