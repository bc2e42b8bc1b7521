"""A reservation or an objection taken back alone: what it held back flows; it stays on record."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from accord.base.errors import InputError
from accord.base.messages import LANGUAGES, translate
from accord.rules.acts import ObjectionSubject, ObjectionWithdrawn, ReservationWithdrawn
from accord.rules.depositary import notifications
from accord.rules.facts import Facts, What, decode_fact, encode_fact, why_void
from accord.rules.register import PartyStatus, register
from accord.rules.release import release
from accord.rules.standing import end_of, standing
from accord.rules.statements import withdrawal_of
from accord.rules.terms import Renewal
from tests.rules.world import (
    AGREEMENT,
    ALFA,
    BETA,
    CIRCLE,
    DAY,
    DELTA,
    GAMMA,
    NOW,
    SHA,
    START,
    TERMS,
    entry,
    known,
    numbered,
    objection,
    origin,
    peers,
    proposal,
    reserving,
    signature,
)

RESERVED: list[What] = [
    *peers(ALFA, BETA, GAMMA, DELTA),
    proposal(),
    signature(ALFA),
    signature(BETA, reservation=reserving("received", tlp_ceiling="clear")),
    signature(GAMMA),
]
NUMBER = {ALFA: 0, BETA: 1, GAMMA: 2, DELTA: 3}


def said(author: str, when: Any = NOW - DAY) -> dict[str, Any]:
    return {
        "author": author,
        "ledger": origin(NUMBER[author]),
        "audience": CIRCLE,
        "issued": when,
        "agreement": AGREEMENT,
        "sha256": SHA,
        "created_by": author,
        "reason": "Our law has changed.",
    }


def unreserved(author: str = BETA, **changes: Any) -> ReservationWithdrawn:
    return ReservationWithdrawn(**(said(author) | changes))


def unobjected(author: str, member: str | None, when: Any = NOW - DAY) -> ObjectionWithdrawn:
    about: ObjectionSubject = "reservation" if member is not None else "renewal"
    return ObjectionWithdrawn(**said(author, when), about=about, member=member)


def line(facts: Facts, member: str) -> PartyStatus:
    (found,) = [
        each for each in register(facts.agreements[AGREEMENT], SHA, NOW) if each.member == member
    ]
    return found


def test_what_a_reservation_held_back_flows_when_it_is_taken_back() -> None:
    before, after = known(*RESERVED), known(*RESERVED, unreserved())
    assert not release(entry(), BETA, before, NOW).allowed
    assert release(entry(), BETA, after, NOW).allowed
    stands = standing(after.agreements[AGREEMENT], SHA, NOW)
    assert stands is not None
    assert BETA in stands.parties, "the signature stands"


def test_a_reservation_stays_on_record_with_the_day_it_was_taken_back() -> None:
    found = line(known(*RESERVED, unreserved()), BETA)
    assert found.reservation is not None
    assert found.unreserved == NOW - DAY
    assert line(known(*RESERVED), BETA).unreserved is None


def test_what_an_objection_barred_flows_when_it_is_taken_back() -> None:
    barred = [*RESERVED, unreserved(), objection(ALFA, BETA, when=NOW - 2 * DAY)]
    before = known(*barred)
    after = known(*barred, unobjected(ALFA, BETA))
    assert not release(entry(), BETA, before, NOW).allowed
    assert release(entry(), BETA, after, NOW).allowed
    (shown,) = line(after, BETA).objections
    assert shown.withdrawn == NOW - DAY
    again = objection(ALFA, BETA, when=NOW)
    assert why_void(after, again) is None, "and may be made anew"


def test_a_second_objection_between_the_same_two_goes_on_barring() -> None:
    both = [
        *RESERVED,
        objection(ALFA, BETA, when=NOW - 2 * DAY),
        objection(BETA, ALFA, when=NOW - 2 * DAY, about="accession"),
        unobjected(ALFA, BETA),
    ]
    facts = known(*both)
    assert {reason.message.key for reason in release(entry(), BETA, facts, NOW).reasons} >= {
        "rules.objected-between"
    }


@pytest.mark.parametrize("days, renewed", [(40, True), (5, False)])
def test_a_renewal_that_was_objected_to_goes_ahead_if_it_is_taken_back_in_time(
    days: int, renewed: bool
) -> None:
    """Thirty days before the end is the last moment for either."""
    end = START + 100 * DAY
    terms = replace(TERMS, valid_until=end, renewal=Renewal(days=100, times=1, notice_days=30))
    facts = known(
        *peers(ALFA, BETA, GAMMA, DELTA),
        proposal(terms),
        *(signature(each) for each in CIRCLE),
        objection(ALFA, None, when=START + 10 * DAY, about="renewal", precludes=False),
        unobjected(ALFA, None, when=end - days * DAY),
    )
    text = facts.agreements[AGREEMENT].texts[SHA]
    assert end_of(terms, text.objections) == (end + 100 * DAY if renewed else end)


@pytest.mark.parametrize(
    "what",
    [
        unreserved(ALFA),  # declared none
        unreserved(DELTA),  # no party
        unreserved(created_by=ALFA),
        unreserved(audience=(ALFA, BETA)),
        unobjected(ALFA, BETA),  # never objected
    ],
)
def test_what_was_never_said_cannot_be_taken_back_nor_by_another(what: Any) -> None:
    facts = known(*RESERVED)
    assert why_void(facts, what) is not None
    after = known(*RESERVED, what)
    assert after.agreements == facts.agreements


def test_it_is_taken_back_once_and_the_facts_are_read_back_as_they_were_kept() -> None:
    once = [*RESERVED, unreserved()]
    assert why_void(known(*once), unreserved()) is not None
    for fact in numbered([*once, unobjected(ALFA, BETA)]):
        assert decode_fact(encode_fact(fact)) == fact


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_parties_are_notified_in_each_language(language: str) -> None:
    whats = [
        *RESERVED,
        objection(ALFA, BETA, when=NOW - 2 * DAY),
        unreserved(),
        unobjected(ALFA, BETA),
    ]
    for member in CIRCLE:
        found = notifications(known(*whats), member, NOW)
        keys = [each.message.key for each in found]
        assert {"rules.notify-unreserved", "rules.notify-unobjected-reservation"} <= set(keys)
        assert not [
            key for key in keys if translate(found[keys.index(key)].message, language) == key
        ]


def test_the_object_says_what_is_taken_back_and_nothing_else() -> None:
    plain = {"type": "accord-withdrawal", "agreement_ref": AGREEMENT, "reason": "?"}
    assert withdrawal_of(plain).part is None
    assert withdrawal_of({**plain, "part": "reservation"}).part == "reservation"
    whole = {**plain, "part": "objection", "about": "reservation", "member_ref": BETA}
    assert withdrawal_of(whole).member_ref == BETA
    for wrong in (
        {**plain, "part": "signature"},
        {**plain, "part": "objection"},
        {**plain, "part": "objection", "about": "renewal", "member_ref": BETA},
        {**plain, "part": "reservation", "about": "renewal"},
        {**plain, "member_ref": BETA},
    ):
        with pytest.raises(InputError):
            withdrawal_of(wrong)
