"""Recall: who was given it gives it up, answers, and the table of receipts adds up."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from accord.base.errors import ConflictError, InputError, NotFoundError
from accord.node.answering import answer_recalls
from accord.node.indexing import catch_up, renew
from accord.node.legal_holds import lift_hold, list_holds, place_hold
from accord.node.node import Node
from accord.node.private import keep_private
from accord.node.recalling import Order, find_entries, recall_entries, recall_table, recall_tables
from accord.rules.recall import Mode
from tests.node.support import (
    Community,
    assert_sound,
    body_of,
    entries_of,
    give,
    holds,
    indicator,
    indicators,
    object_id,
    sync,
)

SECRET = "not-for-your-eyes"


@pytest.fixture
def agreed(trio: Community) -> tuple[Community, str]:
    return trio, trio.agree().id


def order(node: Node, mode: Mode = "erase", *, keep: bool = False) -> Order:
    due = node.now() + timedelta(days=3)
    return Order(mode=mode, reason="Shared by mistake.", due=due, keep=keep)


def settle(community: Community) -> None:
    community.settle(rounds=1)
    for node in community:
        answer_recalls(node)
    community.settle(rounds=1)


def files_with(node: Node, text: str) -> list[str]:
    """The files of a node's home that hold these characters."""
    found = [path for path in node.home.folder.rglob("*") if path.is_file()]
    return [path.name for path in found if text.encode() in path.read_bytes()]


def states(node: Node, number: int) -> dict[str, str]:
    table = recall_table(node, number)
    return {row.member: row.state for row in table.rows}


def test_what_is_recalled_is_gone_everywhere_and_the_ledgers_still_verify(
    agreed: tuple[Community, str],
) -> None:
    community, agreement = agreed
    alfa, bravo, charlie = community
    raw = indicator(1, name=SECRET)
    give(alfa, [raw, indicator(2)], agreement)
    settle(community)
    assert holds(bravo, raw)
    done = recall_entries(alfa, find_entries(alfa, [object_id(raw)]), order(alfa))
    settle(community)
    (number,) = done.numbers
    assert states(alfa, number) == {bravo.member: "done", charlie.member: "done"}
    assert not holds(alfa, raw)
    assert not holds(bravo, raw)
    assert holds(bravo, indicator(2))
    assert_sound(*community)
    for node in community:
        assert files_with(node, SECRET) == []


def test_a_recall_that_nobody_was_given_needs_no_receipt(agreed: tuple[Community, str]) -> None:
    community, agreement = agreed
    alfa, bravo, _ = community
    raw = indicator(1)
    give(alfa, [raw], agreement)
    (number,) = recall_entries(alfa, find_entries(alfa, [object_id(raw)]), order(alfa)).numbers
    settle(community)
    assert recall_table(alfa, number).rows == ()
    assert not holds(bravo, raw)


def test_a_member_that_has_not_fetched_it_yet_never_gets_it(agreed: tuple[Community, str]) -> None:
    community, agreement = agreed
    alfa, bravo, charlie = community
    raw = indicator(1)
    give(alfa, [raw], agreement)
    sync(bravo, alfa)
    (number,) = recall_entries(alfa, find_entries(alfa, [object_id(raw)]), order(alfa)).numbers
    settle(community)
    assert states(alfa, number) == {bravo.member: "done"}
    assert not holds(charlie, raw)


def test_retracted_content_stays_and_goes_to_nobody_new(agreed: tuple[Community, str]) -> None:
    community, agreement = agreed
    alfa, bravo, charlie = community
    raw = indicator(1)
    give(alfa, [raw], agreement)
    sync(bravo, alfa)
    (number,) = recall_entries(
        alfa, find_entries(alfa, [object_id(raw)]), order(alfa, "retract")
    ).numbers
    settle(community)
    assert states(alfa, number) == {bravo.member: "done"}
    assert holds(bravo, raw)
    assert holds(alfa, raw)
    assert not holds(charlie, raw)


def test_a_correction_erases_the_old_version_and_lets_the_new_one_come(
    agreed: tuple[Community, str],
) -> None:
    community, agreement = agreed
    alfa, bravo, _ = community
    old, new = indicator(1, name=SECRET), indicator(1, version=1, name="right")
    give(alfa, [old], agreement)
    settle(community)
    recall_entries(alfa, find_entries(alfa, [object_id(old)]), order(alfa, "correct"))
    give(alfa, [new], agreement)
    settle(community)
    assert not holds(bravo, old)
    assert holds(bravo, new)
    assert files_with(bravo, SECRET) == []


