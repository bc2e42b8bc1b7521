"""Agreements: proposed, signed by every party, withdrawn from; and what that makes flow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accord.base.clock import format_time
from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.node import agreements
from accord.node.publish import NotReleasable
from tests.node.support import (
    START,
    Community,
    give,
    holds,
    indicator,
    indicators,
    sync,
    terms_text,
)


def _state(community: Community, name: str, agreement: str) -> str:
    return agreements.show(community[name], agreement)[0].standing.state


def test_an_agreement_is_in_force_when_every_named_party_has_signed(trio: Community) -> None:
    proposed = trio.proposed("Alfa", "Bravo", "Charlie")
    for name in ("Alfa", "Bravo"):
        agreements.sign(trio[name], proposed.id, sha256=None, person="P", office="O")
        trio.settle()
        assert _state(trio, name, proposed.id) == "proposed"
    agreements.sign(trio["Charlie"], proposed.id, sha256=proposed.sha256, person="P", office="O")
    trio.settle()
    assert [_state(trio, name, proposed.id) for name in trio.nodes] == ["in-force"] * 3


def test_who_is_not_named_never_hears_of_an_agreement(trio: Community) -> None:
    agreement = trio.agree("Alfa", "Bravo")
    assert agreements.list_agreements(trio["Charlie"]) == []
    with pytest.raises(NotFoundError):
        agreements.show(trio["Charlie"], agreement.id)


def test_nothing_may_be_published_under_what_was_only_proposed(pair: Community) -> None:
    proposed = pair.proposed()
    agreements.sign(pair["Alfa"], proposed.id, sha256=None, person="P", office="O")
    with pytest.raises(NotReleasable) as refused:
        give(pair["Alfa"], [indicator()], proposed.id)
    assert "rules.agreement-awaits" in {
        reason.key for _, found in refused.value.withheld for reason in found
    }


def test_an_agreement_begins_and_ends_at_its_dates(pair: Community) -> None:
    start, end = START + timedelta(days=1), START + timedelta(days=3)
    agreement = pair.agree(valid_from=format_time(start), valid_until=format_time(end))
    assert agreement.standing.state == "adopted"
    with pytest.raises(NotReleasable):
        give(pair["Alfa"], [indicator(1)], agreement.id)
    pair.clock.advance(days=1)
    give(pair["Alfa"], [indicator(1)], agreement.id)
    assert _state(pair, "Bravo", agreement.id) == "in-force"
    pair.clock.advance(days=2)
    assert _state(pair, "Bravo", agreement.id) == "ended"
    with pytest.raises(NotReleasable):
        give(pair["Alfa"], [indicator(2)], agreement.id)
    sync(pair["Bravo"], pair["Alfa"])
    assert not holds(pair["Bravo"], indicator(1)), "what was not taken in time is not given late"


def test_after_a_withdrawal_nothing_more_flows_to_who_left(trio: Community) -> None:
    agreement = trio.agree()
    give(trio["Alfa"], [indicator(1)], agreement.id)
    trio.settle()
    left = agreements.withdraw(trio["Charlie"], agreement.id, reason="A change of the law")
    assert trio["Charlie"].member not in left.standing.parties
    trio.settle()
    given = give(trio["Alfa"], [indicator(2)], agreement.id)
    trio.settle()
    assert given.granted[trio["Charlie"].member] == 0
    assert holds(trio["Bravo"], indicator(2))
    assert not holds(trio["Charlie"], indicator(2))
    assert holds(trio["Charlie"], indicator(1)), "what was received stays bound, not deleted"


def test_who_left_can_publish_nothing_under_the_agreement(trio: Community) -> None:
    agreement = trio.agree()
    agreements.withdraw(trio["Charlie"], agreement.id, reason="x")
    with pytest.raises(NotReleasable):
        give(trio["Charlie"], [indicator(1)], agreement.id)


def test_when_fewer_than_two_are_left_the_agreement_is_over(pair: Community) -> None:
    agreement = pair.agree()
    agreements.withdraw(pair["Bravo"], agreement.id, reason="x")
    pair.settle()
    assert [_state(pair, name, agreement.id) for name in pair.nodes] == ["withdrawn"] * 2


def test_nobody_signs_or_leaves_twice_or_for_others(trio: Community) -> None:
    agreement = trio.agree("Alfa", "Bravo")
    with pytest.raises(ConflictError):
        agreements.sign(trio["Alfa"], agreement.id, sha256=None, person="P", office="O")
    agreements.withdraw(trio["Alfa"], agreement.id, reason="x")
    with pytest.raises(ConflictError):
        agreements.withdraw(trio["Alfa"], agreement.id, reason="x")
    with pytest.raises(NotFoundError):
        agreements.sign(trio["Charlie"], agreement.id, sha256=None, person="P", office="O")


def test_another_text_than_the_one_proposed_is_not_signed(pair: Community) -> None:
    proposed = pair.proposed()
    with pytest.raises(NotFoundError) as refused:
        agreements.sign(pair["Bravo"], proposed.id, sha256="ab" * 32, person="P", office="O")
    assert refused.value.message.key == "node.text-unknown"


def test_parties_are_confirmed_peers_and_the_proposer_is_one_of_them(trio: Community) -> None:
    alfa, bravo, charlie = trio
    stranger = "identity--11111111-1111-4111-8111-111111111111"
    with pytest.raises(InputError) as refused:
        agreements.propose(alfa, terms_text([alfa.member, stranger]))
    assert refused.value.message.key == "node.party-unknown"
    with pytest.raises(InputError) as refused:
        agreements.propose(alfa, terms_text([bravo.member, charlie.member]))
    assert refused.value.message.key == "node.proposer-not-a-party"
    assert agreements.list_agreements(alfa) == []


def test_a_signature_that_comes_before_its_proposal_waits_for_it(trio: Community) -> None:
    """Charlie hears Bravo's signature first; the proposal of Alfa comes by the slower way."""
    alfa, bravo, charlie = trio
    view = agreements.propose(alfa, terms_text([alfa.member, bravo.member, charlie.member]))
    sync(bravo, alfa)
    agreements.sign(bravo, view.id, sha256=None, person="P", office="O")
    assert sync(charlie, bravo).held == 1
    sync(charlie, alfa)
    (known,) = agreements.list_agreements(charlie)
    assert known.standing.signed == (bravo.member,)


