"""What the random stories of `test_no_two_outcomes` come to, so that their silence says something.

Told from fixed seeds: they reach every end and every finding, and they do find it when a rule on
which the safety of decisions rests is weakened.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from accord.ledger.keys import member_id
from accord.rules.decisions import council, duties, rule
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.objects import Found
from accord.rules.decisions.rule import liars
from tests.rules.decisions.chamber import (
    MOST_VOTES,
    SILENCE,
    TWO_THIRDS,
    UNANIMITY,
    Chamber,
    council_of,
    motion,
    origin,
)
from tests.rules.decisions.test_no_two_outcomes import Story

pytestmark = pytest.mark.slow  # whole communities, half a minute each

STORIES = 150
MOST = 400  # until which a weakened rule has to be found out


def story_of(seed: int) -> Story:
    """One story, the same whenever it is told."""
    chance = random.Random(seed)
    count = chance.randint(2, 6)
    state = council_of(count, chance.choice((SILENCE, UNANIMITY, TWO_THIRDS, MOST_VOTES)))
    chamber = Chamber(state)
    false = chance.sample(chamber.members, chance.randint(0, liars(count)))
    story = Story(chance, chamber, frozenset(false))
    for number in range(chance.randint(1, 2)):
        newcomer = member_id(origin(40 + number))
        effect = Effect(does="admit", member=newcomer, standing="member")
        proposer = chance.choice(chamber.members)
        hide = chance.sample(chamber.members, chance.randint(0, 1)) if proposer in false else ()
        story.swaps.append(chamber.move(proposer, motion(state, effect, number + 1), hide))
    return story


def tell(seed: int) -> Story:
    story = story_of(seed)
    story.tell(20 + seed % 100)
    story.end()
    return story


def test_they_reach_every_end_and_every_finding() -> None:
    ends: Counter[str] = Counter()
    found: Counter[Found] = Counter()
    with_liars = with_rivals = 0
    for seed in range(STORIES):
        story = tell(seed)
        with_liars += bool(story.liars)
        with_rivals += len(story.swaps) > 1
        for sha256 in story.swaps:
            ends[story.finals.get(sha256, "open")] += 1
            for member in story.honest():
                held = story.chamber.nodes[member].council
                record, final = held.record(sha256), held.finals.get(sha256)
                if record is not None and final:
                    tally = record.findings[final[0].findings]
                    found.update(each.found for each in tally.found)
    for end in ("adopted", "rejected", "lapsed", "open"):
        assert ends[end] >= STORIES // 50, f"{end}: {ends}"
    for each in ("yes", "no", "abstain", "silent", "absent", "late", "spoiled"):
        assert found[each] >= 3, f"{each}: {found}"
    assert with_liars >= STORIES // 5
    assert with_rivals >= STORIES // 5


def _half(voters: int) -> int:
    return voters // 2 + 1


def test_more_than_half_would_be_too_few_and_the_stories_find_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (rule, council):
        monkeypatch.setattr(module, "enough", _half)
    assert _found_out()


def test_a_voter_that_is_not_bound_by_its_word_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Honest voters that confirm whatever they see last, of one motion and of two rivals."""
    monkeypatch.setattr(duties, "bound_to", lambda *_: False)
    monkeypatch.setattr(duties, "_said", lambda *_: None)
    assert _found_out()


def _found_out() -> int | None:
    """After how many stories something is wrong; None when nothing ever is."""
    for seed in range(MOST):
        try:
            tell(seed)
        except AssertionError:
            return seed + 1
    return None
