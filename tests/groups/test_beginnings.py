"""Where one that joins a group later begins: with the decision on its own admission."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from accord.rules.community.beginnings import begin
from accord.rules.decisions.bodies import BodyState, group_id_of
from accord.rules.decisions.council import Council
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.heard import Heard, Said
from accord.rules.decisions.objects import Finding, Motion, Outcome, Tally
from accord.rules.decisions.record import digest_of
from tests.rules.decisions.chamber import UNANIMITY, council_of, heard, members, motion

A, B, C, D, E = members(5)
FIRST = council_of(5, UNANIMITY)
AUTHORISE = Effect(
    does="authorise-group",
    agreement="accord-agreement--22222222-2222-4222-8222-222222222222",
    members=(A, B),
    rule={"by": "unanimity"},
    history="from-joining",
)


def decided(
    state: BodyState, effect: Effect, number: int, without: Iterable[str] = ()
) -> list[Heard]:
    """A motion that all said yes to: itself, and what the voters found, but for some of them."""
    moved = motion(state, effect, number)
    said = heard(moved.electorate[0], number * 10, moved, moved.audience)
    return [said, *found(said, moved, without)]


def found(said: Heard, moved: Motion, without: Iterable[str] = ()) -> list[Heard]:
    yes = tuple(Finding(voter, "yes", "cd" * 32) for voter in moved.counted)
    tally = Tally(
        motion_sha256=said.motion, closes=moved.closes, withdrawn=False, rival=None, found=yes
    )
    outcome = Outcome(motion_sha256=said.motion, findings=digest_of(tally))
    both: tuple[Said, ...] = (tally, outcome)
    voters = [voter for voter in moved.electorate if voter not in without]
    return [
        heard(voter, said.index + place, each, moved.audience)
        for voter in voters
        for place, each in enumerate(both, 1)
    ]


def admit(member: str) -> Effect:
    return Effect(does="admit", member=member, standing="member")


class Story:
    """A group of A and B, as one that heard everything knows it."""

    def __init__(self) -> None:
        self.whole = Council(FIRST)
        self.mandate = decided(FIRST, AUTHORISE, 1)
        self.whole.hear_all(self.mandate)
        self.group = group_id_of(self.mandate[0].motion)

    @property
    def head(self) -> BodyState:
        found = self.whole.head(self.group)
        assert found is not None
        return found

    def decide(self, effect: Effect, number: int) -> list[Heard]:
        said = decided(self.head, effect, number)
        self.whole.hear_all(said)
        return said


def told(member: str, *parts: list[Heard]) -> Council:
    """What a member knows that was told of these alone."""
    council = Council(FIRST)
    for part in parts:
        council.hear_all(part)
    begin(council, member)
    return council


def head_of(council: Council, group: str) -> BodyState:
    found = council.head(group)
    assert found is not None
    return found


def test_one_that_comes_later_knows_the_group_as_its_members_do() -> None:
    story = Story()
    story.decide(admit(C), 2)
    mine = story.decide(admit(D), 3)
    late = told(D, story.mandate, mine)
    head = head_of(late, story.group)
    assert head.id == story.head.id
    assert head.members == story.head.members
    assert head.history == "from-joining"
    further = story.decide(admit(E), 4)
    late.hear_all(further)
    begin(late, D)
    assert head_of(late, story.group).id == story.head.id


def test_a_snapshot_keeps_where_it_began() -> None:
    story = Story()
    story.decide(admit(C), 2)
    late = told(D, story.mandate, story.decide(admit(D), 3))
    again = Council.restore(late.kept())
    begin(again, D)
    assert head_of(again, story.group).id == story.head.id


def test_one_that_was_away_begins_anew() -> None:
    story = Story()
    first = story.decide(admit(C), 2)
    gone = story.decide(Effect(does="note-departure", member=C), 3)
    story.decide(admit(D), 4)
    back = story.decide(admit(C), 5)
    late = told(C, story.mandate, first, gone, back)
    head = head_of(late, story.group)
    assert head.id == story.head.id
    assert head.members.keys() == {A, B, C, D}


@pytest.mark.parametrize("without", [(A,), (B,), (A, B)])
def test_it_begins_only_when_enough_have_said_what_became_of_it(without: tuple[str, ...]) -> None:
    story = Story()
    story.decide(admit(C), 2)
    partly = decided(story.head, admit(D), 3, without=(*without, C))
    late = told(D, story.mandate, partly)
    assert head_of(late, story.group).members.keys() == {A, B}


def test_it_does_not_begin_on_the_word_of_strangers() -> None:
    """Two that are in no group show a third one a roster of their own."""
    story = Story()
    made_up = BodyState(
        id="ee" * 32,
        body=story.group,
        depth=7,
        members={C: "member", E: "member"},
        rules=story.head.rules,
    )
    late = told(D, story.mandate, decided(made_up, admit(D), 3))
    assert head_of(late, story.group).members.keys() == {A, B}


def test_it_does_not_begin_for_another_or_without_the_mandate() -> None:
    story = Story()
    story.decide(admit(C), 2)
    mine = story.decide(admit(D), 3)
    assert head_of(told(E, story.mandate, mine), story.group).members.keys() == {A, B}
    assert told(D, mine).head(story.group) is None