def test_what_came_before_the_last_signature_arrived_is_kept_after_it(trio: Community) -> None:
    """Bravo knows all signatures and publishes; Charlie has not heard of Alfa's yet."""
    alfa, bravo, charlie = trio
    view = agreements.propose(alfa, terms_text([node.member for node in trio]))
    for node in (bravo, charlie):
        sync(node, alfa)
        agreements.sign(node, view.id, sha256=None, person="P", office="O")
    agreements.sign(alfa, view.id, sha256=None, person="P", office="O")
    sync(bravo, charlie)
    sync(bravo, alfa)
    raws = indicators(3)
    give(bravo, raws, view.id)
    outcome = sync(charlie, bravo)
    assert (outcome.held, outcome.refused) == (3, 0)
    sync(charlie, alfa)
    assert all(holds(charlie, raw) for raw in raws)


def test_a_late_party_is_not_added_by_signing(trio: Community) -> None:
    agreement = trio.agree("Alfa", "Bravo")
    text = agreements.show(trio["Alfa"], agreement.id)[0]
    assert trio["Charlie"].member not in text.standing.parties
    given = give(trio["Alfa"], [indicator(1)], agreement.id)
    assert trio["Charlie"].member not in given.granted


def test_only_a_party_answers(trio: Community) -> None:
    """Charlie may learn the text from a proposal that names it, not sign where it is not named."""
    first = trio.agree("Alfa", "Bravo", "Charlie")
    with pytest.raises((DeniedError, ConflictError)):
        agreements.sign(trio["Charlie"], first.id, sha256=None, person="P", office="O")
