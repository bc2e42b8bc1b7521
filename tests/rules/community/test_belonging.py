"""Who belongs, as the release rule reads it: what late comers and those outside may be given."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from msgspec.structs import replace

from accord.rules.acts import ApplicationSeen, CouncilDecided, CouncilFounded
from accord.rules.community.belonging import after_decision, founded_community
from accord.rules.community.standings import STANDINGS, Right, Standing, may
from accord.rules.control import CONTROL
from accord.rules.decisions.effects import Effect
from accord.rules.facts import Facts, What, decode_fact, encode_fact, why_void
from accord.rules.release import release
from tests.rules.release_cases import COUNCIL, control
from tests.rules.world import (
    AGREEMENT,
    ALFA,
    BETA,
    CIRCLE,
    DAY,
    DELTA,
    NOW,
    TERMS,
    agreed,
    entry,
    known,
    numbered,
    origin,
    peers,
    signature,
)

CHARTER = replace(TERMS, council=COUNCIL)
FOUNDED = CouncilFounded(body=AGREEMENT, state="dd" * 32, members=CIRCLE)

# kind of entry: the right that opens it to one that came after it was written
OPENS: dict[str, Right] = {
    **dict.fromkeys(("proposal", "signature", "objection", "withdrawal"), "read-charter"),
    **dict.fromkeys(
        ("motion", "motion-seen", "motion-change", "ballot", "tally", "outcome"), "read-decisions"
    ),
    **dict.fromkeys(("session", "attendance"), "read-papers"),
}


def decided(does: str, member: str = DELTA, number: int = 0, **arguments: Any) -> CouncilDecided:
    effect = Effect(does=does, member=member, **arguments)
    return CouncilDecided(
        body=AGREEMENT, motion=f"{number:064x}", effect=effect, at=NOW - DAY + number * DAY / 100
    )


def facts(*more: What, me: str = ALFA) -> Facts:
    return known(*peers(ALFA, BETA, DELTA, CIRCLE[2], me=me), *agreed(CHARTER), FOUNDED, *more)


def applied(body: str = AGREEMENT, **changes: Any) -> ApplicationSeen:
    plain = ApplicationSeen(
        id="accord-application--33333333-3333-4333-8333-333333333333",
        author=DELTA,
        ledger=origin(3),
        audience=(ALFA,),
        created_by=DELTA,
        issued=NOW - 2 * DAY,
        body=body,
        standing="member",
        sponsor=ALFA,
        reason="?",
        withdrawn=False,
        version=NOW - 2 * DAY,
    )
    return replace(plain, **changes)


def given(kind: str, to: str, known_here: Facts, **changes: Any) -> bool:
    of = control(kind, author=BETA, origin=origin(1))
    what = entry(of, parties=CIRCLE if kind == "proposal" else (), **changes)
    verdict = release(what, to, known_here, NOW)
    assert {reason.message.key for reason in verdict.reasons} <= {"rules.not-in-audience"}
    return verdict.allowed


@pytest.mark.parametrize("suspended", [False, True])
@pytest.mark.parametrize("standing", [None, *STANDINGS])
@pytest.mark.parametrize("kind", OPENS)
def test_what_is_given_to_one_that_came_later_follows_from_the_matrix(
    kind: str, standing: Standing | None, suspended: bool
) -> None:
    came: list[What] = []
    if standing is not None:
        came.append(decided("admit", number=1, standing=standing))
    if suspended:
        came.append(decided("suspend", number=2))
    expected = may(standing, OPENS[kind], suspended=suspended)
    assert given(kind, DELTA, facts(*came)) == expected
    if OPENS[kind] == "read-decisions":  # of who belongs, all that belong are told
        assert given(kind, DELTA, facts(*came), swap=True) == (standing is not None)


def test_nothing_else_is_opened_by_an_admission() -> None:
    came = facts(decided("admit", standing="member"))
    others = set(CONTROL) - OPENS.keys()
    assert others
    for kind in others:
        of = control(kind, author=BETA, origin=origin(1))
        assert not release(entry(of), DELTA, came, NOW).allowed, kind
    assert not release(entry(), DELTA, came, NOW).allowed, "objects are for those who signed"


def test_who_has_left_is_given_nothing_of_what_it_was_not_there_for() -> None:
    came = decided("admit", number=1, standing="member")
    gone = facts(came, decided("note-departure", number=2))
    assert not given("motion", DELTA, gone)
    again = decided("admit", number=3, standing="observer")
    back = facts(came, decided("note-departure", number=2), again)
    assert given("motion", DELTA, back)


def test_an_applicant_keeps_what_it_is_given_of_that_body_and_of_no_other() -> None:
    plain = [*peers(ALFA, BETA, me=DELTA)]
    motion = entry(control("motion", author=BETA, origin=origin(1)))
    assert not release(motion, DELTA, known(*plain), NOW).allowed
    assert release(motion, DELTA, known(*plain, applied()), NOW).allowed
    taken_back = applied(withdrawn=True, version=NOW - DAY)
    assert not release(motion, DELTA, known(*plain, applied(), taken_back), NOW).allowed
    other = applied("accord-agreement--44444444-4444-4444-8444-444444444444")
    assert not release(motion, DELTA, known(*plain, other), NOW).allowed


def test_whom_the_council_admitted_signs_the_charter_that_does_not_name_it() -> None:
    mine = signature(DELTA, when=NOW - DAY / 2, parties=(*CIRCLE, DELTA))
    assert why_void(facts(), mine) is not None
    for standing in ("observer", "dialogue-partner"):
        assert why_void(facts(decided("admit", standing=standing)), mine) is not None
    admitted = facts(decided("admit", standing="member"))
    assert why_void(admitted, mine) is None
    signed = facts(decided("admit", standing="member"), mine)
    text = next(iter(signed.agreements[AGREEMENT].texts.values()))
    assert text.is_party(DELTA, NOW)
    assert not text.is_party(DELTA, NOW - DAY)
    assert release(entry(), DELTA, signed, NOW).allowed
    assert not release(entry(), DELTA, admitted, NOW).allowed


def test_a_new_text_of_the_charter_that_all_sign_begins_anew() -> None:
    came = [decided("suspend", BETA, 1), decided("admit", DELTA, 2, standing="member")]
    again = CouncilFounded(body=AGREEMENT, state="ee" * 32, members=(*CIRCLE, DELTA))
    community = facts(*came, again).agreements[AGREEMENT].community
    assert community is not None
    assert (community.suspended, community.motions) == ({}, frozenset())
    assert community.may(DELTA, "vote")


def test_a_decision_counts_once_and_other_effects_change_nothing() -> None:
    start = founded_community("dd" * 32, CIRCLE)
    out = Effect(does="note-departure", member=BETA)
    once = after_decision(start, "a", out, NOW)
    assert (
        after_decision(once, "a", Effect(does="admit", member=BETA, standing="member"), NOW) == once
    )
    assert after_decision(start, "b", Effect(does="declare"), NOW) == start
    assert not any(once.may(BETA, right) for right in get_args(Right))


def test_an_application_counts_when_it_is_its_authors_own_and_reaches_its_sponsor_alone() -> None:
    assert why_void(facts(), applied()) is None
    for forged in (
        applied(created_by=BETA),
        applied(ledger=origin(1)),
        applied(audience=(ALFA, BETA)),
        applied(audience=(BETA,)),
    ):
        assert why_void(facts(), forged) is not None
        assert facts(forged).applications == {}
    older = applied(version=NOW - 9 * DAY, reason="older")
    newest = facts(applied(), older).applications[AGREEMENT, DELTA]
    assert newest.reason == "?"


def test_an_activated_operation_is_kept_for_operations_to_read() -> None:
    operation = "accord-operation--33333333-3333-4333-8333-333333333333"
    said = CouncilDecided(
        body=AGREEMENT,
        motion="ab" * 32,
        effect=Effect(does="activate-operation", operation=operation),
        at=NOW,
    )
    for fact in numbered([FOUNDED, said, applied()]):
        assert decode_fact(encode_fact(fact)) == fact
    assert facts(said).operations == {operation: said}
