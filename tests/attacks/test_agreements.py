"""Texts that differ, clauses that widen, members that left: tried on real nodes."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from accord.ledger.envelope import AgreementRef
from accord.ledger.opening import read_openings
from accord.node import agreements
from accord.node.control import own_object, state
from accord.node.node import Node
from accord.node.publish import NotReleasable
from accord.rules.agreement_file import agreement_from_toml
from accord.rules.terms import terms_of
from accord.stix.extension import AGREEMENT, SIGNATURE
from tests.attacks.dishonest import append_as, envelope_for, opens, reasons
from tests.community import Community as Wired
from tests.community import agreement_toml, held, id_of, indicator
from tests.node.support import NAMES, Community, Template, give, holds, row_of, terms_text
from tests.node.support import indicator as an_indicator


def withhold(node: Node, agreement: str, sha: str, other: Node) -> None:
    """Take the grant of one proposal back from one member, in the store itself."""
    peer = row_of(node, other).id

    def job(tx: Any) -> None:
        for row in tx.entries.own(agreement=agreement, after=0, limit=100):
            body = tx.holdings.get(row.holding).body
            if row.kind == "proposal" and sha256(body).hexdigest() == sha:
                tx.grants._connection.execute(
                    text("delete from grants where entry = :entry and peer = :peer"),
                    {"entry": row.seq, "peer": peer},
                )

    node.write(job)


def second_text(node: Node, first: agreements.AgreementView, change: dict[str, Any]) -> str:
    """Another text under the same id, addressed to the same circle, by the same member."""
    source = terms_text(first.terms.parties)
    fields = agreement_from_toml(source) | change
    now = node.now()
    item = own_object(node, AGREEMENT, fields, now, (first.id, "2026-03-03T12:00:00.000000Z"))
    digest = sha256(item.raw).hexdigest()
    ref = AgreementRef(id=first.id, sha256=digest)
    circle = terms_of(item.fields).circle
    node.write(
        lambda tx: state(
            node, tx, "proposal", item, audience=circle, agreement=ref, now=now, parties=circle
        )
    )
    return digest


def shown_differently(trio: Community, change: dict[str, Any]) -> tuple[str, str, str]:
    """Alfa shows one text to Bravo and another to Charlie; each signs what it read."""
    alfa, bravo, charlie = trio
    first = agreements.propose(alfa, terms_text([node.member for node in trio]))
    withhold(alfa, first.id, first.sha256, charlie)
    second = second_text(alfa, first, change)
    withhold(alfa, first.id, second, bravo)
    trio.settle()
    for node, read in ((alfa, first.sha256), (bravo, first.sha256), (charlie, second)):
        assert read in {view.sha256 for view in agreements.show(node, first.id)}
        agreements.sign(node, first.id, sha256=read, person="P. Erson", office="Desk")
    trio.settle()
    return first.id, first.sha256, second


def in_force_for_nobody(trio: Community, agreement: str) -> None:
    alfa, bravo, charlie = trio
    for node in trio:
        states = {view.standing.state for view in agreements.show(node, agreement)}
        assert states == {"proposed"}
        assert not any(view.standing.parties for view in agreements.show(node, agreement))
    raw = an_indicator(1)
    with pytest.raises(NotReleasable):
        give(alfa, [raw], agreement)
    trio.settle()
    assert not holds(bravo, raw)
    assert not holds(charlie, raw)


def test_an_agreement_text_that_differs_between_parties_is_in_force_for_nobody(
    trio: Community,
) -> None:
    agreement, first, second = shown_differently(trio, {"tlp_ceiling": "red"})
    assert first != second
    in_force_for_nobody(trio, agreement)


@pytest.mark.parametrize("language", ["zh", "ru", "en"])
def test_an_agreement_text_that_differs_between_languages_is_another_text(
    trio: Community, language: str
) -> None:
    """All three are in the bytes that are signed: whoever is shown another wording signs another
    hash, and no signature under one counts for the other."""
    texts = dict.fromkeys(("zh", "ru", "en"), "y") | {language: "whatever Alfa likes"}
    agreement, first, second = shown_differently(trio, {"texts": texts})
    assert first != second
    in_force_for_nobody(trio, agreement)


def test_a_withdrawn_member_that_keeps_asking_is_given_nothing(community: Wired) -> None:
    alfa, bravo, charlie = community
    agreements.withdraw(charlie, community.agreement, reason="We leave.")
    community.sync()
    raw = indicator()
    (number,) = community.publish(alfa, community.agreement, raw).numbers
    community.sync()
    assert held(bravo, id_of(raw)) == [raw]
    place = alfa.origin.removeprefix("accord/")
    for _ in range(3):
        for asked in (alfa, bravo):
            answer = community.ask(charlie, asked, f"/log/evidence/{place}/{number}")
            assert answer.status_code == 404
        page = community.ask(charlie, alfa, "/log/openings?after=0.0&limit=500")
        assert page.status_code == 200
        given = read_openings(page.content, alfa.limits)
        assert given, "what it was given before it left"
        assert number not in {each.opening.index for each in given}
        community.sync_one(charlie)
    assert held(charlie, id_of(raw)) == []


def test_a_clause_that_tries_to_widen_makes_no_agreement(community: Wired) -> None:
    """An implementing rule narrows the terms of its areas; this one would raise the ceiling."""
    alfa, bravo, _ = community
    fields = agreement_from_toml(agreement_toml([node.member for node in community]))
    words = dict.fromkeys(("zh", "ru", "en"), "x")
    wide = {"id": "more", "areas": ["cyber"], "narrows": {"tlp_ceiling": "red"}, "texts": words}
    item = own_object(alfa, AGREEMENT, fields | {"implementing_rules": [wide]}, alfa.now())
    envelope = envelope_for(
        alfa,
        item,
        community.agreement,
        kind="proposal",
        audience=tuple(sorted(node.member for node in community)),
        agreement=AgreementRef(id=item.id, sha256=sha256(item.raw).hexdigest()),
    )
    with opens(community, alfa, append_as(alfa, item, envelope)):
        community.sync_one(bravo, alfa)
    assert item.id not in bravo.facts_now().agreements
    assert "rules.field-invalid" in reasons(bravo)


def test_a_reservation_that_tries_to_widen_is_no_signature(community: Wired) -> None:
    alfa, bravo, _ = community
    proposed = agreements.propose(alfa, agreement_toml([node.member for node in community]))
    community.sync()
    fields = {
        "agreement_ref": proposed.id,
        "agreement_sha256": proposed.sha256,
        "person": "P. Erson",
        "office": "Desk",
        "reservation": {"text": "more", "narrows": {"tlp_ceiling": "red"}},
    }
    item = own_object(bravo, SIGNATURE, fields, bravo.now())
    envelope = envelope_for(
        bravo,
        item,
        community.agreement,
        kind="signature",
        audience=tuple(sorted(proposed.terms.circle)),
        agreement=AgreementRef(id=proposed.id, sha256=proposed.sha256),
    )
    with opens(community, bravo, append_as(bravo, item, envelope)):
        community.sync_one(alfa, bravo)
    (view,) = agreements.show(alfa, proposed.id)
    assert bravo.member in view.standing.missing
    assert "rules.field-invalid" in reasons(alfa)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("trio"), NAMES)


@pytest.fixture
def trio(template: Template, tmp_path: Path) -> Iterator[Community]:
    made = Community(template, tmp_path)
    yield made
    made.close()
