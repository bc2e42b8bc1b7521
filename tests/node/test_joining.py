"""Accession to a community, step by step, through real nodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.node import agreements, applying, councils, deciding
from accord.node.agreements import AgreementView
from accord.node.joining import AccessionView, accessions
from accord.node.node import Node, open_node
from accord.rules.decisions.effects import Effect
from tests.node.council import chartered, council, move, round_of, run, state_of
from tests.node.support import (
    Community,
    found,
    give,
    holds,
    indicator,
    meet,
)

pytestmark = pytest.mark.slow  # whole communities, half a minute each


@pytest.fixture
def outside(trio: Community, tmp_path: Path) -> tuple[Community, AgreementView, Node]:
    """Alfa, Bravo and Charlie under a charter; Delta has compared keys with Alfa alone."""
    charter = chartered(trio)
    found(tmp_path / "Delta", "Delta", trio.clock, 3)
    delta = open_node(tmp_path / "Delta", trio.clock)
    meet(delta, trio["Alfa"])
    meet(trio["Alfa"], delta)
    trio.nodes["Delta"] = delta
    return trio, charter, delta  # closed with the others


STRANGERS = [(one, "Delta") for one in ("Bravo", "Charlie")] + [
    ("Delta", one) for one in ("Bravo", "Charlie")
]


def one(node: Node) -> AccessionView:
    (view,) = accessions(node)
    return view


def steps(node: Node) -> dict[str, str]:
    return {step.name: step.state for step in one(node).steps}


def admitted(community: Community, charter: AgreementView, delta: Node, standing: str) -> str:
    """Delta applied, Alfa sponsored it, and the council decided; keys are still missing."""
    alfa = community["Alfa"]
    applying.apply(delta, charter.id, alfa.member, standing, "We share the river.")  # type: ignore[arg-type]
    round_of(community, cut=STRANGERS)
    motion = applying.sponsor(alfa, delta.member)
    run(community, 96, step=4, cut=STRANGERS)
    return motion


def confirm_all(community: Community, delta: Node) -> None:
    for name in ("Bravo", "Charlie"):
        meet(community[name], delta)
        meet(delta, community[name])


def test_an_applicant_becomes_a_member_step_by_step(
    outside: tuple[Community, AgreementView, Node],
) -> None:
    community, charter, delta = outside
    alfa, bravo, charlie, _ = community
    applying.apply(delta, charter.id, alfa.member, "member", "We share the river.")
    round_of(community, cut=STRANGERS)
    assert one(alfa).state == one(delta).state == "applied"
    assert one(alfa).reason == "We share the river."
    assert [step.who for step in one(alfa).steps if step.state == "next"] == [(alfa.member,)]
    assert accessions(bravo) == [], "the sponsor alone is told"

    motion = applying.sponsor(alfa, delta.member)
    run(community, 8, step=4, cut=STRANGERS)
    assert one(bravo).state == "sponsored"
    assert one(bravo).reason is None
    assert one(delta).state == "sponsored", "the one whom it is about is told"
    assert charter.id not in delta.facts_now().agreements, "and of the charter nothing yet"
    assert council(delta).motions() == [motion]
    run(community, 96, step=4, cut=STRANGERS)
    assert state_of(alfa, motion) == "adopted"
    assert one(alfa).state == "admitted"
    keys = next(step for step in one(alfa).steps if step.name == "keys")
    assert keys.what == tuple(sorted((bravo.member, charlie.member)))

    confirm_all(community, delta)
    run(community, 8, step=1)
    assert {one(node).state for node in community} == {"keyed"}
    sign = next(step for step in one(delta).steps if step.name == "sign")
    assert (sign.who, sign.what) == ((delta.member,), (charter.id,))
    agreements.sign(delta, charter.id, sha256=None, person="D. Elegate", office="Desk")
    run(community, 8, step=1)
    assert {one(node).state for node in community} == {"member"}
    for node in community:
        (view,) = agreements.show(node, charter.id)
        assert delta.member in view.standing.parties
        assert delta.member in view.standing.signed


def test_who_was_admitted_checks_all_that_was_decided_before_and_votes_from_then_on(
    outside: tuple[Community, AgreementView, Node],
) -> None:
    community, charter, delta = outside
    alfa, bravo, charlie, _ = community
    early = move(bravo, Effect(does="change-standing", member=charlie.member, standing="observer"))
    said = move(charlie)
    run(community, 96, step=4, cut=STRANGERS)
    motion = admitted(community, charter, delta, "member")
    confirm_all(community, delta)
    run(community, 16, step=2)
    mine, theirs = council(delta), council(alfa)
    assert mine.head(charter.id) == theirs.head(charter.id)
    for each in (early, said, motion):
        assert mine.finals[each] == theirs.finals[each], "computed from the voters' own ledgers"
    later = move(alfa)
    known = council(alfa).motion(later)
    assert known is not None
    assert delta.member in known.electorate
    run(community, 6)
    deciding.vote(delta, later, "no")
    run(community, 96)
    assert {state_of(node, later) for node in (alfa, bravo, delta)} == {"rejected"}


def test_what_flows_under_the_charter_reaches_whom_it_admitted_when_it_has_signed(
    outside: tuple[Community, AgreementView, Node],
) -> None:
    community, charter, delta = outside
    alfa = community["Alfa"]
    before = indicator(1)
    give(alfa, [before], charter.id)
    admitted(community, charter, delta, "member")
    confirm_all(community, delta)
    run(community, 8, step=1)
    assert not holds(delta, before)
    agreements.sign(delta, charter.id, sha256=None, person="D. Elegate", office="Desk")
    run(community, 8, step=1)
    assert holds(delta, before)
    mine = indicator(2)
    give(delta, [mine], charter.id)
    run(community, 4, step=1)
    assert all(holds(node, mine) for node in community)


def test_an_observer_reads_decisions_and_signs_nothing(
    outside: tuple[Community, AgreementView, Node],
) -> None:
    community, charter, delta = outside
    admitted(community, charter, delta, "observer")
    confirm_all(community, delta)
    run(community, 8, step=1)
    assert {one(node).state for node in community} == {"member"}, "nothing to sign"
    with pytest.raises(DeniedError):
        agreements.sign(delta, charter.id, sha256=None, person="D. Elegate", office="Desk")
    later = move(community["Alfa"])
    run(community, 8)
    assert councils.motion(delta, later).state == "open"
    with pytest.raises(DeniedError):
        deciding.vote(delta, later, "yes")
    with pytest.raises(InputError):
        move(delta)


def test_an_application_is_taken_back_refused_or_made_anew(
    outside: tuple[Community, AgreementView, Node],
) -> None:
    community, charter, delta = outside
    alfa, bravo, *_ = community
    with pytest.raises(InputError):
        applying.apply(delta, charter.id, bravo.member, "member", "?")  # keys were not compared
    with pytest.raises(NotFoundError):
        applying.sponsor(alfa, delta.member)
    applying.apply(delta, charter.id, alfa.member, "member", "We share the river.")
    with pytest.raises(ConflictError):
        applying.apply(delta, charter.id, alfa.member, "member", "We share the river.")
    round_of(community, cut=STRANGERS)
    with pytest.raises(NotFoundError):
        applying.sponsor(bravo, delta.member)  # it asked another
    applying.take_back(delta, charter.id)
    round_of(community, cut=STRANGERS)
    assert one(alfa).state == one(delta).state == "gone"
    with pytest.raises(NotFoundError):
        applying.sponsor(alfa, delta.member)
    applying.apply(delta, charter.id, alfa.member, "observer", "We share the border.")
    round_of(community, cut=STRANGERS)
    applying.sponsor(alfa, delta.member)
    run(community, 8, step=4, cut=STRANGERS)
    deciding.vote(bravo, council(bravo).motions()[0], "no")
    run(community, 96, step=4, cut=STRANGERS)
    assert one(alfa).state == one(bravo).state == "refused"
    assert steps(alfa)["decide"] == "refused"
    applying.apply(delta, charter.id, alfa.member, "observer", "Once more.")
    round_of(community, cut=STRANGERS)
    assert one(alfa).state == "applied"
