"""Working groups through real nodes: authorised, joined, published to, left, closed."""

from __future__ import annotations

import pytest

from accord.base.errors import ConflictError, InputError, NotFoundError
from accord.node import groups
from accord.node.publish import NotReleasable
from tests.groups.support import Council, knows_nothing, view
from tests.node.council import run
from tests.node.support import give, holds, indicator


def test_what_is_published_to_a_group_reaches_its_members_and_nobody_else(
    council: Council,
) -> None:
    group = council.authorise("Alfa", "Bravo")
    raw = indicator(1)
    give(council["Alfa"], [raw], council.agreement.id, audience=(group,))
    council.community.settle()
    assert holds(council["Bravo"], raw)
    assert not holds(council["Charlie"], raw)
    assert not holds(council["Delta"], raw)


def test_one_joins_by_invitation_decision_and_its_own_word(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo")
    council.admit(group, "Alfa", "Charlie", joins=False)
    for name in ("Alfa", "Bravo", "Charlie"):
        assert council.places(name, group)["Charlie"] == "invited"
    raw = indicator(1)
    give(council["Bravo"], [raw], council.agreement.id, audience=(group,))
    council.community.settle()
    assert not holds(council["Charlie"], raw)
    groups.join(council["Charlie"], group)
    council.community.settle()
    for name in ("Alfa", "Bravo", "Charlie"):
        assert set(council.places(name, group).values()) == {"belongs"}
    assert holds(council["Charlie"], raw), "it was addressed to those who had been admitted"
    with pytest.raises(ConflictError):
        groups.join(council["Charlie"], group)


@pytest.mark.parametrize("history", ["all", "from-joining"])
def test_a_later_joiner_sees_what_was_before_as_the_group_was_authorised_to(
    council: Council, history: str
) -> None:
    group = council.authorise("Alfa", "Bravo", history=history)  # type: ignore[arg-type]
    before, after = indicator(1), indicator(2)
    give(council["Alfa"], [before], council.agreement.id, audience=(group,))
    council.community.settle()
    council.admit(group, "Bravo", "Charlie")
    give(council["Alfa"], [after], council.agreement.id, audience=(group,))
    council.community.settle()
    assert holds(council["Charlie"], before) == (history == "all")
    assert holds(council["Charlie"], after)
    assert holds(council["Bravo"], before)
    assert not holds(council["Delta"], before)
    assert not holds(council["Delta"], after)


@pytest.mark.slow
def test_one_that_joined_later_publishes_decides_and_admits_like_any_other(
    council: Council,
) -> None:
    group = council.authorise("Alfa", "Bravo")
    council.admit(group, "Alfa", "Charlie")
    raw = indicator(1)
    give(council["Charlie"], [raw], council.agreement.id, audience=(group,))
    council.community.settle()
    assert holds(council["Alfa"], raw)
    assert holds(council["Bravo"], raw)
    council.admit(group, "Charlie", "Delta")
    for name in council.community.nodes:
        assert set(council.places(name, group).values()) == {"belongs"}
    assert holds(council["Delta"], raw)


def test_one_that_leaves_is_given_nothing_more_and_keeps_what_it_has(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo", "Charlie")
    had, later = indicator(1), indicator(2)
    give(council["Alfa"], [had], council.agreement.id, audience=(group,))
    council.community.settle()
    groups.leave(council["Charlie"], group, "Reorganised.")
    council.community.settle()
    assert council.places("Alfa", group)["Charlie"] == "left"
    give(council["Alfa"], [later], council.agreement.id, audience=(group,))
    council.community.settle()
    assert holds(council["Charlie"], had)
    assert not holds(council["Charlie"], later)
    with pytest.raises(NotReleasable):
        give(council["Charlie"], [indicator(3)], council.agreement.id, audience=(group,))
    with pytest.raises(ConflictError):
        groups.leave(council["Charlie"], group)


@pytest.mark.slow
def test_who_has_left_is_noted_before_anyone_is_admitted(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo")
    groups.leave(council["Bravo"], group)
    council.community.settle()
    with pytest.raises(InputError) as refused:
        groups.invite(council["Alfa"], group, council["Charlie"].member)
    assert refused.value.message.key == "node.group-note-first"
    council.exclude(group, "Alfa", "Bravo")
    assert "Bravo" not in council.places("Alfa", group)
    council.admit(group, "Alfa", "Charlie")
    assert council.places("Charlie", group) == {"Alfa": "belongs", "Charlie": "belongs"}


def test_one_that_is_excluded_is_told_and_belongs_no_more(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo", "Charlie")
    council.exclude(group, "Alfa", "Charlie")
    assert "Charlie" not in council.places("Alfa", group)
    assert groups.groups(council["Charlie"]) == []
    raw = indicator(1)
    give(council["Alfa"], [raw], council.agreement.id, audience=(group,))
    council.community.settle()
    assert holds(council["Bravo"], raw)
    assert not holds(council["Charlie"], raw)


@pytest.mark.slow
def test_one_that_was_away_and_is_admitted_anew_joins_anew(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo", "Charlie")
    council.exclude(group, "Alfa", "Charlie")
    council.admit(group, "Bravo", "Delta")
    council.admit(group, "Bravo", "Charlie", joins=False)
    assert council.places("Charlie", group)["Charlie"] == "invited"
    groups.join(council["Charlie"], group)
    council.community.settle()
    for name in council.community.nodes:
        assert set(council.places(name, group).values()) == {"belongs"}


def test_a_closed_group_releases_nothing(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo")
    early, late = indicator(1), indicator(2)
    give(council["Alfa"], [early], council.agreement.id, audience=(group,))
    groups.close(council["Bravo"], group, council.closing())
    council.wait()
    assert view(council["Alfa"], group).closed
    assert holds(council["Bravo"], early)
    with pytest.raises(NotReleasable) as refused:
        give(council["Alfa"], [late], council.agreement.id, audience=(group,))
    keys = {reason.key for _, why in refused.value.withheld for reason in why}
    assert "rules.group-closed" in keys


def test_only_members_of_a_group_have_facts_about_it(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo")
    council.admit(group, "Alfa", "Charlie")
    assert knows_nothing(council["Delta"])
    assert groups.groups(council["Delta"]) == []
    for act in (
        lambda node: groups.group(node, group),
        lambda node: groups.join(node, group),
        lambda node: groups.leave(node, group),
        lambda node: groups.invite(node, group, node.member),
        lambda node: groups.close(node, group),
    ):
        with pytest.raises(NotFoundError) as refused:
            act(council["Delta"])
        assert refused.value.message.key == "node.group-unknown"


def test_a_restart_in_the_middle_changes_nothing(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo")
    groups.invite(council["Alfa"], group, council["Charlie"].member, council.closing())
    run(council.community, 24, step=12)
    for name in list(council.community.nodes):
        council.community.reopen(name)
    council.wait()
    groups.join(council["Charlie"], group)
    council.community.settle()
    for name in list(council.community.nodes):
        council.community.reopen(name)
    assert council.places("Charlie", group) == dict.fromkeys(
        ("Alfa", "Bravo", "Charlie"), "belongs"
    )


def test_one_who_is_no_party_of_the_agreement_is_not_admitted(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo")
    with pytest.raises(InputError) as refused:
        groups.invite(council["Alfa"], group, "identity--00000000-0000-5000-8000-000000000001")
    assert refused.value.message.key == "node.group-not-party"


def test_a_group_is_published_to_under_its_own_agreement_alone(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo")
    other = council.community.agree("Alfa", "Bravo", name="Other")
    with pytest.raises(InputError) as refused:
        give(council["Alfa"], [indicator(1)], other.id, audience=(group,))
    assert refused.value.message.key == "node.group-agreement"
    with pytest.raises(NotFoundError):
        give(council["Alfa"], [indicator(1)], other.id, audience=(group[:-1] + "0",))
    mixed = (group, council["Delta"].member)
    with pytest.raises(InputError):
        give(council["Alfa"], [indicator(1)], council.agreement.id, audience=mixed)
