"""Random communities, schedules, cuts and liars: no two nodes ever hold different outcomes."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.ledger.keys import member_id
from accord.rules.decisions.council import Council
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.objects import Choice, Finding, Found, Motion, Outcome, Tally
from accord.rules.decisions.record import digest_of
from accord.rules.decisions.rule import Position, decide, liars
from accord.rules.decisions.witnessing import Cosigned
from tests.rules.decisions.chamber import (
    HOUR,
    MOST_VOTES,
    SILENCE,
    START,
    TWO_THIRDS,
    UNANIMITY,
    Chamber,
    council_of,
    motion,
    origin,
)

CLOSES = START + 72 * HOUR
FOUND: tuple[Found, ...] = ("yes", "no", "abstain", "silent", "absent", "late", "spoiled")


@dataclass
class Story:
    """One random history. Honest voters follow, vote and act; liars say anything to anybody."""

    chance: random.Random
    chamber: Chamber
    liars: frozenset[str]
    swaps: list[str] = field(default_factory=list)
    voted: dict[tuple[str, str], Choice] = field(default_factory=dict)
    finals: dict[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ("yes", "yes", "no", "abstain")

    def tell(self, steps: int) -> None:
        """Each story has its own habits: some know no cuts, some little but lies."""
        deeds = (self._follow, self._act, self._vote, self._cut, self._wait, self._lie, self._pass)
        habits = [self.chance.choice((0, 1, 4, 12)) for _ in deeds]
        habits[0] += 6
        habits[1] += 6
        if self.chance.random() < 0.5:
            self._gather()
        for _ in range(steps):
            self.chance.choices(deeds, habits)[0]()
            self._look()
        if self.chance.random() < 0.5:
            self._part()

    def _gather(self) -> None:
        """Half of the stories begin in order: all have the motions in time, and most say yes."""
        for _ in range(2):
            for reader in self.honest():
                for owner in self.chamber.members:
                    self.chamber.follow(reader, owner)
                self.chamber.act(reader)
            self.chamber.wait(4)
        self.choices = ("yes",) * 9 + ("abstain",)
        for member in self.honest():
            for sha256 in self.swaps:
                if self.chance.random() < 0.8:
                    self._cast(member, sha256)

    def _part(self) -> None:
        """After the close, without passing on: each follows, acts, and hears the liars' echo."""
        self.chamber.now = max(self.chamber.now, CLOSES)
        for _ in range(4):
            for member in self.honest():
                for owner in self.chamber.members:
                    self.chamber.follow(member, owner)
                self.chamber.act(member)
            self.chamber.wait(8)
            for liar in sorted(self.liars):
                for sha256 in self.swaps:
                    self._echo(liar, sha256, self.chamber.motion(sha256), set())
            self._look()

    def end(self) -> None:
        """All cables mended: everybody sees everything that was not withheld, and acts."""
        self.chamber.cut.clear()
        for _ in range(4):
            self.chamber.round()
            for giver in self.chamber.members:
                for taker in self.chamber.members:
                    self.chamber.hand_on(giver, taker)
            self.chamber.wait(24)
            self._look()

    def honest(self) -> list[str]:
        return [member for member in self.chamber.members if member not in self.liars]

    def _follow(self) -> None:
        reader, owner = self.chance.choices(self.chamber.members, k=2)
        self.chamber.follow(reader, owner)

    def _act(self) -> None:
        self.chamber.act(self.chance.choice(self.honest()))

    def _vote(self) -> None:
        self._cast(self.chance.choice(self.honest()), self.chance.choice(self.swaps))

    def _cast(self, member: str, sha256: str) -> None:
        held = self.chamber.nodes[member].council.motion(sha256)
        if held is not None and self.chamber.now < CLOSES and (member, sha256) not in self.voted:
            choice = self.chance.choice(self.choices)
            self.voted[member, sha256] = choice
            self.chamber.vote(member, sha256, choice)

    def _cut(self) -> None:
        if self.chance.random() < 0.5:
            self.chamber.cut.clear()
        else:
            lonely = self.chance.choice(self.chamber.members)
            for other in self.chamber.members:
                if other != lonely:
                    self.chamber.cut |= {(lonely, other), (other, lonely)}

    def _wait(self) -> None:
        self.chamber.wait(self.chance.choice((1, 6, 12, 30)))

    def _pass(self) -> None:
        giver, taker = self.chance.choices(self.chamber.members, k=2)
        if (taker, giver) not in self.chamber.cut:
            self.chamber.hand_on(giver, taker)

    def _lie(self) -> None:
        if self.liars:
            liar, sha256 = self.chance.choice(sorted(self.liars)), self.chance.choice(self.swaps)
            what = self.chamber.motion(sha256)
            hide = {m for m in self.chamber.members if m != liar and self.chance.random() < 0.4}
            self.chance.choice((self._lie_vote, self._lie_tally, self._lie_time, self._echo))(
                liar, sha256, what, hide
            )

    def _lie_vote(self, liar: str, sha256: str, what: Motion, hide: set[str]) -> None:
        self.chamber.vote(liar, sha256, self.chance.choice(("yes", "no")), hide)

    def _lie_tally(self, liar: str, sha256: str, what: Motion, hide: set[str]) -> None:
        found = [self.chance.choice(FOUND) for _ in what.counted]
        tally = Tally(
            motion_sha256=sha256,
            closes=what.closes,
            withdrawn=self.chance.random() < 0.1,
            rival=None,
            found=tuple(
                Finding(v, f, "cc" * 32 if f in ("yes", "no", "abstain") else None)
                for v, f in zip(what.counted, found, strict=True)
            ),
        )
        self.chamber.say(liar, tally, what.audience, hide)
        self.chamber.say(liar, Outcome(sha256, digest_of(tally)), what.audience, hide)

    def _echo(self, liar: str, sha256: str, what: Motion, hide: set[str]) -> None:
        """Confirm whatever anybody found, to some: what could make two groups large enough."""
        for member in self.chamber.members:
            record = self.chamber.nodes[member].council.record(sha256)
            own = record.tallied.get(member, {}) if record is not None else {}
            for digest in sorted(own):
                assert record is not None
                tally = record.findings[digest]
                shown = set(self.chamber.members) - {member, liar}
                self.chamber.say(liar, tally, what.audience, shown)
                self.chamber.say(liar, Outcome(sha256, digest), what.audience, shown)

    def _lie_time(self, liar: str, sha256: str, what: Motion, hide: set[str]) -> None:
        """A witness that antedates, or claims to have seen little past the deadline."""
        owner = self.chance.choice(self.chamber.members)
        size = self.chance.randint(0, len(self.chamber.ledgers[owner]))
        when = self.chamber.seconds() + self.chance.choice((-72, -24, 0)) * 3600
        self.chamber.cosigned[owner].add(Cosigned(liar, size, when))

    def _look(self) -> None:
        for member in self.honest():
            council = self.chamber.nodes[member].council
            for sha256 in self.swaps:
                verdict = council.verdict(sha256)
                if verdict is not None:
                    assert self.finals.setdefault(sha256, verdict) == verdict
                elif council.finals.get(sha256):
                    raise AssertionError("contested with a minority of liars")
            adopted = [s for s in self.swaps if self.finals.get(s) == "adopted"]
            assert len(adopted) < 2


