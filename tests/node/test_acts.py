"""Amendments, reservations, objections and accessions between nodes, and what that makes flow."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import msgspec
import pytest

from accord.base.errors import ConflictError, InputError
from accord.ledger.envelope import AgreementRef, Evaluation, Review
from accord.node import agreements, registers
from accord.node.agreements import AgreementView
from accord.node.control import own_object, state
from accord.node.publish import NotReleasable, Publication
from accord.node.waiting import list_refused
from accord.rules.agreement_file import agreement_from_toml, agreement_to_toml
from accord.rules.narrowing import Narrowing
from accord.rules.reserving import Reservation
from accord.rules.terms import terms_of
from accord.stix.extension import AGREEMENT, SIGNATURE
from tests.node.support import START, Community, give, holds, indicator, terms_text

RESERVED = Reservation(
    text="our law",
    direction="received",
    narrows=Narrowing(tlp_ceiling="clear", purposes=("defence",)),
)


def _sign(community: Community, agreement: str, *names: str) -> None:
    for name in names:
        agreements.sign(community[name], agreement, sha256=None, person="P", office="O")
    community.settle()


def _amended(view: AgreementView, text: str, **changes: object) -> str:
    fields = agreement_from_toml(text)
    return agreement_to_toml({**fields, "amends": view.sha256, **changes})


def test_a_reservation_changes_what_its_author_receives_and_nothing_else(trio: Community) -> None:
    proposed = trio.proposed()
    agreements.sign(
        trio["Bravo"], proposed.id, sha256=None, person="P", office="O", reservation=RESERVED
    )
    _sign(trio, proposed.id, "Alfa", "Charlie")
    given = give(trio["Alfa"], [indicator(1)], proposed.id, tlp="green")
    trio.settle()
    assert given.granted == {trio["Bravo"].member: 0, trio["Charlie"].member: 1}
    assert not holds(trio["Bravo"], indicator(1))
    assert holds(trio["Charlie"], indicator(1))
    ((register),) = registers.register_of(trio["Charlie"], proposed.id)
    assert {line.member for line in register.parties if line.reservation} == {trio["Bravo"].member}


def test_a_reservation_that_would_widen_is_refused_at_signing(pair: Community) -> None:
    proposed = pair.proposed()
    wide = msgspec.structs.replace(RESERVED, narrows=Narrowing(tlp_ceiling="red"))
    with pytest.raises(InputError) as refused:
        agreements.sign(
            pair["Bravo"], proposed.id, sha256=None, person="P", office="O", reservation=wide
        )
    assert refused.value.message.args["field"] == "reservation.narrows.tlp_ceiling"
    assert agreements.show(pair["Bravo"], proposed.id)[0].standing.signed == ()


def test_a_signature_with_a_reservation_that_widens_counts_nowhere(pair: Community) -> None:
    """Bravo's own node would refuse it; one that has been tampered with sends it all the same."""
    proposed, bravo = pair.proposed(), pair["Bravo"]
    wide = {"text": "more", "narrows": {"tlp_ceiling": "red", "purposes": ["marketing"]}}
    fields = {
        "agreement_ref": proposed.id,
        "agreement_sha256": proposed.sha256,
        "person": "P",
        "office": "O",
        "reservation": wide,
    }
    item = own_object(bravo, SIGNATURE, fields, bravo.now())
    ref = AgreementRef(id=proposed.id, sha256=proposed.sha256)
    circle = proposed.terms.circle
    bravo.write(
        lambda tx: state(
            bravo, tx, "signature", item, audience=circle, agreement=ref, now=bravo.now()
        )
    )
    _sign(pair, proposed.id, "Alfa")
    for name in ("Alfa", "Bravo"):
        assert agreements.show(pair[name], proposed.id)[0].standing.missing == (bravo.member,)
    (refused,) = list_refused(pair["Alfa"])
    assert [reason.args["field"] for reason in refused.reasons] == ["reservation.narrows.purposes"]


def test_a_text_of_a_newer_version_is_kept_and_nothing_flows_under_it(pair: Community) -> None:
    alfa = pair["Alfa"]
    fields = agreement_from_toml(terms_text([node.member for node in pair]))
    item = own_object(alfa, AGREEMENT, {**fields, "embargo_days": 30}, alfa.now())
    terms, digest = terms_of(item.fields), sha256(item.raw).hexdigest()
    ref = AgreementRef(id=item.id, sha256=digest)
    alfa.write(
        lambda tx: state(
            *(alfa, tx, "proposal", item),
            audience=terms.circle,
            agreement=ref,
            now=alfa.now(),
            parties=terms.parties,
        )
    )
    pair.settle()
    _sign(pair, item.id, "Alfa", "Bravo")
    (kept,) = agreements.show(pair["Bravo"], item.id)
    assert (kept.standing.state, kept.terms.unknown) == ("in-force", ("embargo_days",))
    with pytest.raises(NotReleasable) as refused:
        give(pair["Bravo"], [indicator(1)], item.id)
    ((_, reasons),) = refused.value.withheld
    assert [reason.key for reason in reasons] == ["rules.clause-unknown"]


