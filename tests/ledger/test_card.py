"""Member cards: self-certifying, and every way in which one might not be."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.base.jsontext import canonical, parse_strict
from accord.ledger.card import continues, decode_card, encode_card
from accord.ledger.faults import (
    ForkedHistory,
    LedgerFault,
    Malformed,
    RolledBack,
    TooLarge,
    WrongKeys,
    WrongOrigin,
)
from tests.ledger.builders import LIMITS, Member, seed


def test_a_card_comes_back_with_its_keys_and_is_canonical() -> None:
    alfa = Member("Alfa")
    raw = alfa.signed_card()
    card = decode_card(raw, LIMITS)
    assert card == alfa.card()
    assert card.keys.witness == alfa.witness.public
    assert canonical(parse_strict(raw, max_depth=8)) == raw


@given(st.data())
def test_a_card_with_any_byte_changed_is_refused(data: st.DataObject) -> None:
    alfa = Member("Alfa")
    alfa.change_keys()
    raw = bytearray(alfa.signed_card())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(LedgerFault):
        decode_card(bytes(raw), LIMITS)


def test_nobody_can_claim_anothers_identity() -> None:
    alfa, mallory = Member("Alfa"), Member("Mallory")
    with pytest.raises(WrongOrigin):
        decode_card(mallory.signed_card(origin=alfa.origin, member=alfa.id), LIMITS)
    with pytest.raises(WrongOrigin):
        decode_card(mallory.signed_card(member=alfa.id), LIMITS)
    with pytest.raises(WrongOrigin):
        decode_card(mallory.signed_card(recovery=alfa.recovery.public.hex()), LIMITS)


def test_nobody_can_pass_off_anothers_witness_key_as_its_own() -> None:
    alfa, mallory = Member("Alfa"), Member("Mallory")
    with pytest.raises(WrongKeys) as caught:
        decode_card(mallory.signed_card(witness=alfa.witness.public.hex()), LIMITS)
    assert caught.value.message.args == {"use": "witness"}


def test_one_key_for_two_uses_is_refused() -> None:
    alfa = Member("Alfa")
    with pytest.raises(WrongKeys):
        decode_card(alfa.signed_card(transport=alfa.witness.public.hex()), LIMITS)


@pytest.mark.parametrize(
    "change",
    [
        {"accord": 2},
        {"name": ""},
        {"name": "a\nb"},
        {"name": "x" * 201},
        {"names": {"xx": "name"}},
        {"wire_min": 2},
        {"wire_min": 0},
        {"url": "ftp://cert.example"},
        {"url": "https://user:word@cert.example"},
        {"url": "https://cert.example/?q"},
        {"issued": "yesterday"},
        {"transport": "AB" * 32},
        {"transport": "00" * 32},
    ],
)
def test_a_value_that_a_card_may_not_have_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        decode_card(Member("Alfa").signed_card(**change), LIMITS)


def test_what_is_no_card_is_refused() -> None:
    raw = Member("Alfa").signed_card()
    with pytest.raises(TooLarge):
        decode_card(raw + b" " * LIMITS.card_bytes, LIMITS)
    for text in (b"", b"{}", b"[" * 5000, raw + b" ", b"\xff", raw.replace(b'"names":', b'"n":')):
        with pytest.raises(Malformed):
            decode_card(text, LIMITS)


def test_a_key_change_signed_by_the_recovery_key_is_followed() -> None:
    alfa = Member("Alfa")
    before = decode_card(alfa.signed_card(), LIMITS)
    alfa.change_keys(size=7, root="ab" * 32)
    after = decode_card(alfa.signed_card(), LIMITS)
    alfa.change_keys(size=9, root="cd" * 32)
    last = decode_card(alfa.signed_card(), LIMITS)
    assert after.origin == before.origin
    assert after.fingerprint != before.fingerprint
    assert continues(before, after)
    assert continues(before, last)
    assert not continues(before, before)
    with pytest.raises(RolledBack):
        continues(after, before)


def test_new_keys_without_the_recovery_key_are_refused() -> None:
    alfa = Member("Alfa")
    before = decode_card(alfa.signed_card(), LIMITS)
    # whoever stole the ledger key can sign a card with another transport key, but not follow on
    stolen = Member("Alfa")
    stolen.transport = Member("Mallory").transport
    with pytest.raises(WrongKeys):
        continues(before, decode_card(stolen.signed_card(), LIMITS))
    # nor can anybody else sign the change
    forged = Member("Alfa")
    forged.recovery = Member("Mallory").recovery
    forged.change_keys()
    with pytest.raises(WrongKeys):
        decode_card(forged.signed_card(recovery=alfa.recovery.public.hex()), LIMITS)


def test_two_changes_for_one_place_convict_the_recovery_key() -> None:
    one, other = Member("Alfa"), Member("Alfa")
    one.change_keys()
    other.change_keys(generation=5)
    with pytest.raises(ForkedHistory):
        continues(decode_card(one.signed_card(), LIMITS), decode_card(other.signed_card(), LIMITS))


def test_an_older_card_of_the_same_keys_is_refused() -> None:
    alfa = Member("Alfa")
    newer = alfa.card(issued="2026-04-01T00:00:00.000000Z")
    with pytest.raises(RolledBack):
        continues(newer, alfa.card())
    with pytest.raises(WrongOrigin):
        continues(newer, Member("Bravo").card())


def test_a_broken_chain_of_key_changes_is_refused() -> None:
    alfa = Member("Alfa")
    alfa.change_keys(size=5)
    alfa.change_keys(size=4)  # the ledger shrank
    with pytest.raises(WrongKeys):
        decode_card(alfa.signed_card(), LIMITS)
    bravo = Member("Bravo")
    bravo.change_keys()
    bravo.change_keys()
    whole = bravo.card()
    keys = (bravo.ledger, bravo.witness, bravo.transport)
    for chain in (whole.key_changes[1:], whole.key_changes[::-1], whole.key_changes[:1], ()):
        card = msgspec.structs.replace(whole, key_changes=chain)
        with pytest.raises(WrongKeys):
            decode_card(encode_card(card, *keys), LIMITS)


def test_a_statement_for_one_use_is_none_for_another() -> None:
    alfa = Member("Alfa")
    same = type(alfa.ledger).from_seed(seed("Alfa witness"))
    assert same.sign_statement(b"t", b"s") != alfa.witness.sign_statement(b"t", b"s")
