"""A member that only an amendment names: what it is given of the time before, and believes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accord.node import agreements
from accord.node.agreements import AgreementView
from accord.node.node import Node
from accord.node.waiting import list_refused, list_waiting
from accord.rules.agreement_file import agreement_from_toml, agreement_to_toml
from tests.node.support import (
    Community,
    give,
    holds,
    indicator,
    reasons,
    row_of,
    sync,
    terms_text,
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

    Bravo gave indicator 1 before it signed the amendment, and 2 after it, under the first text,
    while the amendment was not in force; unless it was the last to sign.
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
def test_what_was_given_before_the_amendment_was_in_force_is_kept_by_who_comes_late(
    trio: Community, last: str
) -> None:
    first = _in_force_unseen(trio, last)
    trio.settle()
    charlie = trio["Charlie"]
    assert _states(charlie, first.id) == ["superseded", "in-force"]
    assert holds(charlie, indicator(1))
    assert holds(charlie, indicator(2)) == (last == "Alfa")
    assert (list_waiting(charlie), list_refused(charlie)) == ([], [])


def test_the_verdict_is_one_whoever_followed_first(trio: Community) -> None:
    """Bravo, that was away, sees what stands behind the sender's signature as late as Charlie."""
    alfa, bravo, charlie = trio
    first = trio.agree("Alfa", "Bravo")
    amended = _amend(alfa, first, alfa, bravo, charlie)
    trio.settle()
    for node in (alfa, charlie):
        _sign(node, amended)
    give(alfa, [indicator(1)], first.id)
    sync(bravo, charlie)
    trio.clock.advance(hours=1)
    _sign(bravo, amended)
    trio.clock.advance(hours=1)
    for one, other in ((charlie, bravo), (alfa, bravo), (alfa, charlie), (bravo, alfa)):
        sync(one, other)
    trio.settle()
    for node in (bravo, charlie):
        assert holds(node, indicator(1))
        assert list_refused(node) == []


def _ask(node: Node, other: Node) -> None:
    """One follows the other, and hears that there is nothing further."""
    peer, micros = row_of(node, other), node.micros()
    node.write(lambda tx: tx.peers.note_contact(peer.id, micros, 0))


def test_what_its_author_dates_back_is_refused_by_who_saw_the_ledger_without_it(
    trio: Community,
) -> None:
    alfa, bravo, _ = trio
    first = _in_force_unseen(trio, "Alfa")
    in_time = trio.clock.moment - timedelta(hours=1, minutes=1)
    trio.settle()
    _ask(alfa, bravo)
    now, trio.clock.moment = trio.clock.moment, in_time
    give(bravo, [indicator(3)], first.id)
    trio.clock.moment = now
    trio.settle()
    assert not holds(alfa, indicator(3))
    (refused,) = list_refused(alfa)
    assert reasons(refused.reasons) == {"rules.agreement-superseded"}
