"""Answers to another's object: who reads them, what counts, and who alone changes the object."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from accord.base.errors import InputError, NotFoundError
from accord.ledger.envelope import Envelope, reread_envelope
from accord.node.answers import Answer, answers_to, answers_to_ours, counted
from accord.node.drafts import release_draft
from accord.node.node import Node
from accord.node.prepare import Order, Rejected
from accord.node.publish import NotReleasable
from accord.node.recalling import Order as RecallOrder
from accord.node.recalling import find_entries, recall_entries
from accord.node.replying import (
    Note,
    Opinion,
    Reply,
    Sighting,
    accept_correction,
    answer_object,
    draft_correction,
    propose_correction,
)
from accord.node.showing import show_object
from accord.store.tables import OWN_LEDGER
from tests.node.support import (
    Community,
    assert_sound,
    give,
    holds,
    indicator,
    object_id,
    reasons,
)
from tests.node.test_drafts import holder

FIRST = indicator()
ID = object_id(FIRST)
PLAIN = Order(agreement="")
CHANGED = indicator(version=1, name="Better said")


@pytest.fixture
def given(trio: Community) -> Community:
    """Alfa gave an indicator to both others, under an agreement that lets nothing go on."""
    agreement = trio.agree(exercise=True).id
    give(trio["Alfa"], [FIRST], agreement)
    trio.settle()
    return trio


def last_envelope(node: Node) -> Envelope:
    rows = node.read(lambda tx: list(tx.entries.every(OWN_LEDGER)))
    return reread_envelope(rows[-1].envelope)


def kinds(found: list[Answer]) -> list[tuple[str, str]]:
    return [(each.kind, each.said.opinion) for each in found]


def test_sightings_opinions_and_notes_reach_the_author_and_all_who_have_the_object(
    given: Community,
) -> None:
    alfa, bravo, charlie = given
    answer_object(bravo, ID, Sighting(count=3), PLAIN)
    answer_object(bravo, ID, Opinion("agree", "Seen it too."), PLAIN)
    answer_object(charlie, ID, Note("A test address."), PLAIN)
    given.settle()

    for node in given:
        found = answers_to(node, ID)
        assert sorted(each.kind for each in found) == ["note", "opinion", "sighting"]
        assert counted(found) == {"sighting": 3, "agree": 1, "note": 1}
    authors = {each.kind: each.author for each in answers_to_ours(alfa)}
    members = bravo.member, charlie.member
    assert authors == dict(zip(("sighting", "note"), members, strict=True)) | {
        "opinion": bravo.member
    }
    assert answers_to_ours(bravo) == []
    assert_sound(*given)


def test_an_answer_is_marked_no_looser_and_goes_no_further_than_what_it_answers(
    trio: Community,
) -> None:
    agreement = trio.agree().id
    alfa, bravo, charlie = trio
    give(alfa, [FIRST], agreement, tlp="amber", audience=(bravo.member,))
    trio.settle()
    answer_object(bravo, ID, Note("Only between us."), Order(agreement="", tlp="green"))

    envelope = last_envelope(bravo)
    assert envelope.handling.tlp == "amber"
    assert envelope.audience == (alfa.member,)
    trio.settle()
    assert [each.said.content for each in answers_to_ours(alfa)] == ["Only between us."]
    with pytest.raises(NotFoundError):
        answers_to(charlie, ID)


def test_an_answer_to_the_author_alone_reaches_nobody_else(given: Community) -> None:
    alfa, bravo, charlie = given
    answer_object(bravo, ID, Opinion("disagree"), PLAIN, to_author=True)
    given.settle()
    assert kinds(answers_to(alfa, ID)) == [("opinion", "disagree")]
    assert answers_to(charlie, ID) == []


def test_what_an_exercise_answers_never_counts_as_real(given: Community) -> None:
    alfa, bravo, _ = given
    answer_object(bravo, ID, Sighting(count=9), Order(agreement="", status="exercise"))
    answer_object(bravo, ID, Sighting(count=1), PLAIN)
    given.settle()
    found = answers_to(alfa, ID)
    assert sorted(each.status for each in found) == ["actual", "exercise"]
    assert counted(found) == {"sighting": 1}


def test_an_answer_to_what_came_as_an_exercise_is_one(trio: Community) -> None:
    agreement = trio.agree(exercise=True).id
    give(trio["Alfa"], [FIRST], agreement, status="exercise")
    trio.settle()
    answer_object(trio["Bravo"], ID, Sighting(), PLAIN)
    trio.settle()
    assert counted(answers_to(trio["Alfa"], ID)) == {}


def test_nobody_answers_what_is_its_own_or_what_it_does_not_have(given: Community) -> None:
    alfa, bravo, _ = given
    with pytest.raises(InputError) as own:
        answer_object(alfa, ID, Note("x"), PLAIN)
    assert own.value.message.key == "node.answer-own"
    with pytest.raises(NotFoundError):
        answer_object(bravo, object_id(indicator(9)), Note("x"), PLAIN)
    with pytest.raises(NotFoundError) as elsewhere:
        answer_object(bravo, ID, Note("x"), Order(agreement="accord-agreement--none"))
    assert elsewhere.value.message.key == "node.answer-to-nothing"
    with pytest.raises(Rejected):
        answer_object(bravo, ID, Opinion("very-much"), PLAIN)


def test_a_correction_reaches_its_author_alone_whatever_may_be_passed_on(given: Community) -> None:
    alfa, bravo, charlie = given
    propose_correction(bravo, ID, CHANGED, PLAIN)
    given.settle()

    assert last_envelope(bravo).audience == (alfa.member,)
    assert holds(alfa, CHANGED)
    assert not holds(charlie, CHANGED)
    assert kinds(answers_to_ours(alfa)) == [("correction", "")]
    shown = {(view.publisher, view.own, view.correction) for view in show_object(alfa, ID)}
    assert shown == {(alfa.member, True, False), (bravo.member, False, True)}
    assert_sound(*given)


def test_no_collection_shows_a_correction(given: Community) -> None:
    alfa, bravo, _ = given

    def listed(node: Node) -> set[int]:
        found = node.read(lambda tx: [held.seq for held in tx.holdings.versions(ID)])
        shown: set[int] = set()
        for number in range(1, 6):
            shown |= node.read(lambda tx: tx.listings.listed(number, found))  # noqa: B023
        return shown

    before = [len(listed(node)) for node in (alfa, bravo)]
    propose_correction(bravo, ID, CHANGED, PLAIN)
    given.settle()
    assert [len(listed(node)) for node in (alfa, bravo)] == before == [1, 1]


def test_the_author_takes_a_correction_over_as_its_own_new_version(given: Community) -> None:
    alfa, bravo, charlie = given
    propose_correction(bravo, ID, CHANGED, PLAIN)
    given.settle()
    (correction,) = answers_to_ours(alfa)
    accept_correction(alfa, bravo.member, correction.number, PLAIN)
    given.settle()

    newest = next(view for view in show_object(charlie, ID) if view.publisher == alfa.member)
    fields = json.loads(newest.body or b"")
    assert fields["name"] == "Better said"
    assert fields["created"] == json.loads(FIRST)["created"]
    assert "created_by_ref" not in fields
    assert newest.version > correction.version
    assert last_envelope(alfa).source is None
    assert {view.publisher for view in show_object(charlie, ID)} == {alfa.member}
    assert_sound(*given)


def test_a_correction_taken_over_as_a_draft_waits_for_a_releaser(given: Community) -> None:
    alfa, bravo, charlie = given
    propose_correction(bravo, ID, CHANGED, PLAIN)
    given.settle()
    (correction,) = answers_to_ours(alfa)
    ann, bob = [holder(alfa, name) for name in ("ann", "bob")]
    draft = draft_correction(alfa, ann, bravo.member, correction.number, PLAIN)
    assert [json.loads(raw)["name"] for raw in draft.objects] == ["Better said"]
    given.settle()
    (before,) = show_object(charlie, ID)
    assert json.loads(before.body or b"")["name"] == json.loads(FIRST)["name"]
    release_draft(alfa, draft.id, bob)
    given.settle()
    newest = next(view for view in show_object(charlie, ID) if view.publisher == alfa.member)
    assert json.loads(newest.body or b"")["name"] == "Better said"


def test_an_accepted_correction_is_marked_no_looser_than_it_was_proposed(given: Community) -> None:
    alfa, bravo, _ = given
    propose_correction(bravo, ID, CHANGED, Order(agreement="", tlp="amber"))
    given.settle()
    (correction,) = answers_to_ours(alfa)
    accept_correction(alfa, bravo.member, correction.number, PLAIN)
    assert last_envelope(alfa).handling.tlp == "amber"


def test_a_correction_of_an_exercise_is_not_taken_over_in_earnest(given: Community) -> None:
    alfa, bravo, _ = given
    propose_correction(bravo, ID, CHANGED, Order(agreement="", status="exercise"))
    given.settle()
    (correction,) = answers_to_ours(alfa)
    with pytest.raises(InputError) as refused:
        accept_correction(alfa, bravo.member, correction.number, PLAIN)
    assert refused.value.message.key == "node.correction-status"


def test_nobody_else_can_take_it_over_and_nothing_else_can_be_taken_over(given: Community) -> None:
    alfa, bravo, charlie = given
    propose_correction(bravo, ID, CHANGED, PLAIN)
    answer_object(bravo, ID, Note("x"), PLAIN)
    given.settle()
    (correction,) = [each for each in answers_to_ours(alfa) if each.kind == "correction"]
    for node, author, number in (
        (alfa, bravo.member, correction.number + 1),
        (alfa, bravo.member, 9999),
        (alfa, alfa.member, correction.number),
        (alfa, "identity--00000000-0000-4000-8000-000000000000", 1),
        (bravo, bravo.member, correction.number),
        (charlie, bravo.member, correction.number),
    ):
        with pytest.raises(NotFoundError) as unknown:
            accept_correction(node, author, number, PLAIN)
        assert unknown.value.message.key == "node.correction-unknown"


WRONG: dict[str, Callable[[], bytes]] = {
    "node.correction-other": lambda: indicator(1, version=1),
    "node.correction-older": lambda: FIRST,
    "node.correction-changes": lambda: indicator(version=1, created="2026-02-01T00:00:00.000Z"),
}


@pytest.mark.parametrize("key", WRONG)
def test_a_correction_is_a_newer_version_of_the_very_object(given: Community, key: str) -> None:
    with pytest.raises(InputError) as refused:
        propose_correction(given["Bravo"], ID, WRONG[key](), PLAIN)
    assert refused.value.message.key == key


def test_the_release_rule_acts_on_a_correction_as_on_any_object(given: Community) -> None:
    with pytest.raises(NotReleasable) as refused:
        propose_correction(given["Bravo"], ID, CHANGED, Order(agreement="", tlp="red"))
    found: set[Any] = reasons(refused.value.withheld[0][1])
    assert "rules.tlp-above" in found


def test_an_answer_to_an_observable_reaches_the_member_that_gave_it(trio: Community) -> None:
    agreement = trio.agree().id
    alfa, bravo, _ = trio
    address = json.dumps(
        {
            "type": "ipv4-addr",
            "spec_version": "2.1",
            "id": "ipv4-addr--5853f6a4-638f-5b4e-9b0f-ded361ae3812",
            "value": "198.51.100.3",
        }
    ).encode()
    give(alfa, [address], agreement)
    trio.settle()
    answer_object(bravo, object_id(address), Note("Ours."), PLAIN)
    trio.settle()
    assert [each.said.content for each in answers_to_ours(alfa)] == ["Ours."]


@pytest.mark.parametrize("reply", [Sighting(), Note("x")], ids=["sighting", "note"])
def test_a_recalled_answer_is_found_no_more(given: Community, reply: Reply) -> None:
    alfa, bravo, _ = given
    answer_object(bravo, ID, reply, PLAIN)
    given.settle()
    (answer,) = answers_to_ours(alfa)
    due = given.clock().replace(year=2027)
    order = RecallOrder(mode="erase", reason="Wrong.", due=due)
    recall_entries(bravo, find_entries(bravo, [answer.id]), order)
    given.settle()
    assert answers_to(alfa, ID) == answers_to(bravo, ID) == []
