"""Standings, accession and departure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest

from accord.base.errors import InputError
from accord.rules.community.accession import (
    AccessionState,
    Steps,
    accession,
    application_of,
)
from accord.rules.community.departure import (
    OWED,
    STOPS,
    Act,
    Electorate,
    OpenRecall,
    Retained,
    owed,
    still_may,
)
from accord.rules.community.standings import MATRIX, STANDINGS, Right, may
from accord.rules.decisions.states import MotionState
from tests.rules.decisions.chamber import CHARTER, members

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
A, B, C, D = members(4)

# Written out: what each standing may, and nothing else.
MAY: dict[str, set[str]] = {
    "member": {
        "read-charter", "read-decisions", "read-papers", "attend", "speak", "propose", "vote",
        "sponsor", "witness", "join-groups",
    },
    "observer": {"read-charter", "read-decisions", "read-papers", "attend", "speak", "witness"},
    "dialogue-partner": {"read-charter", "read-papers", "attend", "speak"},
}  # fmt: skip


@pytest.mark.parametrize(
    "standing, right, suspended", list(product(STANDINGS, get_args(Right), (False, True)))
)
def test_what_each_standing_may(standing: str, right: str, suspended: bool) -> None:
    expected = right == "read-charter" if suspended else right in MAY[standing]
    assert may(standing, right, suspended=suspended) == expected  # type: ignore[arg-type]


def test_who_has_no_standing_has_no_rights() -> None:
    assert not any(may(None, right) for right in get_args(Right))
    assert set(MATRIX) == set(MAY)


PATH: list[tuple[Steps, AccessionState]] = [
    (Steps(applied=False), "none"),
    (Steps(applied=True), "applied"),
    (Steps(applied=True, motion="waiting"), "sponsored"),  # the applicant lacks the charter yet
    (Steps(applied=True, motion="open"), "sponsored"),
    (Steps(applied=True, motion="provisional"), "sponsored"),
    *((Steps(applied=True, motion=end), "refused") for end in ("rejected", "lapsed", "void")),
    (Steps(applied=True, motion="adopted", members=frozenset({A, B})), "admitted"),
    (
        Steps(applied=True, motion="adopted", members=frozenset({A, B}), keyed=frozenset({A})),
        "admitted",
    ),
    (
        Steps(applied=True, motion="adopted", members=frozenset({A}), keyed=frozenset({A}),
              required=frozenset({CHARTER})),
        "keyed",
    ),
    (
        Steps(applied=True, motion="adopted", members=frozenset({A}), keyed=frozenset({A}),
              required=frozenset({CHARTER}), signed=frozenset({CHARTER})),
        "member",
    ),
    (Steps(applied=True, motion="open", withdrawn=True), "gone"),
    (
        Steps(applied=True, motion="adopted", members=frozenset({A}), withdrawn=True,
              keyed=frozenset({A})),
        "gone",
    ),
    (Steps(applied=False, motion="adopted"), "none"),
]  # fmt: skip


@pytest.mark.parametrize("steps, state", PATH)
def test_how_far_an_accession_has_come(steps: Steps, state: AccessionState) -> None:
    assert accession(steps).state == state


def test_every_state_of_an_accession_is_tried_and_every_end_of_a_motion_has_a_place() -> None:
    assert {state for _, state in PATH} == set(get_args(AccessionState))
    for motion in get_args(MotionState):
        come = accession(Steps(applied=True, motion=motion, members=frozenset({A}))).state
        assert come in ("applied", "sponsored", "refused", "admitted")
        assert (come == "admitted") == (motion == "adopted")


def test_what_an_accession_waits_for_is_named() -> None:
    steps = Steps(
        applied=True,
        motion="adopted",
        members=frozenset({A, B, C}),
        keyed=frozenset({B}),
        required=frozenset({CHARTER}),
    )
    progress = accession(steps)
    assert progress.keys_missing == tuple(sorted((A, C)))
    assert progress.unsigned == (CHARTER,)


def test_an_application_names_what_it_is_for() -> None:
    said = {"type": "accord-application", "body": CHARTER, "standing": "observer", "sponsor": A,
            "reason": "We share the border."}  # fmt: skip
    assert application_of(said).standing == "observer"
    with pytest.raises(InputError):
        application_of({**said, "standing": "owner"})


@pytest.mark.parametrize("act", get_args(Act))
def test_what_stops_when_a_member_leaves_stops_at_that_moment(act: Act) -> None:
    assert still_may(act, None, NOW)
    assert still_may(act, NOW, NOW - DAY)
    assert still_may(act, NOW, NOW) == (act in OWED)
    assert (act in STOPS) != (act in OWED)


def test_what_a_departing_member_still_owes_in_the_order_in_which_it_is_due() -> None:
    left = NOW - 10 * DAY
    duties = owed(
        D,
        left,
        NOW,
        recalls=[OpenRecall("recall-1", NOW - DAY), OpenRecall("recall-2", NOW + DAY)],
        retained=[Retained("timed", 3, NOW + 3 * DAY), Retained("untimed", 1, None)],
        motions=[
            Electorate("open-before", left - DAY, final=False),
            Electorate("done", left - DAY, final=True),
            Electorate("moved-after", left + DAY, final=False),
        ],
    )
    assert [(duty.about, duty.overdue) for duty in duties] == [
        ("recall-1", True),
        ("recall-2", False),
        ("timed", False),
        ("open-before", False),
        ("untimed", False),  # bound until it is called back
    ]
    assert [duty.due is None for duty in duties] == [False, False, False, True, True]
    assert {duty.act for duty in duties} <= OWED
    assert all(D in str(duty.text) for duty in duties)
