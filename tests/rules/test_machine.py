from __future__ import annotations

from typing import Any

import pytest

from accord.rules.machine import Machine, Move

PLAIN: dict[str, Any] = {
    "states": ("off", "on", "broken"),
    "events": ("push", "drop"),
    "causes": ("somebody",),
    "start": "off",
    "ends": ("broken",),
    "moves": (
        Move(("off",), "push", "on", "somebody"),
        Move(("on",), "push", "off", "somebody"),
        Move(("off", "on"), "drop", "broken", "somebody"),
    ),
}


def test_events_lead_through_the_table_and_what_comes_too_late_is_nothing() -> None:
    machine: Machine[str, str] = Machine(**PLAIN)
    assert machine.after([]) == "off"
    assert machine.after(["push"]) == "on"
    assert machine.after(["push", "push", "drop", "push"]) == "broken"


@pytest.mark.parametrize(
    "changes, problem",
    [
        ({"moves": (*PLAIN["moves"], Move(("on",), "push", "on", "somebody"))}, "two moves"),
        ({"states": ("off", "on", "broken", "lost")}, "no move names"),
        ({"events": ("push", "drop", "kick")}, "events"),
        ({"causes": ("somebody", "nobody")}, "causes"),
        ({"ends": ("broken", "on")}, "left again"),
        ({"ends": ()}, "without a way on"),
        ({"start": "on", "moves": PLAIN["moves"][:1] + PLAIN["moves"][2:]}, "never reached"),
    ],
)
def test_a_table_that_is_not_what_it_declares_is_refused(
    changes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        Machine(**{**PLAIN, **changes})
