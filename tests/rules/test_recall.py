from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.base.clock import format_time
from accord.base.errors import InputError
from accord.rules.recall import (
    Place,
    Recall,
    RecallRef,
    Receipt,
    Refusal,
    recall_of,
    receipt_of,
    table_of_receipts,
)
from tests.rules.world import ALFA, BETA, GAMMA, NOW, origin

DUE = NOW + timedelta(days=3)
RECALL = {
    "type": "accord-recall",
    "mode": "erase",
    "entries": [{"index": 4, "commitment": "cc" * 32}, {"index": 9, "commitment": "dd" * 32}],
    "reason": "Shared by mistake.",
    "due": format_time(DUE),
}
RECEIPT = {
    "type": "accord-receipt",
    "recall": {"origin": origin(0), "index": 12, "commitment": "ee" * 32},
    "carried_out": format_time(NOW),
    "done": [4],
    "refused": [{"index": 9, "reason": "Evidence in a case."}],
    "passed_on": [31],
}
ORDER = Recall(
    mode="erase",
    entries=(Place(4, "cc" * 32), Place(9, "dd" * 32)),
    reason="Shared by mistake.",
    due=DUE,
)
ANSWERED = RecallRef(origin(0), 12, "ee" * 32)


def test_a_recall_is_read() -> None:
    assert recall_of(RECALL) == ORDER


def test_a_receipt_is_read() -> None:
    assert receipt_of(RECEIPT) == Receipt(
        recall=ANSWERED,
        carried_out=NOW,
        done=(4,),
        refused=(Refusal(9, "Evidence in a case."),),
        passed_on=(31,),
    )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"mode": "forget"}, "mode"),
        ({"entries": []}, "entries"),
        ({"entries": RECALL["entries"][::-1]}, "entries[1]"),
        ({"entries": [{"index": -1, "commitment": "cc" * 32}]}, "entries[0].index"),
        ({"entries": [{"index": 1, "commitment": "cc"}]}, "entries[0].commitment"),
        ({"reason": " "}, "reason"),
        ({"due": "tomorrow"}, "due"),
        ({"urgent": True}, "urgent"),
    ],
)
def test_a_recall_that_is_not_one_is_refused_by_field(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        recall_of({**RECALL, **changed})
    assert caught.value.message.args["field"] == field


def test_an_entry_that_stands_twice_in_a_receipt_is_refused() -> None:
    with pytest.raises(InputError):
        receipt_of({**RECEIPT, "done": [4, 4]})


def test_whoever_does_not_answer_is_pending_and_then_overdue() -> None:
    given_to = {BETA: [4, 9]}
    before = table_of_receipts(ORDER, given_to, [], DUE)
    after = table_of_receipts(ORDER, given_to, [], DUE + timedelta(seconds=1))
    assert [row.state for row in before] == ["pending", "pending"]
    assert [row.state for row in after] == ["overdue", "overdue"]


def test_a_refusal_is_replaced_by_what_is_done_later_and_not_the_other_way() -> None:
    refused = Receipt(recall=ANSWERED, carried_out=NOW, refused=(Refusal(4, "A case."),))
    done = Receipt(recall=ANSWERED, carried_out=NOW + timedelta(days=1), done=(4,))
    (row,) = table_of_receipts(ORDER, {BETA: [4]}, [(BETA, refused), (BETA, done)], NOW)
    assert (row.state, row.at) == ("done", done.carried_out)
    (row,) = table_of_receipts(ORDER, {BETA: [4]}, [(BETA, done), (BETA, refused)], NOW)
    assert row.state == "done"


def test_a_receipt_for_what_its_author_was_not_given_counts_for_nothing() -> None:
    stray = Receipt(recall=ANSWERED, carried_out=NOW, done=(4, 9))
    rows = table_of_receipts(ORDER, {BETA: [4], GAMMA: [9]}, [(GAMMA, stray)], NOW)
    assert [(row.member, row.index, row.state) for row in rows] == sorted(
        [(BETA, 4, "pending"), (GAMMA, 9, "done")]
    )


members = st.sampled_from([ALFA, BETA, GAMMA])
indices = st.sets(st.sampled_from([4, 9]))


@given(
    st.dictionaries(members, indices),
    st.lists(st.tuples(members, indices, indices, indices)),
    st.integers(-1, 1),
)
def test_the_table_of_receipts_adds_up(
    given_to: dict[str, set[int]],
    said: list[tuple[str, set[int], set[int], set[int]]],
    seconds: int,
) -> None:
    receipts = [
        (
            member,
            Receipt(
                recall=ANSWERED,
                carried_out=NOW,
                done=tuple(sorted(done)),
                absent=tuple(sorted(absent)),
                refused=tuple(Refusal(index, "A case.") for index in sorted(refused)),
            ),
        )
        for member, done, absent, refused in said
    ]
    rows = table_of_receipts(ORDER, given_to, receipts, DUE + timedelta(seconds=seconds))
    asked = [(member, index) for member, found in given_to.items() for index in found]
    assert sorted((row.member, row.index) for row in rows) == sorted(asked)
    silent = {"overdue"} if seconds > 0 else {"pending"}
    for row in rows:
        spoke = {member for member, *sets in said if row.index in set().union(*sets)}
        assert (row.member in spoke) == (row.state not in silent)
