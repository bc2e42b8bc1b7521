"""docs/reference/decisions.md says of states, findings, effects and rights what the code says."""

from __future__ import annotations

from typing import get_args

from accord.rules.community.standings import MATRIX, SUSPENDED, Right
from accord.rules.decisions.effects import ARGUMENTS, SWAPS
from accord.rules.decisions.findings import POSITIONS
from accord.rules.decisions.rule import By
from accord.rules.decisions.states import MotionState
from tests.docs.pages import section, table

PAGE = "docs/reference/decisions.md"


def test_the_states_are_those_of_the_code() -> None:
    rows = table(section(PAGE, "From motion to outcome"))
    assert [row[0] for row in rows] == list(get_args(MotionState))


def test_the_findings_count_as_they_do_in_the_code() -> None:
    words = {"yes": "yes", "no": "no", "abstention": "abstain", "silence": "silent"}
    rows = table(section(PAGE, "Findings"))
    assert {row[0]: words.get(row[2], "unknown") for row in rows} == POSITIONS


def test_the_rules_of_adoption_are_those_of_the_code() -> None:
    assert [row[0] for row in table(section(PAGE, "Rules of adoption"))] == list(get_args(By))


def test_the_effects_and_their_arguments_are_those_of_the_code() -> None:
    rows = table(section(PAGE, "Effects"))
    assert {row[0]: row[1] for row in rows} == {
        does: ", ".join(field.name for field in spec) for does, spec in ARGUMENTS.items()
    }
    assert {row[0] for row in rows if row[2] == "yes"} == SWAPS


def test_the_matrix_of_standings_is_that_of_the_code() -> None:
    columns = [*MATRIX.values(), SUSPENDED]
    assert table(section(PAGE, "Standings")) == [
        (right, *("yes" if right in rights else "no" for rights in columns))
        for right in get_args(Right)
    ]
