"""Key files, identities, and the fingerprint in all its written forms."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.base.errors import InputError
from accord.ledger.keys import (
    ACCORD_NAMESPACE,
    WORD_LANGUAGES,
    LedgerKey,
    RecoveryKey,
    TransportKey,
    WitnessKey,
    fingerprint_hex,
    fingerprint_words,
    is_origin,
    member_id,
    origin_of,
    parse_fingerprint,
    transport_key_id,
)
from tests.ledger.builders import Member, seed


@pytest.mark.parametrize("kind", [LedgerKey, WitnessKey, TransportKey, RecoveryKey])
def test_a_key_file_comes_back_and_is_for_its_own_use_only(kind: type[LedgerKey]) -> None:
    key = kind.generate()
    assert kind.from_pem(key.to_pem()).public == key.public
    for other in {LedgerKey, WitnessKey, TransportKey, RecoveryKey} - {kind}:
        with pytest.raises(InputError):
            other.from_pem(key.to_pem())


def test_a_damaged_key_file_is_refused() -> None:
    text = LedgerKey.from_seed(seed("x")).to_pem()
    for damaged in (text[:-30], text.replace("MC4C", "MC4D"), text.split("\n", 1)[0], ""):
        with pytest.raises(InputError):
            LedgerKey.from_pem(damaged)


def test_the_recovery_key_comes_back_from_its_words() -> None:
    key = RecoveryKey.from_seed(seed("recovery"))
    for language in WORD_LANGUAGES:
        assert RecoveryKey.from_words(" ".join(key.words(language))).public == key.public


def test_the_words_are_those_of_bip_39() -> None:
    # trezor/python-mnemonic, vectors.json: entropy of 32 bytes 0x7f
    words = (
        "legal winner thank year wave sausage worth useful legal winner thank year wave sausage "
        "worth useful legal winner thank year wave sausage worth title"
    )
    assert fingerprint_words(b"\x7f" * 32) == words.split()
    assert parse_fingerprint(words) == b"\x7f" * 32


def test_an_identity_follows_from_its_keys() -> None:
    alfa = Member("Alfa")
    assert uuid5(NAMESPACE_URL, "urn:accord:member:v1") == ACCORD_NAMESPACE
    assert is_origin(alfa.origin)
    assert not is_origin(alfa.origin + "\n")
    assert alfa.id == member_id(alfa.origin)
    assert origin_of(alfa.recovery.public, alfa.genesis) != alfa.origin


def test_the_fingerprint_depends_on_every_key() -> None:
    alfa = Member("Alfa")
    seen = {alfa.card().fingerprint}
    for field in ("ledger", "witness", "transport", "recovery"):
        seen.add(alfa.card(**{field: seed(field).hex()}).fingerprint)
    seen.add(alfa.card(origin=Member("Bravo").origin).fingerprint)
    assert len(seen) == 6


@given(st.binary(min_size=32, max_size=32), st.sampled_from(WORD_LANGUAGES))
def test_every_written_form_of_a_fingerprint_is_read(value: bytes, language: str) -> None:
    words = fingerprint_words(value, language)
    assert len(words) == 24
    assert parse_fingerprint("  ".join(words).upper()) == value
    assert parse_fingerprint(fingerprint_hex(value)) == value
    assert parse_fingerprint(value.hex().upper()) == value
    if language == "chinese_simplified":
        assert parse_fingerprint("".join(words)) == value


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "ledger.words-count"),
        ("abandon " * 23, "ledger.words-count"),
        ("abandon " * 23 + "xyzzy", "ledger.words-unknown"),
        ("abandon " * 24, "ledger.words-checksum"),
        ("ab" * 31, "ledger.words-count"),
    ],
)
def test_a_fingerprint_misread_aloud_is_refused_with_the_reason(text: str, key: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_fingerprint(text)
    assert caught.value.message.key == key


def test_a_transport_key_is_named_by_its_full_hash() -> None:
    assert len(transport_key_id(Member("Alfa").transport.public)) == 64
