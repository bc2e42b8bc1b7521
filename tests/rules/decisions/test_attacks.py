"""What is tried on decisions, by name, and what becomes of it."""

from __future__ import annotations

import msgspec
import pytest

from accord.rules.decisions.bodies import changed
from accord.rules.decisions.contradictions import contradictions
from accord.rules.decisions.duties import standing
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.objects import Ballot, Found, Outcome, Seen
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
    heard,
    motion,
    opened,
)

CLOSES = START + 72 * HOUR


def found_by(chamber: Chamber, member: str, sha256: str) -> dict[str, Found]:
    node = chamber.nodes[member]
    tally = standing(node.council, sha256, node.views(), chamber.now, member).tally
    assert tally is not None
    return {each.voter: each.found for each in tally.found}


def reasons(chamber: Chamber, member: str, sha256: str) -> set[str]:
    record = chamber.nodes[member].council.record(sha256)
    assert record is not None
    return {void.reason.key for void in record.voids.values()}


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