def test_who_may_accede_sees_the_text_and_receives_older_objects_once_it_has(
    trio: Community,
) -> None:
    charlie = trio["Charlie"]
    parties = [trio["Alfa"].member, trio["Bravo"].member]
    text = terms_text(parties, accession=[charlie.member])
    view = agreements.propose(trio["Alfa"], text)
    trio.settle()
    _sign(trio, view.id, "Alfa", "Bravo")
    give(trio["Alfa"], [indicator(1)], view.id)
    trio.settle()
    assert not holds(charlie, indicator(1))
    with pytest.raises(NotReleasable):
        give(charlie, [indicator(2)], view.id)

    _sign(trio, view.id, "Charlie")
    assert holds(charlie, indicator(1))
    give(charlie, [indicator(2)], view.id)
    trio.settle()
    assert holds(trio["Bravo"], indicator(2))
    assert agreements.show(trio["Alfa"], view.id)[0].standing.parties == (*parties, charlie.member)


def test_an_objection_that_bars_stops_the_flow_between_the_two(trio: Community) -> None:
    agreement = trio.agree()
    agreements.object_to(
        trio["Bravo"],
        agreement.id,
        about="reservation",
        member=trio["Alfa"].member,
        reason="x",
        precludes=True,
    )
    trio.settle()
    give(trio["Alfa"], [indicator(1)], agreement.id)
    trio.settle()
    assert not holds(trio["Bravo"], indicator(1))
    assert holds(trio["Charlie"], indicator(1))
    with pytest.raises(InputError):
        agreements.object_to(
            trio["Bravo"], agreement.id, about="renewal", member=None, reason="never renewed"
        )


def test_an_amendment_takes_the_place_of_the_text_when_all_have_signed(pair: Community) -> None:
    first = pair.agree(valid_until="2027-01-01T00:00:00Z")
    give(pair["Alfa"], [indicator(1)], first.id)
    text = terms_text([node.member for node in pair], valid_until="2027-01-01T00:00:00Z")
    view = agreements.amend(pair["Alfa"], first.id, _amended(first, text, tlp_ceiling="clear"))
    assert (view.id, view.terms.amends) == (first.id, first.sha256)
    pair.settle()
    _sign(pair, first.id, "Alfa", "Bravo")

    states = {each.sha256: each.standing.state for each in agreements.show(pair["Bravo"], first.id)}
    assert states == {first.sha256: "superseded", view.sha256: "in-force"}
    assert holds(pair["Bravo"], indicator(1))
    with pytest.raises(NotReleasable):
        give(pair["Alfa"], [indicator(2)], first.id, tlp="green")
    give(pair["Alfa"], [indicator(3)], first.id, tlp="clear")
    pair.settle()
    assert holds(pair["Bravo"], indicator(3))
    with pytest.raises(ConflictError):
        agreements.amend(pair["Alfa"], first.id, _amended(first, text, tlp_ceiling="green"))
    told = [each.message.key for each in registers.notices(pair["Bravo"], first.id)]
    assert "rules.notify-replaced" in told


def test_nothing_flows_under_an_agreement_before_its_charter_is_in_force(pair: Community) -> None:
    charter = pair.proposed(kind="charter")
    under = pair.agree(charter=charter.id)
    with pytest.raises(NotReleasable):
        give(pair["Alfa"], [indicator(1)], under.id)
    _sign(pair, charter.id, "Alfa", "Bravo")
    give(pair["Alfa"], [indicator(1)], under.id)
    pair.settle()
    assert holds(pair["Bravo"], indicator(1))


def test_what_an_area_or_a_scheme_asks_for_is_published_with_the_object(pair: Community) -> None:
    fields = agreement_from_toml(terms_text([node.member for node in pair]))
    fields["neutrality"] = {"areas": ["cyber"]}
    fields["evaluation"] = {"schemes": ["admiralty"], "required": True}
    view = agreements.propose(pair["Alfa"], agreement_to_toml(fields))
    pair.settle()
    _sign(pair, view.id, "Alfa", "Bravo")
    graded = {"evaluation": Evaluation(scheme="admiralty", source="B", information="2")}
    flagged = indicator(1, description="An attack on a ministry before the election")

    def offered(raw: bytes, **order: object) -> Publication:
        return give(pair["Alfa"], [raw], view.id, **order)

    for short in ({}, graded, {"incident": "intrusion"}, graded | {"incident": "intrusion"}):
        with pytest.raises(NotReleasable):
            offered(flagged, **short)
    review = Review(reviewers=("A. One", "B. Two"), reason="The intrusion is an ordinary crime.")
    offered(flagged, **graded, incident="intrusion", review=review)
    offered(indicator(2), **graded, incident="intrusion")
    pair.settle()
    assert holds(pair["Bravo"], flagged)
    assert holds(pair["Bravo"], indicator(2))


def test_a_text_is_written_as_the_file_that_would_propose_it_again(pair: Community) -> None:
    text = terms_text([node.member for node in pair], retention_days=30, kind="bilateral")
    view = agreements.propose(pair["Alfa"], text)
    pair.settle()
    written = registers.as_file(pair["Bravo"], view.id)
    assert agreement_from_toml(written) == agreement_from_toml(text)
    assert agreement_to_toml(agreement_from_toml(written)) == written


def test_an_object_older_than_the_retention_is_not_given_late(trio: Community) -> None:
    agreement = trio.agree(retention_days=2)
    give(trio["Alfa"], [indicator(1)], agreement.id)
    trio.clock.advance(days=3)
    trio.settle()
    assert not holds(trio["Bravo"], indicator(1))
    assert START + timedelta(days=3) <= trio.clock.moment
