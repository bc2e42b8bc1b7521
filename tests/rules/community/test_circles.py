"""Working groups: rosters, history, and several audiences for one object."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.ledger.envelope import Tlp
from accord.rules.community.circles import Circle, Share, check_shares, circles_of, marking_for
from accord.rules.decisions.bodies import BodyState, changed, group_of
from accord.rules.decisions.effects import Effect, History
from tests.rules.decisions.chamber import council_of, members, motion

A, B, C, D, E = members(5)
AGREEMENT = "accord-agreement--22222222-2222-4222-8222-222222222222"
LEVELS: tuple[Tlp, ...] = ("clear", "green", "amber", "amber+strict", "red")


def _after(state: BodyState, effect: Effect, number: int) -> BodyState:
    after = changed(state, motion(state, effect, number), f"{number:064x}", {})
    assert after is not None
    return after


def circle(history: History = "all", **changes: object) -> Circle:
    """Founded by A and B; C comes, B goes."""
    council = council_of(5)
    authorise = Effect(
        does="authorise-group",
        agreement=AGREEMENT,
        members=(A, B),
        rule={"by": "unanimity"},
        history=history,
    )
    first = group_of(council, motion(council, authorise), "01" * 32)
    second = _after(first, Effect(does="admit", member=C, standing="member"), 2)
    third = _after(second, Effect(does="note-departure", member=B), 3)
    fields: dict[str, object] = {
        "chain": (first, second, third),
        "founders": frozenset({A, B}),
        "consented": frozenset({C}),
        "parties": frozenset({A, B, C, D}),
    }
    return Circle(**{**fields, **changes})  # type: ignore[arg-type]


def test_the_roster_is_that_of_the_time() -> None:
    first, second, third = circle().chain
    assert circle().roster(first.id) == {A, B}
    assert circle().roster(second.id) == {A, B, C}
    assert circle().roster(third.id) == circle().roster() == {A, C}
    assert circle().roster("00" * 32) == frozenset()


def test_nobody_joins_by_the_decision_of_others_alone() -> None:
    assert circle(consented=frozenset()).roster() == {A}


def test_nobody_belongs_who_is_no_party_of_the_agreement() -> None:
    assert circle(parties=frozenset({A, D})).roster() == {A}


@pytest.mark.parametrize("asker", [B, D, E, "identity--nobody"])
def test_a_roster_is_visible_only_inside(asker: str) -> None:
    assert circle().roster_for(asker) is None
    assert circle().roster_for(A) == tuple(sorted((A, C)))


@pytest.mark.parametrize("history", ["all", "from-joining"])
def test_who_may_see_which_entry(history: History) -> None:
    group = circle(history)
    first, second, third = group.chain
    sees = {
        (who, place): group.may_see(who, state.id)
        for who in (A, B, C, D)
        for place, state in enumerate((first, second, third))
    }
    assert all(sees[A, place] for place in range(3))
    assert [sees[B, place] for place in range(3)] == [True, True, False]  # it has what it had
    assert [sees[C, place] for place in range(3)] == [history == "all", True, True]
    assert not any(sees[D, place] for place in range(3))
    assert not group.may_see(A, "00" * 32)


def test_a_closed_group_is_read_and_not_written() -> None:
    closed = circle(closed=True)
    assert not closed.may_write(A)
    assert closed.may_see(A, closed.chain[-1].id)
    assert circle().may_write(A)
    assert not circle().may_write(B)


def test_nothing_tells_of_groups_that_one_does_not_belong_to() -> None:
    groups = {"accord-group--1": circle(), "accord-group--2": circle(parties=frozenset({A, D}))}
    assert circles_of(groups, C) == ["accord-group--1"]
    assert circles_of(groups, D) == []


def _share(tlp: Tlp, *audience: str) -> Share:
    return Share(frozenset(audience), tlp)


@pytest.mark.parametrize(
    "shares, keys",
    [
        ([_share("amber", A, B), _share("green", C, D)], []),
        ([_share("green", A), _share("amber", A, B, C)], []),
        ([_share("red", A), _share("amber", A, B, C)], ["rules.share-covered"]),
        ([_share("amber", A, B), _share("amber", B, A)], ["rules.share-covered"] * 2),
        ([_share("clear", A)], ["rules.share-looser"]),
        ([_share("amber")], ["rules.share-nobody"]),
    ],
)
def test_what_speaks_against_several_audiences_for_one_object(
    shares: list[Share], keys: list[str]
) -> None:
    assert [message.key for message in check_shares(shares, "green")] == keys


@given(
    st.lists(
        st.builds(Share, st.frozensets(st.sampled_from(members(4))), st.sampled_from(LEVELS)),
        max_size=4,
    ),
    st.sampled_from(members(4)),
)
def test_each_reader_has_the_loosest_marking_that_it_was_given_and_no_other(
    shares: list[Share], reader: str
) -> None:
    marking = marking_for(shares, reader)
    given_ = [share.tlp for share in shares if reader in share.audience]
    assert (marking is None) == (not given_)
    if marking is not None:
        assert marking in given_
        assert all(LEVELS.index(marking) <= LEVELS.index(each) for each in given_)