@st.composite
def stories(draw: st.DrawFn) -> Story:
    count = draw(st.integers(2, 6))
    rule = draw(st.sampled_from((SILENCE, UNANIMITY, TWO_THIRDS, MOST_VOTES)))
    state = council_of(count, rule)
    chamber = Chamber(state)
    false = draw(st.permutations(chamber.members))[: draw(st.integers(0, liars(count)))]
    chance = random.Random(draw(st.integers(0, 2**32)))
    story = Story(chance, chamber, frozenset(false))
    for number in range(draw(st.integers(1, 2))):
        newcomer = member_id(origin(40 + number))
        effect = Effect(does="admit", member=newcomer, standing="member")
        moved = motion(state, effect, number + 1)
        proposer = chance.choice(chamber.members)
        hide = chance.sample(chamber.members, chance.randint(0, 1)) if proposer in false else ()
        story.swaps.append(chamber.move(proposer, moved, hide))
    return story


@given(stories(), st.integers(20, 120))
@settings(max_examples=40, deadline=None)
def test_no_two_nodes_ever_hold_different_outcomes(story: Story, steps: int) -> None:
    story.tell(steps)
    story.end()


@given(stories(), st.integers(20, 120))
@settings(max_examples=40, deadline=None)
def test_nothing_is_adopted_against_an_honest_voter_that_was_cut_off(
    story: Story, steps: int
) -> None:
    story.tell(steps)
    story.end()
    for sha256, verdict in story.finals.items():
        if verdict != "adopted":
            continue
        what = story.chamber.motion(sha256)
        said = [_at_worst(story, voter, sha256) for voter in what.counted]
        assert decide(what.rule, said) != "rejected"


def _at_worst(story: Story, voter: str, sha256: str) -> Position:
    """What a voter said; liars may have said anything, and who did not have the motion says no."""
    if voter in story.liars:
        return "unknown"
    said = story.voted.get((voter, sha256))
    if said is not None:
        return said
    record = story.chamber.nodes[voter].council.record(sha256)
    had_it = record is not None and voter in record.seen
    return "silent" if had_it else "no"


@given(stories(), st.integers(20, 80), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_same_entries_in_any_order_are_the_same_council(
    story: Story, steps: int, chance: random.Random
) -> None:
    story.tell(steps)
    story.end()
    state = council_of(len(story.chamber.members), story.chamber.motion(story.swaps[0]).rule)
    entries = [entry for ledger in story.chamber.ledgers.values() for entry, _ in ledger]
    first, second = Council(state), Council(state)
    first.hear_all(entries)
    chance.shuffle(entries)
    half = len(entries) // 2
    second.hear_all(entries[:half])
    second = Council.restore(second.kept())  # in the middle of it
    second.hear_all(entries[half:] + entries[: half // 2])
    for sha256 in first.motions():
        assert first.record(sha256) == second.record(sha256)
        assert first.misfit(sha256) == second.misfit(sha256)
    assert first.finals == second.finals
    assert first.in_force == second.in_force
    assert first.states == second.states
    assert first.head(state.body) == second.head(state.body)


@pytest.mark.slow
@given(stories(), st.integers(40, 200))
@settings(max_examples=1000, deadline=None)
def test_no_two_nodes_ever_hold_different_outcomes_in_thousands_of_stories(
    story: Story, steps: int
) -> None:
    story.tell(steps)
    story.end()
