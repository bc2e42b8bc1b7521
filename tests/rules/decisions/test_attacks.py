"""What is tried on decisions, by name, and what becomes of it."""

from __future__ import annotations

import msgspec
import pytest

from accord.rules.decisions.bodies import BodyState, changed
from accord.rules.decisions.contradictions import contradictions
from accord.rules.decisions.council import Council
from accord.rules.decisions.duties import due, standing
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.findings import findings
from accord.rules.decisions.heard import Said
from accord.rules.decisions.objects import Ballot, Finding, Found, Outcome, Seen, Tally
from accord.rules.decisions.record import digest_of
from accord.rules.decisions.rule import Rule
from accord.rules.decisions.witnessing import Cosigned
from tests.rules.decisions.chamber import (
    HOUR,
    LEDGER_OF,
    MOST_VOTES,
    SILENCE,
    START,
    TWO_THIRDS,
    UNANIMITY,
    Chamber,
    council_of,
    hash_of,
    heard,
    motion,
)

CLOSES = START + 72 * HOUR


def opened(count: int, rule: Rule) -> tuple[Chamber, str]:
    """A motion that everybody has had for a day."""
    state = council_of(count, rule)
    chamber = Chamber(state)
    sha256 = chamber.move(chamber.members[0], motion(state))
    chamber.run(24)
    return chamber, sha256


def found_by(chamber: Chamber, member: str, sha256: str) -> dict[str, Found]:
    node = chamber.nodes[member]
    tally = standing(node.council, sha256, node.views(), chamber.now, member).tally
    assert tally is not None
    return {each.voter: each.found for each in tally.found}


def reasons(chamber: Chamber, member: str, sha256: str) -> set[str]:
    record = chamber.nodes[member].council.record(sha256)
    assert record is not None
    return {void.reason.key for void in record.voids.values()}


def without(chamber: Chamber, liar: str) -> None:
    """All but one follow everybody and act."""
    honest = [member for member in chamber.members if member != liar]
    for _ in range(4):
        for member in honest:
            for owner in chamber.members:
                chamber.follow(member, owner)
        for member in honest:
            chamber.act(member)


def test_a_ballot_replayed_in_another_ledger_is_void() -> None:
    chamber, sha256 = opened(4, TWO_THIRDS)
    a, b, *_ = chamber.members
    ballot = chamber.vote(a, sha256, "yes")
    copy = heard(b, len(chamber.ledgers[b]), ballot.said, ballot.audience)
    copy = msgspec.structs.replace(copy, created_by=a, sha256=ballot.sha256)
    chamber.ledgers[b].append((copy, frozenset()))
    chamber.run(72)
    assert reasons(chamber, a, sha256) == {"rules.void-not-its-author"}
    assert found_by(chamber, a, sha256)[b] == "void"


def test_a_ballot_replayed_in_its_own_ledger_counts_once() -> None:
    chamber, sha256 = opened(4, TWO_THIRDS)
    a = chamber.members[0]
    ballot = chamber.vote(a, sha256, "yes")
    chamber.say(a, ballot.said, ballot.audience)
    chamber.run(72)
    assert found_by(chamber, chamber.members[1], sha256)[a] == "yes"


def test_a_ballot_of_one_motion_replayed_for_another_is_not_a_voice_for_it() -> None:
    chamber, first = opened(4, UNANIMITY)
    a = chamber.members[0]
    second = chamber.move(a, motion(council_of(4, UNANIMITY), number=2))
    chamber.vote(a, first, "yes")
    chamber.run(96)
    assert found_by(chamber, a, second)[a] == "silent"


def test_a_forged_ballot_in_the_forgers_ledger_is_void_and_costs_the_voter_nothing() -> None:
    chamber, sha256 = opened(4, SILENCE)
    forger, victim = chamber.members[:2]
    for _ in range(9):  # the place of the forged one is then before the end of the victim's ledger
        chamber.say(victim, Seen(sha256), chamber.motion(sha256).audience)
    said = Ballot(motion_ref=chamber.motion(sha256).id, motion_sha256=sha256, choice="no")
    forged = heard(
        victim,
        len(chamber.ledgers[forger]),
        said,
        chamber.motion(sha256).audience,
        ledger=LEDGER_OF[forger],
    )
    chamber.ledgers[forger].append((forged, frozenset()))
    chamber.run(72)
    assert reasons(chamber, victim, sha256) == {"rules.void-other-ledger"}
    assert chamber.verdicts(sha256) == {"adopted"}


