"""A member that only an amendment names: what it is given of the time before, and believes."""

from __future__ import annotations

import pytest

from accord.node import agreements
from accord.node.agreements import AgreementView
from accord.node.node import Node
from accord.node.waiting import list_refused, list_waiting
from accord.rules.agreement_file import agreement_from_toml, agreement_to_toml
from tests.node.support import (
    Community,
    follow,
    give,
    holds,
    indicator,
    reasons,
    sync,
    terms_text,
    witness,
)


def _amend(by: Node, base: AgreementView, *parties: Node, **fields: object) -> AgreementView:
    text = agreement_from_toml(terms_text([node.member for node in parties], **fields))
    return agreements.amend(by, base.id, agreement_to_toml({**text, "amends": base.sha256}))


def _sign(node: Node, view: AgreementView) -> None:
    agreements.sign(node, view.id, sha256=view.sha256, person="P", office="O")


def _states(node: Node, agreement: str) -> list[str]:
    return [view.standing.state for view in agreements.show(node, agreement)]


def test_who_is_named_by_an_amendment_learns_the_text_before_signs_and_is_given_what_was(
    trio: Community,
) -> None:
    alfa, bravo, charlie = trio
    first = trio.agree("Alfa", "Bravo")
    give(alfa, [indicator(1)], first.id)
    give(bravo, [indicator(2)], first.id)
    trio.settle()
    assert agreements.list_agreements(charlie) == []

    amended = _amend(alfa, first, alfa, bravo, charlie)
    trio.settle()
    assert _states(charlie, first.id) == ["in-force", "proposed"]
    assert not holds(charlie, indicator(1)), "it is not a party yet"
    for node in trio:
        _sign(node, amended)
        trio.settle()
    assert [_states(node, first.id) for node in trio] == [["superseded", "in-force"]] * 3
    assert holds(charlie, indicator(1))
    assert holds(charlie, indicator(2))
    assert (list_waiting(charlie), list_refused(charlie)) == ([], [])


def test_what_comes_before_the_amendment_that_opens_it_waits_for_it(trio: Community) -> None:
    """Charlie hears Bravo's signature of the first text before Alfa's proposal of the second."""
    alfa, bravo, charlie = trio
    first = trio.agree("Alfa", "Bravo")
    amended = _amend(alfa, first, alfa, bravo, charlie)
    sync(bravo, alfa)
    sync(charlie, bravo)
    (waiting,) = list_waiting(charlie)
    assert "rules.amendment-not-here" in reasons(waiting.reasons)
    trio.settle()
    assert _states(charlie, first.id) == ["in-force", "proposed"]
    assert agreements.show(charlie, first.id)[1].sha256 == amended.sha256
    assert list_waiting(charlie) == []


def test_over_two_amendments_the_newcomer_learns_every_text_before(trio: Community) -> None:
    alfa, bravo, charlie = trio
    first = trio.agree("Alfa", "Bravo")
    second = _amend(alfa, first, alfa, bravo)
    trio.settle()
    for node in (alfa, bravo):
        _sign(node, second)
    trio.settle()
    third = _amend(bravo, second, alfa, bravo, charlie)
    trio.settle(rounds=3)
    assert _states(charlie, first.id) == ["superseded", "in-force", "proposed"]
    for node in trio:
        _sign(node, third)
    trio.settle()
    assert _states(charlie, first.id) == ["superseded", "superseded", "in-force"]


def test_nobody_else_is_given_a_text_that_does_not_name_it(trio: Community) -> None:
    alfa, bravo, charlie = trio
    first = trio.agree("Alfa", "Bravo")
    _amend(alfa, first, alfa, bravo)
    trio.settle()
    assert agreements.list_agreements(charlie) == []
    assert list_waiting(charlie) == []


def _in_force_unseen(community: Community, last: str) -> AgreementView:
    """An amendment that names Charlie, in force; Bravo's ledger Charlie has not followed yet.

    Bravo gave indicator 1 before it signed the amendment, and 2 after it, under the first text.
    """
    alfa, bravo, charlie = community
    first = community.agree("Alfa", "Bravo")
    give(bravo, [indicator(1)], first.id)
    community.clock.advance(hours=1)
    amended = _amend(alfa, first, alfa, bravo, charlie)
    for _ in range(2):
        sync(charlie, alfa)
    _sign(charlie, amended)
    signing = [bravo, alfa] if last == "Alfa" else [alfa, bravo]
    for node in signing:
        for other in community:
            if node is not other:
                sync(node, other)
        community.clock.advance(minutes=1)  # a co-signature tells whole seconds
        _sign(node, amended)
        if node is bravo and last == "Alfa":
            give(bravo, [indicator(2)], first.id)
    sync(bravo, alfa)
    assert _states(bravo, first.id) == ["superseded", "in-force"]
    community.clock.advance(hours=1)
    return first


@pytest.mark.parametrize("last", ["Alfa", "Bravo"])
def test_what_stands_before_its_authors_signature_of_the_amendment_is_kept_by_who_comes_late(
    trio: Community, last: str
) -> None:
    first = _in_force_unseen(trio, last)
    trio.settle()
    assert _states(trio["Charlie"], first.id) == ["superseded", "in-force"]
    assert holds(trio["Charlie"], indicator(1))


def test_what_stands_behind_it_counts_from_when_a_witness_saw_it(trio: Community) -> None:
    """Bravo's word alone does not make it older; Charlie saw it after the text was superseded."""
    _in_force_unseen(trio, "Alfa")
    trio.settle()
    assert not holds(trio["Charlie"], indicator(2))
    (refused,) = list_refused(trio["Charlie"])
    assert reasons(refused.reasons) == {"rules.agreement-superseded"}


def test_the_word_of_a_witness_that_followed_in_time_makes_it_count(trio: Community) -> None:
    alfa, bravo, charlie = trio
    _in_force_unseen(trio, "Alfa")
    follow(charlie, bravo)
    witness(bravo, alfa, charlie)
    trio.settle()
    assert holds(charlie, indicator(2))
