"""What is given back to the member that gave it, and nothing else, may go where nothing goes on."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from accord.ledger.envelope import PARTIES, Envelope
from accord.rules.answers import answered_by, given_back, named_by
from accord.rules.facts import Facts
from accord.rules.release import Entry, release
from tests.rules.release_cases import ALL, ELSEWHERE, IN_FORCE, RECEIVED, SOURCE, passed_on, terms
from tests.rules.world import (
    BETA,
    GAMMA,
    HANDLING,
    NOW,
    TERMS,
    agreed,
    community,
    entry,
    envelope,
    handled,
    known,
    origin,
    peers,
)

BACK = envelope(audience=(GAMMA,))  # to the member from whose ledger `SOURCE` is
H2 = replace(RECEIVED, handling=replace(HANDLING, codes=("H2",)))
STRICT = replace(RECEIVED, handling=replace(HANDLING, tlp="amber+strict"))


def back(of: Envelope = BACK, received: Envelope | None = RECEIVED) -> Entry:
    return passed_on(of, received)


def handled_back(**changes: Any) -> Envelope:
    return replace(handled(**changes), audience=(GAMMA,))


FREED: dict[str, tuple[Entry, Facts]] = {
    "rules.onward-none": (back(), terms(onward="none")),
    "rules.onward-strict": (back(handled_back(tlp="amber+strict"), STRICT), IN_FORCE),
    "rules.onward-h2": (back(handled_back(codes=("H2",)), H2), IN_FORCE),
}


@pytest.mark.parametrize("key", FREED)
def test_what_may_not_be_passed_on_may_be_given_back_to_its_giver_alone(key: str) -> None:
    asked, facts = FREED[key]
    assert release(asked, GAMMA, facts, NOW).reasons == ()
    for audience, recipient in (((BETA,), BETA), ((BETA, GAMMA), GAMMA), ((PARTIES,), GAMMA)):
        other = replace(asked, envelope=replace(asked.envelope, audience=audience))
        denied = release(other, recipient, facts, NOW)
        assert [reason.message.key for reason in denied.reasons] == [key]


@pytest.mark.parametrize("key", FREED)
def test_the_giver_judges_what_it_gets_back_as_the_sender_does(key: str) -> None:
    asked, _ = FREED[key]
    seen = replace(asked, source=None)  # a receiver sees the reference, and holds its own entry
    onward = "none" if key == "rules.onward-none" else "agreement"
    facts = community(replace(TERMS, onward=onward), me=GAMMA)

    assert release(seen, GAMMA, facts, NOW, issued_at=NOW).allowed
    lent = replace(seen, envelope=replace(seen.envelope, source=replace(SOURCE, origin=origin(1))))
    denied = release(lent, GAMMA, facts, NOW, issued_at=NOW)
    assert [reason.message.key for reason in denied.reasons] == [key]


def test_the_agreement_under_which_it_came_does_not_stand_in_the_way_of_its_giver() -> None:
    asked = back(received=ELSEWHERE)  # under an agreement of which nothing is known here
    assert release(asked, GAMMA, IN_FORCE, NOW).allowed


def test_all_that_is_asked_of_any_other_entry_is_asked_of_what_is_given_back() -> None:
    amber = replace(RECEIVED, handling=replace(HANDLING, tlp="amber"))
    asked = back(received=amber)
    assert keys(asked, IN_FORCE) == ["rules.onward-looser"]
    assert keys(back(handled_back(area="arms")), IN_FORCE) == ["rules.area-outside"]
    assert keys(back(received=None), IN_FORCE) == ["rules.onward-source-unknown"]
    assert keys(back(), known(*peers(*ALL, me=BETA), *agreed())) == []


def keys(asked: Entry, facts: Facts) -> list[str]:
    return [reason.message.key for reason in release(asked, GAMMA, facts, NOW).reasons]


def test_nothing_is_given_back_to_a_member_that_is_not_known() -> None:
    unknown = known(*peers(BETA), *agreed())
    assert given_back(replace(BACK, source=SOURCE), IN_FORCE)
    assert not given_back(replace(BACK, source=SOURCE), unknown)
    assert not given_back(BACK, IN_FORCE)


def test_an_answer_names_its_objects_once_and_a_correction_is_of_its_own() -> None:
    one, other = "malware--1", "malware--2"
    assert named_by("note", {"object_refs": [one, other, one]}) == (one, other)
    assert named_by("opinion", {"object_refs": [one]}) == (one,)
    assert named_by("sighting", {"sighting_of_ref": one}) == (one,)
    assert named_by("report", {"object_refs": [one]}) == ()
    correction = replace(BACK, source=SOURCE)
    assert answered_by(correction, {}, IN_FORCE) == (correction.object.id,)
    assert answered_by(entry().envelope, {"object_refs": [one]}, IN_FORCE) == ()
