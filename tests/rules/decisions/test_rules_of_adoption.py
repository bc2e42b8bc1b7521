from __future__ import annotations

from itertools import combinations_with_replacement, product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.rules.decisions.rule import (
    COUNCIL,
    By,
    CouncilRules,
    Position,
    Rule,
    Verdict,
    check_council,
    check_witnesses,
    decide,
    enough,
    is_enough,
    liars,
    rule_table,
)
from accord.rules.fields import Refused, checked
from tests.rules.decisions.chamber import MOST_VOTES, SILENCE, TWO_THIRDS, UNANIMITY, members

POSITIONS: tuple[Position, ...] = ("yes", "no", "abstain", "silent", "unknown")
KNOWN: tuple[Position, ...] = ("yes", "no", "abstain", "silent")
RULES = (SILENCE, UNANIMITY, TWO_THIRDS, MOST_VOTES)


@pytest.mark.parametrize(
    "rule, said, verdict",
    [
        (UNANIMITY, "yes yes yes", "adopted"),
        (UNANIMITY, "yes abstain abstain", "adopted"),
        (UNANIMITY, "abstain abstain abstain", "rejected"),
        (UNANIMITY, "yes yes silent", "rejected"),
        (UNANIMITY, "yes yes no", "rejected"),
        (UNANIMITY, "yes yes unknown", "lapsed"),
        (UNANIMITY, "yes no unknown", "rejected"),
        (SILENCE, "silent silent silent", "adopted"),
        (SILENCE, "silent silent no", "rejected"),
        (SILENCE, "abstain abstain abstain", "rejected"),
        (SILENCE, "silent silent unknown", "lapsed"),
        (TWO_THIRDS, "yes yes no", "adopted"),
        (TWO_THIRDS, "yes yes silent", "adopted"),
        (TWO_THIRDS, "yes no unknown", "lapsed"),
        (TWO_THIRDS, "no no unknown", "rejected"),
        (TWO_THIRDS, "yes yes unknown", "adopted"),
        (MOST_VOTES, "yes silent silent", "adopted"),
        (MOST_VOTES, "yes no abstain", "rejected"),
        (MOST_VOTES, "yes silent unknown", "lapsed"),
        (MOST_VOTES, "yes yes unknown", "adopted"),
        (MOST_VOTES, "silent silent silent", "rejected"),
    ],
)
def test_what_each_rule_makes_of_what_was_said(rule: Rule, said: str, verdict: Verdict) -> None:
    assert decide(rule, said.split()) == verdict  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", RULES)
def test_what_is_not_known_never_decides(rule: Rule) -> None:
    for said in combinations_with_replacement(POSITIONS, 5):
        known = [each for each in said if each != "unknown"]
        verdict = decide(rule, said)
        could_be = {
            decide(rule, [*known, *rest]) for rest in product(KNOWN, repeat=len(said) - len(known))
        }
        assert verdict == "lapsed" or could_be == {verdict}
        assert "lapsed" not in could_be


@pytest.mark.parametrize("voters", range(1, 201))
def test_two_groups_that_are_enough_share_an_honest_voter(voters: int) -> None:
    assert 2 * enough(voters) - voters > liars(voters)
    assert enough(voters) <= voters
    assert 2 * liars(voters) < voters
    assert 2 * (enough(voters) - 1) - voters <= liars(voters)  # one less would not do


def test_the_figures_of_the_page() -> None:
    assert {n: enough(n) for n in (2, 3, 4, 5, 6, 7, 10)} == {
        2: 2, 3: 3, 4: 3, 5: 4, 6: 5, 7: 6, 10: 8,
    }  # fmt: skip


def test_unanimity_and_silence_ask_everyone_whose_voice_counts() -> None:
    everyone = members(6)
    counted = everyone[1:]  # the motion is about the first
    assert is_enough(counted, everyone, counted, all_=True)
    assert not is_enough(everyone[:5], everyone, counted, all_=True)
    assert is_enough(everyone[:5], everyone, counted, all_=False)
    assert not is_enough(everyone[:4], everyone, counted, all_=False)


@given(st.integers(1, 30), st.integers(0, 40))
def test_a_quorum_of_witnesses_is_more_than_a_minority_and_can_be_had(
    count: int, quorum: int
) -> None:
    fits = (count - 1) // 2 + 1 <= quorum <= max(count - 1, 1)
    try:
        check_witnesses(members(count), quorum, "witness_quorum")
    except Refused:
        assert not fits
    else:
        assert fits
        assert count < 3 or quorum >= 2  # one that colludes is never enough


@pytest.mark.parametrize(
    "given_rule",
    [
        {"by": "lot"},
        {"by": "majority"},
        {"by": "majority", "share": "1/2"},
        {"by": "majority", "share": "1/3", "exceed": True},
        {"by": "majority", "share": "3/2"},
        {"by": "majority", "share": "1/1", "exceed": True},
        {"by": "majority", "share": "0.7"},
        {"by": "silence", "share": "2/3"},
        {"share": "2/3"},
        "silence",
    ],
)
def test_a_rule_that_could_adopt_two_opposites_or_says_nothing_is_refused(
    given_rule: object,
) -> None:
    with pytest.raises(Refused):
        rule_table(given_rule, "rule")


def test_what_a_charter_says_of_decisions_is_read() -> None:
    said = {
        "witnesses": list(members(4)),
        "witness_quorum": 2,
        "reading_hours": 72,
        "wait_hours": 48,
        "rule": {"by": "silence"},
        "rules": [
            {"does": "admit", "by": "unanimity"},
            {"does": "suspend", "by": "majority", "share": "3/4"},
        ],
    }
    assert checked(said, COUNCIL) == said
    check_council(said, "council")
    council = msgspec.convert(said, CouncilRules)
    assert council.for_effect("admit") == UNANIMITY
    assert council.for_effect("suspend") == Rule(by="majority", share="3/4")
    assert council.for_effect("declare") == SILENCE
    with pytest.raises(Refused):
        checked({**said, "rules": [{"does": "conquer", "by": "silence"}]}, COUNCIL)


def test_all_rules_are_tried_here() -> None:
    by: set[By] = {rule.by for rule in RULES}
    assert by == {"unanimity", "silence", "majority"}


@pytest.mark.parametrize(
    "field, changes",
    [
        ("council.witness_quorum", {"witness_quorum": 1}),
        ("council.rule.share", {"rule": {"by": "majority"}}),
        ("council.rules[0].share", {"rules": [{"does": "admit", "by": "silence", "share": "2/3"}]}),
        ("council.rules[1].does", {"rules": [{"does": "admit", "by": "silence"}] * 2}),
    ],
)
def test_a_council_whose_parts_do_not_fit_each_other_is_refused(
    field: str, changes: dict[str, object]
) -> None:
    said = {"witnesses": list(members(4)), "witness_quorum": 2, "rule": {"by": "silence"}}
    with pytest.raises(Refused) as caught:
        check_council({**said, **changes}, "council")
    assert caught.value.path == field