def test_a_ballot_on_an_altered_text_is_void_and_is_no_silence() -> None:
    chamber, sha256 = opened(4, SILENCE)
    a, b, *_ = chamber.members
    said = Ballot(motion_ref=chamber.motion(sha256).id, motion_sha256="ee" * 32, choice="yes")
    chamber.say(b, said, chamber.motion(sha256).audience)
    chamber.run(96)
    assert found_by(chamber, a, sha256)[b] == "void"
    assert chamber.verdicts(sha256) == {"lapsed"}


def test_a_text_that_differs_between_voters_is_adopted_by_neither_and_shown() -> None:
    state = council_of(4, SILENCE)
    chamber = Chamber(state)
    a, b, c, d = chamber.members
    one, other = motion(state), motion(state, texts={"zh": "别", "ru": "иное", "en": "other"})
    first, second = chamber.move(a, one, hide=(c, d)), chamber.move(a, other, hide=(b,))
    chamber.run(48)
    chamber.vote(b, first, "yes")
    chamber.vote(c, second, "yes")
    chamber.hand_on(c, b)
    chamber.run(96)
    assert "adopted" not in chamber.verdicts(first) | chamber.verdicts(second)
    shown = contradictions(chamber.nodes[b].council, first)
    assert [each.reason.key for each in shown if each.proven] == ["rules.two-texts"]


def test_a_ballot_after_the_deadline_counts_for_nothing() -> None:
    chamber, sha256 = opened(4, SILENCE)
    a, b, *_ = chamber.members
    chamber.wait(48)
    chamber.round()  # everybody has seen every ledger past the close
    chamber.vote(b, sha256, "no")
    chamber.run(24)
    assert found_by(chamber, a, sha256)[b] == "silent"
    assert chamber.verdicts(sha256) == {"adopted"}


@pytest.mark.parametrize("colluding, found", [(1, "late"), (2, "no")])
def test_a_backdated_ballot_with_one_colluding_witness_is_not_in_time(
    colluding: int, found: Found
) -> None:
    """Two of four witnesses are asked for: with two, a minority no more, it would be."""
    chamber, sha256 = opened(4, SILENCE)
    a, b, *others = chamber.members
    chamber.cut |= {(m, b) for m in chamber.members if m != b}
    chamber.wait(60)
    ballot = chamber.vote(b, sha256, "no")
    chamber.cut.clear()
    before = chamber.seconds() - 48 * 3600
    chamber.cosigned[b] |= {Cosigned(w, ballot.index + 1, before) for w in others[:colluding]}
    chamber.round()
    assert found_by(chamber, a, sha256)[b] == found


def test_the_voter_is_no_witness_of_its_own_ballot() -> None:
    chamber, sha256 = opened(3, SILENCE)
    a, b, c = chamber.members
    chamber.cut |= {(m, b) for m in (a, c)}
    chamber.wait(60)
    ballot = chamber.vote(b, sha256, "no")
    before = chamber.seconds() - 48 * 3600
    chamber.cosigned[b] |= {Cosigned(w, ballot.index + 1, before) for w in (b, c)}
    chamber.cut.clear()
    chamber.round()
    assert found_by(chamber, a, sha256)[b] == "late"


def test_a_ballot_from_a_suspended_member_is_void() -> None:
    whole = council_of(5, TWO_THIRDS)
    out = whole.voters[4]
    suspended = changed(whole, motion(whole, Effect(does="suspend", member=out)), "dd" * 32, {})
    assert suspended is not None
    chamber = Chamber(suspended)
    sha256 = chamber.move(chamber.members[0], motion(suspended))
    chamber.vote(out, sha256, "no")
    chamber.run(24)
    assert reasons(chamber, chamber.members[0], sha256) == {"rules.void-not-a-voter"}
    stuffed = motion(suspended, electorate=whole.voters, number=2)
    second = chamber.move(chamber.members[0], stuffed)
    chamber.run(24)
    assert chamber.states(second) == {"void"}


def test_two_ballots_shown_to_two_members_spoil_each_other_and_are_evidence() -> None:
    chamber, sha256 = opened(4, TWO_THIRDS)
    a, b, c, d = chamber.members
    chamber.vote(b, sha256, "yes", hide=(c,))
    chamber.vote(b, sha256, "no", hide=(a,))
    chamber.follow(a, b)
    chamber.follow(c, b)
    chamber.hand_on(a, c)
    chamber.hand_on(c, a)
    chamber.run(72)
    assert {found_by(chamber, m, sha256)[b] for m in (a, c, d)} == {"spoiled"}
    (shown,) = contradictions(chamber.nodes[a].council, sha256)
    assert (shown.author, shown.reason.key, shown.proven) == (b, "rules.two-ballots", True)
    assert len(shown.places) == 2


