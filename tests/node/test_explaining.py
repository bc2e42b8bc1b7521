"""Why an object did or did not reach a member: as known then, as known now, at any time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accord.base.errors import NotFoundError
from accord.base.messages import LANGUAGES, translate
from accord.node import agreements, members
from accord.node.drafts import make_draft
from accord.node.explaining import Explanation, explain
from accord.node.node import Node
from accord.node.prepare import Order
from accord.node.recalling import Order as RecallOrder
from accord.node.recalling import find_entries, recall_entries
from accord.rules.release import Verdict
from tests.node.support import Community, give, indicator, object_id, reasons, sync
from tests.node.test_drafts import holder

RAW = indicator()
ID = object_id(RAW)


def why(verdict: Verdict | None) -> set[str]:
    assert verdict is not None
    return reasons([each.message for each in verdict.reasons])


def only(found: Explanation) -> tuple[Verdict | None, Verdict]:
    (entry,) = found.entries
    return entry.then, entry.now


@pytest.fixture
def community(trio: Community) -> Community:
    """Alfa has given an object under an agreement with Bravo alone."""
    agreement = trio.agree("Alfa", "Bravo").id
    give(trio["Alfa"], [RAW], agreement)
    trio.settle()
    return trio


def test_whom_it_reached_and_whom_it_did_not_is_told_with_the_reason(community: Community) -> None:
    alfa, bravo, charlie = community
    reached = explain(alfa, ID, bravo.member)
    then, now = only(reached)
    assert then is not None
    assert then.allowed
    assert now.allowed
    assert [each.direction for each in reached.entries[0].crossings] == ["out"]
    missed = explain(alfa, ID, charlie.member)
    assert why(only(missed)[0]) == why(only(missed)[1]) == {"rules.recipient-not-party"}
    assert missed.entries[0].crossings == ()
    came = explain(bravo, ID, bravo.member)
    assert [each.direction for each in came.entries[0].crossings] == ["in"]
    for language in LANGUAGES:
        for reason in only(missed)[1].reasons:
            assert translate(reason.message, language)


def test_a_suspension_is_seen_when_it_stood_and_not_before_or_after(community: Community) -> None:
    alfa, bravo, _ = community
    before = community.clock()
    community.clock.advance(days=1)
    members.suspend_peer(alfa, bravo.member)
    during = community.clock()
    community.clock.advance(days=1)
    members.resume_peer(alfa, bravo.member)
    after = community.clock()

    def then(node: Node, moment: object) -> Verdict | None:
        return only(explain(node, ID, bravo.member, moment))[0]  # type: ignore[arg-type]

    assert why(then(alfa, before)) == set()
    assert why(then(alfa, during)) == {"rules.peer-suspended"}
    assert why(then(alfa, after)) == set()


def test_what_was_learnt_later_makes_the_two_answers_differ(pair: Community) -> None:
    """Alfa signed and published; Bravo heard of both a day later."""
    alfa, bravo = pair
    agreement = pair.proposed().id
    agreements.sign(bravo, agreement, sha256=None, person="P.", office="Desk")
    early = pair.clock()
    sync(alfa, bravo)
    agreements.sign(alfa, agreement, sha256=None, person="P.", office="Desk")
    give(alfa, [RAW], agreement)
    moment = pair.clock()
    with pytest.raises(NotFoundError):
        explain(bravo, ID, bravo.member)
    pair.clock.advance(days=1)
    pair.settle()

    then, now = only(explain(bravo, ID, bravo.member, moment))
    assert why(then) == {"rules.agreement-awaits"}, "it could not know that Alfa had signed"
    assert why(now) == set()
    before, now = only(explain(bravo, ID, bravo.member, early))
    assert before is None, "it was not issued yet"
    assert why(now) == set(), "what is known now is judged as of its issue"


def test_recalls_and_drafts_are_told(community: Community) -> None:
    alfa, bravo, _ = community
    due = community.clock() + timedelta(days=1)
    order = RecallOrder(mode="erase", reason="Wrong.", due=due)
    recall_entries(alfa, find_entries(alfa, [ID]), order)
    (entry,) = explain(alfa, ID, bravo.member).entries
    assert entry.recalled == "erase"
    agreement = next(iter(alfa.facts_now().agreements))
    waiting = indicator(1)
    make_draft(alfa, holder(alfa, "ann"), [waiting], Order(agreement=agreement, tlp="green"))
    found = explain(alfa, object_id(waiting), bravo.member)
    assert found.entries == ()
    assert reasons(found.waiting) == {"node.draft-asked"}
    with pytest.raises(NotFoundError):
        explain(alfa, object_id(indicator(9)), bravo.member)
    with pytest.raises(NotFoundError):
        explain(alfa, ID, "identity--00000000-0000-4000-8000-000000000000")
