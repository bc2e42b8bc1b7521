"""Real `kill -9`, at random moments of a process that publishes and receives.

The kernel keeps what was written, so this does not show that anything was synchronised (the power
cuts of `test_table.py` do); it shows that no order of steps leaves a state the node cannot open.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Scenes
from tests.faults.steps import only_agreement, settle_again
from tests.node.support import Community, assert_sound, body_of, entries_of, indicator, object_id

ROOT = Path(__file__).parents[2]
LONGEST = 0.03  # seconds that a worker lives after its last word


class Victims:
    """Starts workers and kills them."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.victim"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def round(self, order: dict[str, Any], words: int, delay: float) -> dict[str, int]:
        """Let one work until it has said so many words, and `delay` seconds more, and kill it.

        Returns how far it said it had come. (Words and not seconds alone: machines differ.)
        """
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        worker = int(self._parent.stdout.readline())
        lines = [self._parent.stdout.readline() for _ in range(words)]
        time.sleep(delay)
        os.kill(worker, signal.SIGKILL)
        for line in self._parent.stdout:
            if line == "dead\n":
                break
            lines.append(line)
        said = (line.split() for line in lines if line != "ready\n")
        return {what: int(number) for what, number in said}

    def close(self) -> None:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait(10)
        self._parent.stdout.close()


@pytest.fixture
def victims() -> Iterator[Victims]:
    made = Victims()
    yield made
    made.close()


def test_twenty_kills_lose_nothing_that_was_acknowledged(
    scenes: Scenes, victims: Victims, tmp_path: Path
) -> None:
    _kill_again_and_again(scenes.copy("append", tmp_path), victims, 20)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_two_hundred_kills_lose_nothing_that_was_acknowledged(
    scenes: Scenes, victims: Victims, tmp_path: Path
) -> None:
    _kill_again_and_again(scenes.copy("append", tmp_path), victims, 200)


def _kill_again_and_again(community: Community, victims: Victims, rounds: int) -> None:
    agreement = only_agreement(community)
    chance = random.Random(rounds)
    first = 0
    worked = 0
    for seed in range(rounds):
        community.close()
        community.clock.advance(minutes=5)
        order = {
            "folder": str(community.folder),
            "agreement": agreement,
            "moment": community.clock.moment.isoformat(),
            "seed": seed,
            "first": first,
        }
        said = victims.round(order, chance.randint(0, 8), chance.uniform(0, LONGEST))
        community.clock.advance(minutes=5)
        for name in community.nodes:
            community.reopen(name)
        published = _published(community)
        assert published >= said.get("published", 0)
        assert _received(community) >= said.get("received", 0)
        assert_sound(*community)
        worked += published > first
        first = published
    assert worked > rounds // 2, "the workers were killed before they had begun"
    settle_again(community)
    assert _received(community) == first
    assert_sound(*community)
    community.close()


def _published(community: Community) -> int:
    """How many objects stand in Alfa's ledger: the first ones, without a gap, each once."""
    return _run(community, "Alfa")


def _received(community: Community) -> int:
    """How many of the first objects Bravo has without a gap; none of them twice."""
    found = _entries(community, "Bravo")
    assert len(found) == len(set(found))
    count = 0
    while object_id(indicator(count)) in found:
        count += 1
    return count


def _run(community: Community, name: str) -> int:
    found = _entries(community, name)
    assert sorted(found) == sorted(object_id(each) for each in map(indicator, range(len(found))))
    return len(found)


def _entries(community: Community, name: str) -> list[str]:
    """The object ids of the entries of Alfa's that a node has, as often as it has them."""
    node = community[name]
    rows = entries_of(node, community["Alfa"].member)
    return [object_id(body_of(node, row)) for row in rows if row.kind == "object"]
