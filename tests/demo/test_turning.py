"""The clock of the demonstration: late, turned forward, never ahead, and nobody else's."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.base.clock import utc_now
from accord.base.errors import InputError
from accord.cli import demo_node
from accord.demo.turning import TurnedClock
from accord.node.founding import found_node
from accord.node.home import HomeSettings

HOUR = timedelta(hours=1)


def test_all_that_look_at_it_see_it_turned(tmp_path: Path) -> None:
    mine = TurnedClock.set_up(tmp_path, 3 * HOUR)
    theirs = TurnedClock(tmp_path)
    assert mine.lag == theirs.lag == 3 * HOUR
    before = utc_now() - 3 * HOUR
    assert before <= theirs() <= utc_now() - 3 * HOUR
    mine.turn(2 * HOUR)
    assert mine.lag == theirs.lag == HOUR


@given(st.lists(st.timedeltas(timedelta(), timedelta(days=400)), max_size=8))
def test_it_is_never_ahead_of_the_machine_and_never_goes_back(
    tmp_path_factory: pytest.TempPathFactory, turns: list[timedelta]
) -> None:
    clock = TurnedClock.set_up(tmp_path_factory.mktemp("demonstration"), timedelta(days=100))
    for turn in turns:
        before = clock()
        clock.turn(turn)
        assert before <= clock() <= utc_now()


def test_it_cannot_be_set_ahead(tmp_path: Path) -> None:
    with pytest.raises(OverflowError):
        TurnedClock.set_up(tmp_path, -HOUR)


@pytest.mark.parametrize("content", [None, b"", b"accord demo lag\n", b"x" * 24, b"x" * 5000])
def test_without_its_file_there_is_no_such_clock(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "demonstration-clock").write_bytes(content)
    with pytest.raises(InputError) as refused:
        TurnedClock(tmp_path)
    assert refused.value.message.key == "demo.fault-no-clock"


def test_a_home_of_any_other_node_is_not_served_by_it(tmp_path: Path) -> None:
    found_node(tmp_path / "home", HomeSettings(name="Alfa", url="http://127.0.0.1:18100"))
    with pytest.raises(InputError) as refused:
        demo_node.serve(tmp_path / "home")
    assert refused.value.message.key == "demo.fault-no-clock"


def test_a_node_that_others_reach_elsewhere_is_not_served_by_it(tmp_path: Path) -> None:
    TurnedClock.set_up(tmp_path, HOUR)
    found_node(tmp_path / "home", HomeSettings(name="Alfa", url="https://alfa.example.org"))
    with pytest.raises(InputError) as refused:
        demo_node.serve(tmp_path / "home")
    assert refused.value.message.key == "demo.fault-no-clock"


def test_its_process_says_why_it_does_not_start(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "accord.cli.demo_node", str(tmp_path / "home")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr.strip() == f"{tmp_path}: no demonstration is running here."