def test_the_author_may_keep_its_own_copy(agreed: tuple[Community, str]) -> None:
    community, agreement = agreed
    alfa, bravo, _ = community
    raw = indicator(1)
    give(alfa, [raw], agreement)
    settle(community)
    recall_entries(alfa, find_entries(alfa, [object_id(raw)]), order(alfa, keep=True))
    settle(community)
    assert holds(alfa, raw)
    assert not holds(bravo, raw)
    assert_sound(*community)


def test_a_legal_hold_is_a_refusal_with_its_reason_until_it_is_lifted(
    agreed: tuple[Community, str],
) -> None:
    community, agreement = agreed
    alfa, bravo, charlie = community
    raw = indicator(1)
    give(alfa, [raw], agreement)
    settle(community)
    hold = place_hold(bravo, object_id(raw), "Evidence in a case.")
    (number,) = recall_entries(alfa, find_entries(alfa, [object_id(raw)]), order(alfa)).numbers
    settle(community)
    assert states(alfa, number) == {bravo.member: "refused", charlie.member: "done"}
    (refused,) = [row for row in recall_table(alfa, number).rows if row.state == "refused"]
    assert refused.reason == "Evidence in a case."
    assert holds(bravo, raw)
    assert lift_hold(bravo, hold) == 1
    assert not holds(bravo, raw)
    settle(community)
    assert states(alfa, number) == {bravo.member: "done", charlie.member: "done"}
    (shown,) = list_holds(bravo)
    assert shown.lifted is not None


def test_whoever_is_cut_off_becomes_overdue(agreed: tuple[Community, str]) -> None:
    community, agreement = agreed
    alfa, bravo, charlie = community
    raw = indicator(1)
    give(alfa, [raw], agreement)
    settle(community)
    (number,) = recall_entries(alfa, find_entries(alfa, [object_id(raw)]), order(alfa)).numbers
    sync(bravo, alfa)
    answer_recalls(bravo)
    sync(alfa, bravo)
    assert states(alfa, number) == {bravo.member: "done", charlie.member: "pending"}
    community.clock.advance(days=4)
    assert states(alfa, number) == {bravo.member: "done", charlie.member: "overdue"}


def test_what_was_passed_on_is_recalled_by_who_passed_it_on(trio: Community) -> None:
    alfa, bravo, charlie = trio
    agreement = trio.agree(onward="agreement").id
    raw = indicator(1, name=SECRET)
    give(alfa, [raw], agreement, audience=(bravo.member,))
    settle(trio)
    give(bravo, [raw], agreement)
    settle(trio)
    assert holds(charlie, raw)
    (number,) = recall_entries(alfa, find_entries(alfa, [object_id(raw)]), order(alfa)).numbers
    settle(trio)
    settle(trio)
    assert states(alfa, number) == {bravo.member: "done"}
    (followed,) = recall_tables(bravo)
    assert {row.member: row.state for row in followed.rows} == {
        alfa.member: "done",
        charlie.member: "done",
    }
    for node in trio:
        assert not holds(node, raw)
        assert files_with(node, SECRET) == []
    assert_sound(*trio)


def test_a_copy_kept_after_it_was_given_goes_and_an_independent_one_stays(
    agreed: tuple[Community, str],
) -> None:
    community, agreement = agreed
    alfa, bravo, charlie = community
    raw = indicator(1)
    keep_private(charlie, [charlie.checker.check(raw).object], "desk")
    give(alfa, [raw], agreement)
    settle(community)
    keep_private(bravo, [bravo.checker.check(raw).object], "desk")
    recall_entries(alfa, find_entries(alfa, [object_id(raw)]), order(alfa))
    settle(community)
    assert not holds(bravo, raw)
    assert holds(charlie, raw)


@pytest.mark.parametrize(
    "again",
    [
        indicator(1, name=SECRET),
        indicator(1, version=5, name="another"),
        indicator(77, name=SECRET, pattern=json.loads(indicator(1))["pattern"]),
    ],
    ids=["the same", "a new version", "the same content under another id"],
)
def test_what_was_erased_does_not_come_back_through_private(
    agreed: tuple[Community, str], again: bytes
) -> None:
    community, agreement = agreed
    alfa, bravo, _ = community
    raw = indicator(1, name=SECRET)
    give(alfa, [raw], agreement)
    settle(community)
    recall_entries(alfa, find_entries(alfa, [object_id(raw)]), order(alfa))
    settle(community)
    (stored,) = keep_private(bravo, [bravo.checker.check(again).object], "desk")
    assert stored.barred is not None
    assert not holds(bravo, again)
    with pytest.raises(ConflictError) as caught:
        give(bravo, [again], agreement)
    assert caught.value.message.key == "node.recalled-block"