def test_a_second_ballot_after_the_close_does_not_spoil_the_first() -> None:
    chamber, sha256 = opened(4, MOST_VOTES)
    a, b, *_ = chamber.members
    chamber.vote(b, sha256, "yes")
    chamber.round()
    chamber.wait(49)
    chamber.vote(b, sha256, "no")
    chamber.run(24)
    assert found_by(chamber, a, sha256)[b] == "yes"
    assert chamber.verdicts(sha256) == {"adopted"}


def test_a_ballot_withheld_from_one_voter_never_makes_two_outcomes() -> None:
    """One liar of three. With half and one as the quorum each honest one would be final alone."""
    chamber, sha256 = opened(3, MOST_VOTES)
    a, b, c = chamber.members
    chamber.vote(a, sha256, "yes")
    chamber.vote(c, sha256, "no")
    chamber.vote(b, sha256, "yes", hide=(c,))
    chamber.round()
    chamber.wait(49)
    for _ in range(3):
        for honest in (a, c):
            for owner in chamber.members:
                chamber.follow(honest, owner)
            chamber.act(honest)
            record = chamber.nodes[honest].council.record(sha256)
            assert record is not None
            for digest in sorted(record.tallied.get(honest, {})):
                hide = {a, c} - {honest}
                audience = chamber.motion(sha256).audience
                chamber.say(b, record.findings[digest], audience, hide)
                chamber.say(b, Outcome(sha256, digest), audience, hide)
        chamber.wait(12)
    assert found_by(chamber, a, sha256)[b] == "yes"
    assert found_by(chamber, c, sha256)[b] == "silent"
    assert chamber.nodes[a].council.verdict(sha256) is None
    assert chamber.nodes[c].council.verdict(sha256) is None
    chamber.hand_on(a, c)  # as evidence: anybody it was addressed to may pass it on
    chamber.run(48)
    assert chamber.verdicts(sha256) == {"adopted"}


@pytest.mark.parametrize("rule", [SILENCE, UNANIMITY, TWO_THIRDS, MOST_VOTES])
def test_an_objector_cut_off_until_the_clock_has_run_is_not_silent(rule: Rule) -> None:
    chamber, sha256 = opened(4, rule)
    a, b, c, d = chamber.members
    chamber.cut |= {pair for m in (a, b, c) for pair in ((m, d), (d, m))}
    chamber.vote(a, sha256, "yes")
    chamber.vote(b, sha256, "abstain")
    chamber.vote(d, sha256, "no")
    chamber.round()
    chamber.wait(49)
    chamber.cut.clear()
    chamber.run(48)
    assert found_by(chamber, a, sha256)[d] == "late"
    assert "adopted" not in chamber.verdicts(sha256)


def test_who_is_cut_off_for_good_is_absent_and_nothing_is_adopted() -> None:
    chamber, sha256 = opened(4, SILENCE)
    a, b, c, d = chamber.members
    chamber.cut |= {pair for m in (a, b, c) for pair in ((m, d), (d, m))}
    chamber.run(96)
    assert found_by(chamber, a, sha256)[d] == "absent"
    assert {chamber.nodes[m].council.verdict(sha256) for m in (a, b, c)} == {"lapsed"}


def test_who_never_had_the_motion_is_not_silent_about_it() -> None:
    state = council_of(4, MOST_VOTES)
    chamber = Chamber(state)
    a, b, c, d = chamber.members
    sha256 = chamber.move(a, motion(state), hide=(d,))
    chamber.run(24)
    chamber.vote(a, sha256, "yes")
    chamber.run(72)
    assert found_by(chamber, a, sha256)[d] == "absent"
    assert chamber.nodes[a].council.verdict(sha256) == "lapsed"  # one yes, and one not known
    assert found_by(chamber, b, sha256)[c] == "silent"


def test_a_motion_that_came_too_late_to_be_read_is_not_consented_to_by_silence() -> None:
    state = council_of(4, SILENCE)
    chamber = Chamber(state)
    a, *_ = chamber.members
    chamber.wait(71)  # it says that it opened three days ago
    sha256 = chamber.move(a, motion(state))
    chamber.run(48)
    assert set(found_by(chamber, a, sha256).values()) == {"absent"}
    assert chamber.verdicts(sha256) == {"lapsed"}


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
