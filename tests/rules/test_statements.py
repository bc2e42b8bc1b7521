from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from accord.base.errors import InputError
from accord.base.messages import say
from accord.ledger.card import Head, KeyChange, canonical_struct
from accord.ledger.envelope import AgreementRef, ObjectRef
from accord.rules.facts import ProposalSeen, SignatureSeen, WithdrawalSeen
from accord.rules.statements import (
    key_change_of,
    notice_of,
    signature_of,
    what_of,
    withdrawal_of,
)
from tests.rules.test_terms import stix
from tests.rules.world import AGREEMENT, ALFA, CIRCLE, NOW, OTHER_SHA, SHA, envelope, origin

SIGNATURE = {
    "type": "accord-signature",
    "created_by_ref": ALFA,
    "agreement_ref": AGREEMENT,
    "agreement_sha256": SHA,
    "person": "A. Person",
    "office": "Head of CERT Alfa",
}
WITHDRAWAL = {
    "type": "accord-withdrawal",
    "created_by_ref": ALFA,
    "agreement_ref": AGREEMENT,
    "reason": "The purpose is fulfilled.",
}
ITEM = {
    "origin": origin(0),
    "index": 4,
    "commitment": "cc" * 32,
    "reason": {"key": "rules.tlp-above", "args": {"tlp": "RED", "ceiling": "AMBER"}},
}
NOTICE = {"type": "accord-notice", "items": [ITEM]}
CHANGE = KeyChange(
    accord=1,
    origin=origin(0),
    sequence=1,
    previous=None,
    ledger="aa" * 32,
    witness="bb" * 32,
    transport="cc" * 32,
    head=Head(size=3, root="dd" * 32),
    issued="2026-03-03T00:00:00.000000Z",
)
KEY_CHANGE = {
    "type": "accord-key-change",
    "statement": canonical_struct(CHANGE).decode(),
    "signature": "A" * 86 + "==",
}


def test_statements_are_read() -> None:
    assert signature_of(SIGNATURE).office == "Head of CERT Alfa"
    assert withdrawal_of(WITHDRAWAL).agreement_ref == AGREEMENT
    (item,) = notice_of(NOTICE).items
    assert (item.index, item.reason) == (4, say("rules.tlp-above", tlp="RED", ceiling="AMBER"))
    assert key_change_of(KEY_CHANGE).statement == CHANGE


@pytest.mark.parametrize(
    ("read", "fields", "field"),
    [
        (signature_of, {**SIGNATURE, "agreement_ref": "report--1"}, "agreement_ref"),
        (signature_of, {**SIGNATURE, "agreement_sha256": SHA.upper()}, "agreement_sha256"),
        (signature_of, {**SIGNATURE, "office": ""}, "office"),
        (signature_of, {**SIGNATURE, "reservation": "area"}, "reservation"),
        (signature_of, {"type": "accord-signature"}, "agreement_ref"),
        (signature_of, WITHDRAWAL, "type"),
        (withdrawal_of, {**WITHDRAWAL, "reason": 7}, "reason"),
        (notice_of, {**NOTICE, "items": []}, "items"),
        (notice_of, {**NOTICE, "items": [ITEM] * 2}, "items[1]"),
        (notice_of, {**NOTICE, "items": [{**ITEM, "index": -1}]}, "items[0].index"),
        (notice_of, {**NOTICE, "items": [{**ITEM, "reason": {"key": "rules.x", "args": [1]}}]},
         "items[0].reason.args"),
        (key_change_of, {**KEY_CHANGE, "signature": "AA=="}, "signature"),
        (key_change_of, {**KEY_CHANGE, "statement": "{}"}, "statement"),
        (key_change_of, {**KEY_CHANGE, "statement": " " + KEY_CHANGE["statement"]}, "statement"),
    ],
)  # fmt: skip
def test_a_malformed_statement_names_the_field(
    read: Any, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(fields)
    assert caught.value.message.args["field"] == field


def of_kind(kind: str, type_: str) -> Any:
    identifier = f"{type_}--33333333-3333-4333-8333-333333333333"
    return envelope(
        kind=kind,
        audience=CIRCLE,
        object=ObjectRef(id=identifier, type=type_, modified=None),
    )


def test_a_statement_becomes_what_the_fold_takes_in() -> None:
    proposed = what_of(of_kind("proposal", "accord-agreement"), stix(), SHA)
    signed = what_of(of_kind("signature", "accord-signature"), SIGNATURE, OTHER_SHA)
    left = what_of(of_kind("withdrawal", "accord-withdrawal"), WITHDRAWAL, OTHER_SHA)

    assert isinstance(proposed, ProposalSeen)
    assert proposed.terms.onward == "agreement"
    assert isinstance(signed, SignatureSeen)
    assert isinstance(left, WithdrawalSeen)
    for what in (proposed, signed, left):
        assert (what.author, what.created_by, what.ledger) == (ALFA, ALFA, origin(0))
        assert (what.agreement, what.sha256, what.issued) == (AGREEMENT, SHA, NOW)
        assert what.audience == CIRCLE


def test_an_ordinary_object_states_nothing_about_an_agreement() -> None:
    assert what_of(envelope(), SIGNATURE, SHA) is None


@pytest.mark.parametrize("cited", [None, AgreementRef(id=AGREEMENT, sha256=OTHER_SHA)])
def test_a_statement_about_another_text_than_its_envelope_is_refused(
    cited: AgreementRef | None,
) -> None:
    with pytest.raises(InputError) as caught:
        what_of(replace(of_kind("signature", "accord-signature"), agreement=cited), SIGNATURE, SHA)
    assert caught.value.message.key == "rules.statement-mismatch"
    with pytest.raises(InputError):
        what_of(replace(of_kind("proposal", "accord-agreement"), agreement=cited), stix(), SHA)


def test_a_proposal_needs_the_id_of_an_agreement() -> None:
    with pytest.raises(InputError):
        what_of(of_kind("proposal", "accord-agreement"), stix(id="accord-agreement--x"), SHA)