def test_what_another_gave_of_the_same_object_is_another_holding_and_stays(
    agreed: tuple[Community, str],
) -> None:
    community, agreement = agreed
    alfa, bravo, charlie = community
    raw = indicator(1)
    keep_private(bravo, [bravo.checker.check(raw).object], "desk")
    give(bravo, [raw], agreement)
    give(alfa, [raw], agreement)
    settle(community)
    recall_entries(alfa, find_entries(alfa, [object_id(raw)]), order(alfa))
    settle(community)
    assert holds(charlie, raw)
    (entry,) = [each for each in entries_of(charlie, bravo.member) if each.kind == "object"]
    assert body_of(charlie, entry) == raw


def test_an_entry_that_comes_after_its_recall_is_not_kept(agreed: tuple[Community, str]) -> None:
    community, agreement = agreed
    alfa, bravo, _ = community
    raw = indicator(1)
    give(alfa, [raw], agreement)
    sync(bravo, alfa)
    (entry,) = [each for each in entries_of(bravo, alfa.member) if each.kind == "object"]
    recall_entries(alfa, find_entries(alfa, [object_id(raw)]), order(alfa))
    settle(community)
    known = bravo.read(lambda tx: tx.recalls.of_numbers(entry.ledger, [entry.number]))
    assert known == {entry.number: "erase"}


def test_ten_thousand_objects_are_several_recalls_and_one_table_each(
    agreed: tuple[Community, str],
) -> None:
    community, agreement = agreed
    alfa, bravo, _ = community
    raws = indicators(1200)
    give(alfa, raws, agreement)
    settle(community)
    done = recall_entries(alfa, find_entries(alfa, [object_id(raw) for raw in raws]), order(alfa))
    settle(community)
    assert (len(done.numbers), done.entries, done.given) == (2, 1200, 2400)
    rows = [row for number in done.numbers for row in recall_table(alfa, number).rows]
    assert len(rows) == 2400
    assert {row.state for row in rows} == {"done"}
    assert not any(holds(bravo, raw) for raw in raws[::100])


def test_a_recall_that_makes_no_sense_is_refused(agreed: tuple[Community, str]) -> None:
    community, agreement = agreed
    alfa, bravo, _ = community
    raw = indicator(1)
    give(alfa, [raw], agreement)
    settle(community)
    with pytest.raises(NotFoundError):
        find_entries(bravo, [object_id(raw)])
    with pytest.raises(InputError):
        recall_entries(alfa, [0], order(alfa))
    with pytest.raises(InputError):
        recall_entries(alfa, [10_000], order(alfa))
    numbers = find_entries(alfa, [object_id(raw)])
    late = Order(mode="erase", reason="x", due=alfa.now() - timedelta(seconds=1))
    with pytest.raises(InputError):
        recall_entries(alfa, numbers, late)
    recall_entries(alfa, numbers, order(alfa))
    assert recall_entries(alfa, numbers, order(alfa)).entries == 0


def test_the_home_holds_no_trace_after_a_restart_either(
    agreed: tuple[Community, str],
) -> None:
    community, agreement = agreed
    alfa, _, _ = community
    raw = indicator(1, name=SECRET)
    give(alfa, [raw], agreement)
    settle(community)
    recall_entries(alfa, find_entries(alfa, [object_id(raw)]), order(alfa))
    settle(community)
    again = community.reopen("Bravo")
    assert files_with(again, SECRET) == []


def test_the_search_index_lets_go_of_it_file_and_all(agreed: tuple[Community, str]) -> None:
    community, agreement = agreed
    alfa, bravo, _ = community
    raw = indicator(1, name="zwiebelturm")
    give(alfa, [raw, indicator(2)], agreement)
    settle(community)
    catch_up(bravo)
    assert any("search" in name for name in files_with(bravo, "zwiebelt"))
    recall_entries(alfa, find_entries(alfa, [object_id(raw)]), order(alfa))
    settle(community)
    renew(bravo)
    catch_up(bravo)
    bravo.store.indexes.drop_retired(2**62)
    bravo.store.scrub()
    assert files_with(bravo, "zwiebelt") == []
    assert bravo.read(lambda tx: tx.index.to_renew()) == 0
