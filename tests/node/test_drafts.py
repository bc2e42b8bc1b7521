"""Drafts: what nobody lets go alone, and what the agreement asks for that a releaser adds."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from accord.base.errors import DeniedError
from accord.ledger.envelope import Envelope, Evaluation, reread_envelope
from accord.node import agreements
from accord.node.collections import find_collection
from accord.node.drafts import Addition, list_drafts, make_draft, release_draft, show_draft
from accord.node.node import Node
from accord.node.prepare import Order
from accord.node.publish import NotReleasable, publish
from accord.node.tokens import Reader, add_token, reader_of
from accord.node.uploads import upload
from accord.store.tables import OWN_LEDGER
from accord.taxii.resources import collection_resource
from tests.node.support import Community, holds, indicator, object_id, reasons, terms_text

RED = ["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]
PERSON = json.dumps(
    {
        "type": "identity",
        "spec_version": "2.1",
        "id": f"identity--{uuid.UUID(int=(4 << 76) | (8 << 60) | 7)}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": "Somebody",
        "identity_class": "individual",
    }
).encode()
COURT = {"purposes": ["defence", "court"]}
EVIDENCE = '[evidence]\ncodes = ["H1", "H2", "H3"]\npurposes = ["court"]\n'


@dataclass(frozen=True)
class Level:
    """What asks for a second person: the agreement, the object, how it is ordered, what is added.

    `needed` is the reason for which it waits, `lacking` the one that one releaser could not cure
    without `added`; empty where the second person is enough. `alone`: with it one would do.
    """

    raw: bytes
    needed: str
    added: Addition = field(default_factory=Addition)
    lacking: str = ""
    order: dict[str, Any] = field(default_factory=dict)
    terms: dict[str, Any] = field(default_factory=dict)
    clause: str = ""
    alone: bool = False

    @property
    def asks_more(self) -> bool:
        """Whether the agreement asks of every object what no collection can state."""
        return self.alone or "neutrality" in self.clause


LEVELS = {
    "TLP:RED": Level(
        indicator(1, object_marking_refs=RED),
        "rules.approvals-missing",
        Addition(named=("desk@bravo",)),
        "rules.red-names",
        terms={"tlp_ceiling": "red"},
    ),
    "a description of a person": Level(
        PERSON,
        "rules.personal-approvals",
        clause='[personal_data]\nallowed = true\npurposes = ["defence"]\nmax_days = 30\n',
    ),
    "code H1": Level(
        indicator(1),
        "rules.approvals-missing",
        order={"purpose": "defence", "codes": ("H1",)},
        terms=COURT,
        clause=EVIDENCE,
    ),
    "code H3": Level(
        indicator(1),
        "rules.restriction-unsaid",
        Addition(restriction="Ask the court first."),
        "rules.restriction-unsaid",
        order={"purpose": "defence", "codes": ("H3",)},
        terms=COURT,
        clause=EVIDENCE,
    ),
    "given as evidence": Level(
        indicator(1),
        "rules.approvals-missing",
        order={"purpose": "court"},
        terms=COURT,
        clause=EVIDENCE,
    ),
    "an incident to be declared": Level(
        indicator(1),
        "rules.incident-missing",
        Addition(incident="fraud"),
        "rules.incident-missing",
        clause='[neutrality]\nareas = ["cyber"]\nincidents = ["fraud"]\n',
        alone=True,
    ),
    "a review of neutrality": Level(
        indicator(1, description="an election"),
        "rules.review-missing",
        Addition(incident="fraud", review="Ballot papers were forged for money."),
        "rules.review-missing",
        clause='[neutrality]\nareas = ["cyber"]\n',
    ),
    "a grade": Level(
        indicator(1),
        "rules.evaluation-missing",
        Addition(evaluation=Evaluation("admiralty", "B", "2")),
        "rules.evaluation-missing",
        clause='[evaluation]\nschemes = ["admiralty"]\nrequired = true\n',
        alone=True,
    ),
}


@pytest.fixture(params=LEVELS.values(), ids=list(LEVELS))
def level(request: pytest.FixtureRequest) -> Level:
    return request.param  # type: ignore[no-any-return]


def agreed(community: Community, level: Level) -> str:
    return in_force(community, terms_text(members(community), **level.terms) + level.clause)


def in_force(community: Community, text: str, *signing: str) -> str:
    agreement = agreements.propose(community["Alfa"], text).id
    community.settle(rounds=1)
    for name in signing or list(community.nodes):
        agreements.sign(community[name], agreement, sha256=None, person="P.", office="Desk")
    community.settle()
    return agreement


def members(community: Community) -> list[str]:
    return [node.member for node in community]


def holder(node: Node, name: str, role: str = "releaser") -> Reader:
    reader = reader_of(node, add_token(node, name, role=role, tlp="red").token)
    assert reader is not None
    return reader


def published(node: Node, raw: bytes) -> Envelope:
    rows = node.read(lambda tx: list(tx.entries.every(OWN_LEDGER)))
    found = [reread_envelope(row.envelope) for row in rows]
    (envelope,) = [each for each in found if each.object.id == object_id(raw)]
    return envelope


def stand_by(envelope: Envelope) -> tuple[str, ...]:
    """All who are named in an envelope as standing by it."""
    personal, review = envelope.handling.personal, envelope.handling.review
    people = envelope.handling.approvals
    people += personal.approvals if personal is not None else ()
    return people + (review.reviewers if review is not None else ())


def order_of(level: Level, agreement: str) -> Order:
    return Order(**({"agreement": agreement, "tlp": None, "unmarked_tlp": "green"} | level.order))


def test_what_needs_a_releaser_does_not_go_without_and_waits_for_one(
    pair: Community, level: Level
) -> None:
    node, agreement = pair["Alfa"], agreed(pair, level)
    order = order_of(level, agreement)
    with pytest.raises(NotReleasable) as alone:
        publish(node, [level.raw], order)
    assert level.needed in reasons(alone.value.withheld[0][1])
    author = holder(node, "ann")
    draft = make_draft(node, author, [level.raw], order)
    assert level.needed in reasons(draft.reasons)
    with pytest.raises(DeniedError) as own:
        release_draft(node, draft.id, author, level.added)
    assert own.value.message.key == "node.draft-own"
    with pytest.raises(DeniedError):
        release_draft(node, draft.id, holder(node, "art", "analyst"), level.added)

    boss = holder(node, "bob")
    if level.lacking:
        with pytest.raises(NotReleasable) as lacking:
            release_draft(node, draft.id, boss)
        assert level.lacking in reasons(lacking.value.withheld[0][1])
    assert release_draft(node, draft.id, boss, level.added).published == 1
    assert {"ann", "bob"} <= set(stand_by(published(node, level.raw))) or level.alone
    pair.settle()
    assert holds(pair["Bravo"], level.raw)


def test_what_a_tool_hands_in_waits_and_its_status_says_what_is_needed(
    pair: Community, level: Level
) -> None:
    if level.order:
        return  # no tool can say so: the collection states codes and purpose for none
    node, agreement = pair["Alfa"], agreed(pair, level)
    reader = holder(node, "tool", "analyst")
    collection = find_collection(node, reader, agreement)
    stated = collection_resource(collection, "en").description
    assert ("such objects wait as drafts" in stated) is level.asks_more
    status = json.loads(upload(node, reader, collection, [level.raw], str))
    assert (status["status"], status["pending_count"]) == ("pending", 1)
    (draft,) = list_drafts(node)
    assert level.needed in reasons(draft.reasons)
    assert draft.id in status["pendings"][0]["message"]
    for reason in draft.reasons:
        assert str(reason) in status["pendings"][0]["message"]
    assert release_draft(node, draft.id, holder(node, "bob"), level.added).published == 1


def test_two_who_let_it_go_themselves_need_no_draft(pair: Community) -> None:
    node, agreement = pair["Alfa"], agreed(pair, LEVELS["code H1"])
    order = Order(agreement=agreement, tlp="green", purpose="defence", codes=("H1",))
    for alone in ((), ("ann",), ("ann", " ANN ")):
        with pytest.raises(NotReleasable):
            publish(node, [indicator(1)], replace(order, approvals=alone))
    done = publish(node, [indicator(1)], replace(order, approvals=("ann", "bob")))
    assert done.published == 1


def test_anything_can_be_drafted_and_keeps_the_handling_its_author_wanted(pair: Community) -> None:
    node, agreement = pair["Alfa"], pair.agree().id
    order = Order(agreement=agreement, tlp="amber", pap="green", incident="fraud", urgent=True)
    draft = make_draft(node, holder(node, "ann", "analyst"), [indicator(1)], order)
    assert reasons(draft.reasons) == {"node.draft-asked"}
    assert show_draft(node, draft.id).order == order
    release_draft(node, draft.id, holder(node, "bob"))
    envelope = published(node, indicator(1))
    assert (envelope.handling.tlp, envelope.handling.pap) == ("amber", "green")
    assert (envelope.handling.incident, envelope.urgency) == ("fraud", "urgent")


def test_what_no_releaser_could_let_go_is_no_draft(pair: Community) -> None:
    node, agreement = pair["Alfa"], pair.agree().id
    order = Order(agreement=agreement, tlp="green")
    with pytest.raises(NotReleasable):
        make_draft(node, holder(node, "ann"), [PERSON], order)
    with pytest.raises(DeniedError):
        make_draft(node, holder(node, "eve", "inspector"), [indicator(1)], order)
    assert list_drafts(node) == []


@pytest.fixture
def acceded(trio: Community) -> Callable[[], str]:
    """An agreement of Alfa and Bravo to which Charlie may accede, and what makes it do so."""
    alfa, bravo, charlie = trio
    text = terms_text([alfa.member, bravo.member], accession=[charlie.member], tlp_ceiling="red")
    agreement = in_force(trio, text, "Alfa", "Bravo")

    def accede() -> str:
        agreements.sign(charlie, agreement, sha256=None, person="P.", office="Desk")
        trio.settle()
        return agreement

    return accede


def test_a_draft_reaches_whoever_has_acceded_when_it_is_released(
    trio: Community, acceded: Callable[[], str]
) -> None:
    agreement = acceded()
    node, raw = trio["Alfa"], LEVELS["TLP:RED"].raw
    draft = make_draft(node, holder(node, "ann"), [raw], Order(agreement=agreement))
    trio.clock.advance(hours=1)
    release_draft(node, draft.id, holder(node, "bob"), Addition(named=("desk",)))
    trio.settle()
    assert holds(trio["Bravo"], raw)
    assert holds(trio["Charlie"], raw)


def test_whoever_its_author_names_alone_gets_a_draft(
    trio: Community, acceded: Callable[[], str]
) -> None:
    agreement = acceded()
    node, raw = trio["Alfa"], LEVELS["TLP:RED"].raw
    to = Order(agreement=agreement, audience=(trio["Charlie"].member,), named=("desk",))
    draft = make_draft(node, holder(node, "ann"), [raw], to)
    release_draft(node, draft.id, holder(node, "bob"))
    trio.settle()
    assert holds(trio["Charlie"], raw)
    assert not holds(trio["Bravo"], raw)


def test_a_person_is_kept_no_longer_than_its_author_or_releaser_said(pair: Community) -> None:
    level = LEVELS["a description of a person"]
    node, agreement = pair["Alfa"], agreed(pair, level)
    draft = make_draft(node, holder(node, "ann"), [PERSON], order_of(level, agreement))
    until = pair.clock() + timedelta(days=3)
    release_draft(node, draft.id, holder(node, "bob"), Addition(retain_until=until))
    personal = published(node, PERSON).handling.personal
    assert personal is not None
    assert personal.retain_until[:16] == until.isoformat()[:16]
