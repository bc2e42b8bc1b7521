"""What liars try once the time has run: tallies, outcomes, and motions that exclude each other."""

from __future__ import annotations

import msgspec

from accord.rules.decisions.bodies import BodyState
from accord.rules.decisions.contradictions import contradictions
from accord.rules.decisions.council import Council
from accord.rules.decisions.duties import due, standing
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.findings import findings
from accord.rules.decisions.heard import Said
from accord.rules.decisions.objects import Ballot, Finding, Outcome, Tally
from accord.rules.decisions.record import digest_of
from tests.rules.decisions.chamber import (
    HOUR,
    LEDGER_OF,
    SILENCE,
    START,
    TWO_THIRDS,
    UNANIMITY,
    Chamber,
    council_of,
    hash_of,
    heard,
    motion,
    opened,
)

CLOSES = START + 72 * HOUR


def without(chamber: Chamber, liar: str) -> None:
    """All but one follow everybody and act."""
    honest = [member for member in chamber.members if member != liar]
    for _ in range(4):
        for member in honest:
            for owner in chamber.members:
                chamber.follow(member, owner)
        for member in honest:
            chamber.act(member)


def test_tallies_that_lie_are_outvoted_and_shown_with_what_contradicts_them() -> None:
    chamber, sha256 = opened(5, TWO_THIRDS)
    a, b, *_, liar = chamber.members
    for member in chamber.members[:4]:
        chamber.vote(member, sha256, "yes")
    chamber.round()
    chamber.wait(49)
    node = chamber.nodes[liar]
    record = node.council.record(sha256)
    assert record is not None
    true = findings(sha256, record, node.views(), {}, None)
    found = tuple(Finding(each.voter, "silent") if each.voter == a else each for each in true.found)
    lie = msgspec.structs.replace(true, found=found)
    chamber.say(liar, lie, chamber.motion(sha256).audience)
    chamber.say(liar, Outcome(sha256, digest_of(lie)), chamber.motion(sha256).audience)
    without(chamber, liar)
    assert {chamber.nodes[m].council.verdict(sha256) for m in chamber.members[:4]} == {"adopted"}
    (shown,) = contradictions(chamber.nodes[b].council, sha256)
    assert (shown.author, shown.reason.key) == (liar, "rules.tally-contradicted")
    assert {place.member for place in shown.places} == {liar, a}


def test_one_lying_tally_keeps_unanimity_from_being_final_and_adopts_nothing() -> None:
    chamber, sha256 = opened(4, UNANIMITY)
    *honest, liar = chamber.members
    for member in chamber.members:
        chamber.vote(member, sha256, "no" if member == liar else "yes")
    chamber.round()
    chamber.wait(49)
    what = chamber.motion(sha256)
    lie = Tally(
        motion_sha256=sha256,
        closes=what.closes,
        withdrawn=False,
        rival=None,
        found=tuple(Finding(v, "yes", "cc" * 32) for v in what.counted),
    )
    chamber.say(liar, lie, what.audience)
    chamber.say(liar, Outcome(sha256, digest_of(lie)), what.audience)
    without(chamber, liar)
    assert {chamber.nodes[m].council.verdict(sha256) for m in honest} == {"rejected"}


def test_of_two_swaps_on_one_base_one_is_adopted_and_the_other_lapses_with_the_reason() -> None:
    state = council_of(4, SILENCE)
    chamber = Chamber(state)
    a, b, *_ = chamber.members
    effects = [Effect(does="suspend", member=m) for m in chamber.members[2:]]
    first = chamber.move(a, motion(state, effects[0], 1))
    second = chamber.move(b, motion(state, effects[1], 2, closes=CLOSES + HOUR))
    chamber.run(96)
    assert chamber.verdicts(first) == {"adopted"}
    assert chamber.verdicts(second) == {"lapsed"}
    council = chamber.nodes[a].council
    record = council.record(second)
    assert record is not None
    assert {tally.rival for tally in record.findings.values()} == {first}
    head = council.head(state.body)
    assert head is not None
    assert head.suspended == {chamber.members[2]}


def test_a_voter_bound_to_one_swap_never_confirms_another_on_its_base() -> None:
    state = council_of(2, SILENCE)
    a, b = state.voters
    moved = [
        motion(
            council_of(2, SILENCE),
            Effect(does="admit", member=m, standing="member"),
            n,
        )
        for n, m in enumerate(list(LEDGER_OF)[10:12], start=1)
    ]
    council = Council(state)
    late = CLOSES + 100 * HOUR
    for place, what in enumerate(moved):
        sha256 = hash_of(what, a)
        tally = Tally(
            motion_sha256=sha256,
            closes=what.closes,
            withdrawn=False,
            rival=None,
            found=tuple(Finding(v, "silent") for v in what.counted),
        )
        council.hear(heard(a, 10 * place, what, what.audience))
        for voter in (a, b):
            council.hear(heard(voter, 10 * place + 1, tally, what.audience))
            council.hear(
                heard(
                    voter,
                    10 * place + 2,
                    Ballot(motion_ref=what.id, motion_sha256=sha256, choice="yes"),
                    what.audience,
                )
            )
        said = due(council, sha256, b, {}, late)
        if place == 0:
            assert said == Outcome(sha256, digest_of(tally))
            council.hear(heard(b, 5, Outcome(sha256, digest_of(tally)), what.audience))
        else:
            assert not isinstance(said, Outcome)


def test_when_more_than_a_minority_lies_it_is_contested_and_no_branch_is_followed() -> None:
    state: BodyState = council_of(2, SILENCE)
    council = Council(state)
    a, b = state.voters
    for number, member in enumerate(list(LEDGER_OF)[10:12], start=1):
        what = motion(state, Effect(does="admit", member=member, standing="member"), number)
        sha256 = hash_of(what, a)
        tally = Tally(
            motion_sha256=sha256,
            closes=what.closes,
            withdrawn=False,
            rival=None,
            found=tuple(Finding(v, "silent") for v in what.counted),
        )
        says: tuple[Said, ...] = (what, tally, Outcome(sha256, digest_of(tally)))
        for place, said in enumerate(says):
            for voter in (a, b) if place else (a,):
                council.hear(heard(voter, 10 * number + place, said, what.audience))
        assert council.contested(sha256) == (number == 2)
        head = council.head(state.body)
        assert head is not None
        assert (head.id == state.id) == (number == 2)
    assert standing(council, sha256, {}, CLOSES + HOUR).state == "contested"
