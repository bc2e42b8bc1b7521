"""Codes H1 and H3 at a recipient: acknowledged before reading; no evidence without permission."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accord.base.errors import NotFoundError
from accord.node import agreements
from accord.node.acknowledging import acknowledge, acknowledged_by, to_acknowledge
from accord.node.answers import answers_to, answers_to_ours
from accord.node.collections import Query, find_collection, read_page
from accord.node.indexing import catch_up
from accord.node.node import Node
from accord.node.permissions import answer_request, ask_permission
from accord.node.prepare import Order
from accord.node.recalling import Order as RecallOrder
from accord.node.recalling import find_entries, recall_entries
from accord.node.replying import Note, answer_object
from accord.node.searching import Question, search
from accord.node.showing import show_object
from accord.node.tokens import Reader
from tests.node.support import Community, give, holds, indicator, object_id, terms_text
from tests.node.test_drafts import COURT, EVIDENCE, holder

RAW = indicator(1, description="needle in a haystack")
ID = object_id(RAW)
WORDS = "Only with the consent of the court."


@pytest.fixture
def agreement(trio: Community) -> str:
    text = terms_text([node.member for node in trio], **COURT) + EVIDENCE
    proposed = agreements.propose(trio["Alfa"], text).id
    trio.settle(rounds=1)
    for node in trio:
        agreements.sign(node, proposed, sha256=None, person="P.", office="Desk")
    trio.settle()
    return proposed


def give_coded(trio: Community, agreement: str, *codes: str) -> None:
    restriction = WORDS if "H3" in codes else None
    order = {"purpose": "defence", "codes": codes, "restriction": restriction}
    give(trio["Alfa"], [RAW], agreement, **order)
    trio.settle()


def listed(node: Node, reader: Reader, name: str, after: int = 0) -> dict[str, int]:
    collection = find_collection(node, reader, name)
    rows, _ = read_page(node, reader, collection, Query(after=after))
    return {row.object_id: row.added for row in rows}


def found(node: Node, reader: Reader | None) -> int:
    catch_up(node)
    return search(node, reader, Question(text="haystack")).total


def test_what_has_code_h3_is_read_by_whoever_acknowledged_its_restriction_and_by_nobody_else(
    trio: Community, agreement: str
) -> None:
    give_coded(trio, agreement, "H3")
    bravo = trio["Bravo"]
    ann, bob = holder(bravo, "ann", "analyst"), holder(bravo, "bob", "analyst")
    assert holds(bravo, RAW)
    for name in ("everything", agreement):
        assert ID not in listed(bravo, ann, name)
    assert found(bravo, ann) == 0
    (view,) = show_object(bravo, ID, reader="ann")
    assert (view.body, view.restriction) == (None, WORDS)
    assert [each.text for each in to_acknowledge(bravo, ann)] == [WORDS]
    seen = max(listed(bravo, ann, agreement).values())

    assert [each.object_id for each in acknowledge(bravo, ID, ann)] == [ID]

    assert listed(bravo, ann, agreement)[ID] > seen, "also a tool that went past it gets it"
    assert ID in listed(bravo, ann, "everything")
    assert found(bravo, ann) == 1
    assert show_object(bravo, ID, reader="ann")[0].body == RAW
    assert (to_acknowledge(bravo, ann), acknowledge(bravo, ID, ann)) == ([], [])
    assert ID not in listed(bravo, bob, agreement)
    assert found(bravo, bob) == 0
    assert show_object(bravo, ID, reader="bob")[0].body is None
    assert [name for name, _ in acknowledged_by(bravo, ID)] == ["ann"]


def test_its_author_reads_its_own_without_acknowledging(trio: Community, agreement: str) -> None:
    give_coded(trio, agreement, "H3")
    alfa = trio["Alfa"]
    assert ID in listed(alfa, holder(alfa, "ann", "analyst"), agreement)
    assert show_object(alfa, ID)[0].body == RAW
    with pytest.raises(NotFoundError):
        acknowledge(alfa, ID)


def test_whoever_may_not_read_it_has_nothing_to_acknowledge(
    trio: Community, agreement: str
) -> None:
    give_coded(trio, agreement, "H3")
    bravo = trio["Bravo"]
    for reader in (holder(bravo, "ivan", "inspector"), holder(bravo, "olga", "operator")):
        assert to_acknowledge(bravo, reader) == []
        with pytest.raises(NotFoundError):
            acknowledge(bravo, ID, reader)
    assert acknowledged_by(bravo, ID) == []


def test_what_was_acknowledged_and_recalled_is_gone(trio: Community, agreement: str) -> None:
    give_coded(trio, agreement, "H3")
    alfa, bravo, _ = trio
    ann = holder(bravo, "ann", "analyst")
    acknowledge(bravo, ID, ann)
    due = trio.clock() + timedelta(days=1)
    order = RecallOrder(mode="erase", reason="Wrong.", due=due)
    recall_entries(alfa, find_entries(alfa, [ID]), order)
    trio.settle()
    assert not holds(bravo, RAW)
    assert ID not in listed(bravo, ann, agreement)
    assert to_acknowledge(bravo, holder(bravo, "bob", "analyst")) == []


def test_an_answer_that_has_code_h3_is_withheld_like_any_object(
    trio: Community, agreement: str
) -> None:
    alfa, bravo, _ = trio
    give_coded(trio, agreement)
    note = Order(agreement="", codes=("H3",), restriction=WORDS, approvals=("One", "Two"))
    answer_object(bravo, ID, Note("Seen at the border."), note)
    trio.settle()
    assert answers_to_ours(alfa) == []
    assert [each.said.content for each in answers_to(bravo, ID)] == ["Seen at the border."]
    (waiting,) = to_acknowledge(alfa)
    acknowledge(alfa, waiting.object_id)
    assert [each.said.content for each in answers_to_ours(alfa)] == ["Seen at the border."]


def test_use_as_evidence_waits_for_the_permission_of_its_author(
    trio: Community, agreement: str
) -> None:
    give_coded(trio, agreement, "H1")
    alfa, bravo, charlie = trio
    assert show_object(bravo, ID)[0].evidence == ()
    assert show_object(alfa, ID)[0].evidence is None, "what is ours we use as we like"
    request = ask_permission(bravo, ID, [bravo.member], "court", "For the hearing in May.")
    trio.settle()
    answer_request(alfa, request.id, granted=True, until=trio.clock() + timedelta(days=9))
    trio.settle()
    assert show_object(bravo, ID)[0].evidence == ("court",)
    assert show_object(charlie, ID)[0].evidence == ()
    trio.clock.advance(days=10)
    assert show_object(bravo, ID)[0].evidence == ()
