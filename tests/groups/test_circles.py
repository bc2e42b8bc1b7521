"""Working groups: rosters, history, and whose word counts."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from accord.rules.community.circles import Circle, circles_of, why_void_word
from accord.rules.facts import Facts, What
from tests.rules.group_cases import (
    FIRST,
    GROUP,
    SECOND,
    THIRD,
    admitted,
    excluded,
    founded,
    group,
    joined,
    says,
)
from tests.rules.world import ALFA, BETA, DELTA, GAMMA, origin


def circle(facts: Facts) -> Circle:
    return facts.groups[GROUP]


def test_the_roster_is_that_of_the_time() -> None:
    assert circle(group(founded())).roster() == tuple(sorted((ALFA, BETA)))
    assert circle(joined()).roster() == tuple(sorted((ALFA, BETA, GAMMA)))
    after = circle(group(founded(), admitted(), says(GAMMA), excluded()))
    assert after.roster() == tuple(sorted((ALFA, GAMMA)))
    assert after.state == THIRD


def test_nobody_joins_by_the_decision_of_others_alone() -> None:
    waiting = circle(group(founded(), admitted()))
    assert waiting.is_named(GAMMA)
    assert not waiting.belongs(GAMMA)
    assert waiting.roster() == tuple(sorted((ALFA, BETA)))


def test_one_leaves_by_its_own_word_alone_and_does_not_come_back_by_it() -> None:
    left = group(founded(), admitted(), says(GAMMA), says(GAMMA, joins=False))
    assert circle(left).roster() == tuple(sorted((ALFA, BETA)))
    assert circle(left).has_left(GAMMA)
    again = group(
        founded(), admitted(), says(GAMMA), says(GAMMA, joins=False), says(GAMMA, joins=True)
    )
    assert not circle(again).belongs(GAMMA)


def test_one_who_is_admitted_anew_has_to_say_anew_that_it_joins() -> None:
    fourth = replace(admitted(), state="a4" * 32, terms={ALFA: FIRST, GAMMA: "a4" * 32})
    third = replace(excluded(), terms={ALFA: FIRST})
    facts: list[What] = [founded(), admitted(), says(GAMMA), third, fourth]
    assert not circle(group(*facts)).belongs(GAMMA)
    assert circle(group(*facts, says(GAMMA, at="a4" * 32))).belongs(GAMMA)


@pytest.mark.parametrize("history", ["all", "from-joining"])
def test_who_may_be_given_which_entry(history: str) -> None:
    then = circle(joined(history))
    assert [then.may_see(BETA, each) for each in (FIRST, SECOND)] == [True, True]
    assert [then.may_see(GAMMA, each) for each in (FIRST, SECOND)] == [history == "all", True]
    assert not then.may_see(DELTA, SECOND)
    after = circle(group(founded(history), admitted(history), says(GAMMA), excluded(history)))
    assert not any(after.may_see(BETA, each) for each in (FIRST, SECOND, THIRD))


def test_one_that_came_later_knows_the_group_from_there_on() -> None:
    """It is told who decided on its admission, and nothing that was before."""
    begins = replace(founded(), state=SECOND, terms={ALFA: SECOND, BETA: SECOND})
    later = replace(admitted(), state=THIRD, terms={ALFA: SECOND, BETA: SECOND, GAMMA: THIRD})
    facts = group(begins, later, says(GAMMA, at=THIRD), me=GAMMA)
    assert circle(facts).roster() == tuple(sorted((ALFA, BETA, GAMMA)))
    assert circle(facts).at(FIRST) is None


def test_a_group_that_is_begun_anew_is_the_new_one() -> None:
    """Of one that was out of it for a while: who decided on its return belongs."""
    returned = {ALFA: THIRD, GAMMA: THIRD, BETA: "a4" * 32}
    begins = replace(founded(), state=THIRD, terms={ALFA: THIRD, GAMMA: THIRD})
    back = replace(admitted(), state="a4" * 32, terms=returned)
    facts: list[What] = [founded(), admitted(), says(GAMMA), excluded(), begins, back]
    assert circle(group(*facts)).roster() == tuple(sorted((ALFA, GAMMA)))
    joins = says(BETA, at="a4" * 32)
    assert circle(group(*facts, joins)).roster() == tuple(sorted((ALFA, BETA, GAMMA)))


@pytest.mark.parametrize(
    "said, key",
    [
        (replace(says(GAMMA), created_by=ALFA), "rules.void-not-its-author"),
        (replace(says(GAMMA), ledger=origin(0)), "rules.void-other-ledger"),
        (says(DELTA), "rules.group-unknown"),
        (says(GAMMA, at=FIRST), "rules.group-unknown"),
        (says(GAMMA, at="ff" * 32), "rules.group-unknown"),
        (replace(says(GAMMA), group="accord-group--none"), "rules.group-unknown"),
    ],
)
def test_what_another_says_for_a_member_counts_for_nothing(said: object, key: str) -> None:
    facts = group(founded(), admitted())
    void = why_void_word(facts.members, facts.groups, said)  # type: ignore[arg-type]
    assert void is not None
    assert void.key == key
    assert group(founded(), admitted(), said).groups == facts.groups  # type: ignore[arg-type]


def test_a_word_that_counts_is_not_void() -> None:
    facts = group(founded(), admitted())
    assert why_void_word(facts.members, facts.groups, says(GAMMA)) is None


def test_nothing_tells_of_groups_that_one_does_not_belong_to() -> None:
    groups = joined().groups
    assert circles_of(groups, GAMMA) == [GROUP]
    assert circles_of(groups, DELTA) == []
