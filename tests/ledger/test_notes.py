"""Signed notes, vkeys and co-signatures against published vectors, and what is refused."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from accord.base.errors import InputError
from accord.ledger.checkpoint import Checkpoint, open_checkpoint, parse_body, sign_checkpoint
from accord.ledger.faults import BadSignature, LedgerFault, Malformed, TooLarge, WrongOrigin
from accord.ledger.keys import LedgerKey, WitnessKey
from accord.ledger.notes import (
    ED25519,
    Note,
    Signature,
    Signer,
    Verifier,
    check_public_key,
    cosigned_at,
    decode_base64,
    parse_note,
    parse_vkey,
    verified,
)
from tests.ledger.builders import LIMITS, Ledger, Member, seed

# golang.org/x/mod, sumdb/note/note_test.go
PETER = parse_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
PETER_SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH = parse_vkey("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"  # noqa: E501
ENOCH_LINE = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"  # noqa: E501
GO_NOTE = f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}".encode()

# C2SP signed-note, test vector of the specification (as in tlog_scales, tests/test_signing.py)
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)

# A checkpoint of a public log with the co-signatures of public witnesses (same source)
REAL_LOG = (
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
)
REAL_WITNESSES = [
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
    "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
]
REAL_CHECKPOINT = """\
arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
""".encode()  # noqa: E501


def test_the_published_note_verifies_and_is_written_again_byte_for_byte() -> None:
    note = parse_note(GO_NOTE)
    assert note.text == TEXT
    assert verified(note, PETER)
    assert verified(note, ENOCH)
    assert note.encode() == GO_NOTE


def test_signing_with_the_published_key_gives_the_published_note() -> None:
    material = decode_base64(PETER_SKEY.split("+", 4)[4])[1:]
    signer = Signer(PETER, Ed25519PrivateKey.from_private_bytes(material))
    assert Note(TEXT, (signer.sign(TEXT),)).encode() == f"{TEXT}\n{PETER_LINE}".encode()


def test_the_specifications_own_vector_verifies() -> None:
    verifier = parse_vkey(SPEC_KEY)
    assert verifier.vkey == SPEC_KEY
    assert verifier.key_id == 0x530D903A
    assert verified(parse_note(SPEC_NOTE.encode()), verifier)


def test_a_checkpoint_of_a_public_log_verifies_with_its_public_witnesses() -> None:
    signed = open_checkpoint(REAL_CHECKPOINT, parse_vkey(REAL_LOG), LIMITS)
    assert signed.checkpoint.size == 1432088532
    assert signed.note.encode() == REAL_CHECKPOINT
    for vkey in REAL_WITNESSES:
        assert parse_vkey(vkey).vkey == vkey
        assert cosigned_at(signed.note, parse_vkey(vkey)) == (0x6A122120,)


@pytest.mark.parametrize("place", range(len(PETER.vkey)))
def test_a_vkey_with_one_character_changed_is_refused(place: int) -> None:
    text = PETER.vkey
    with pytest.raises(Malformed):
        parse_vkey(text[:place] + chr(ord(text[place]) + 1) + text[place + 1 :])
    with pytest.raises(Malformed):
        parse_vkey(text[:place])


@pytest.mark.parametrize(
    "vkey",
    [
        # note_test.go: wrong length, and unknown algorithm, each with a matching key id
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "rekor.sigstore.dev+12345678+AwEB",
        "",
    ],
)
def test_a_vkey_of_another_length_or_kind_is_refused(vkey: str) -> None:
    with pytest.raises(Malformed):
        parse_vkey(vkey)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        f"{TEXT}\n".encode(),
        f"{TEXT}\n{PETER_LINE[:-1]}".encode(),
        b"\x01" + f"{TEXT}\n{PETER_LINE}".encode(),
        b"\xff" + f"{TEXT}\n{PETER_LINE}".encode(),
        f"{TEXT}\n— Bad Name {PETER_LINE.split()[2]}\n".encode(),
        f"{TEXT}\n— a+b {PETER_LINE.split()[2]}\n".encode(),
        f"{TEXT}\n— a\u00a0b {PETER_LINE.split()[2]}\n".encode(),
        f"{TEXT}\n{PETER_LINE}Unexpected line.\n".encode(),
        f"{TEXT}\n{PETER_LINE.replace('M=', 'N=')}".encode(),  # base64 with stray bits
        f"{TEXT}\n— PeterNeumann x08gow==\n".encode(),  # a key id and no signature
        f"{TEXT}\n{PETER_LINE}".replace("\n", "\r\n").encode(),
        b"",
    ],
)
def test_a_note_of_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_note(data)


def test_a_note_with_too_many_signatures_is_refused() -> None:
    assert len(parse_note(f"{TEXT}\n{PETER_LINE * 100}".encode()).signatures) == 100
    with pytest.raises(TooLarge):
        parse_note(f"{TEXT}\n{PETER_LINE * 101}".encode())


@given(st.binary(max_size=200))
@example(GO_NOTE)
@example(b"\n\n\xe2\x80\x94 a AAAAAAA=\n")
def test_a_note_that_is_accepted_is_the_one_that_is_written(data: bytes) -> None:
    try:
        note = parse_note(data)
    except LedgerFault:
        return
    assert note.encode() == data


@given(st.data())
def test_a_checkpoint_with_any_byte_changed_is_refused(data: st.DataObject) -> None:
    ledger = Ledger(Member("Alfa"))
    ledger.fill(5)
    signed = bytearray(ledger.signed())
    signed[data.draw(st.integers(0, len(signed) - 1))] ^= data.draw(st.integers(1, 255))
    verifier = ledger.member.card().ledger_verifier
    with pytest.raises(LedgerFault):
        open_checkpoint(bytes(signed), verifier, LIMITS)


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    note = parse_note(f"{TEXT}\n{PETER_LINE}".encode())
    assert not verified(note, ENOCH)
    same_name = Verifier("PeterNeumann", ED25519, ENOCH.key)
    assert not verified(note, same_name)


def test_lookalike_keys_with_the_same_short_key_id_are_told_apart() -> None:
    # Two keys found by a birthday search: one name, one key id, two public keys.
    name = "accord/lookalike.example"
    ours, theirs = (LedgerKey.from_seed(seed(f"lookalike {number}")) for number in (37087, 77110))
    ours_v, theirs_v = (Verifier(name, ED25519, key.public) for key in (ours, theirs))
    assert ours_v.key_id == theirs_v.key_id == 0x56EE2354
    assert ours_v.vkey != theirs_v.vkey
    signed = sign_checkpoint(Checkpoint(name, 0, bytes(32)), theirs.signer(name))
    assert open_checkpoint(signed, theirs_v, LIMITS)
    with pytest.raises(BadSignature):
        open_checkpoint(signed, ours_v, LIMITS)


def test_a_key_that_anybody_could_sign_for_is_refused() -> None:
    identity = (1).to_bytes(32, "little")
    forged = identity + bytes(32)  # R = the neutral point, S = 0: fits every message
    assert Verifier("x", ED25519, identity).verify(b"whatever", forged)
    weak = [
        identity.hex(),
        (1 | 1 << 255).to_bytes(32, "little").hex(),
        bytes(32).hex(),
        (2**255 - 20).to_bytes(32, "little").hex(),
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        (2**255 - 18).to_bytes(32, "little").hex(),  # the neutral point, written another way
        "ff" * 32,
        "01",
    ]
    for text in weak:
        with pytest.raises(Malformed):
            check_public_key(bytes.fromhex(text))
    assert check_public_key(PETER.key) == PETER.key


def test_ledger_and_witness_keys_do_not_stand_in_for_each_other() -> None:
    member = Member("Alfa")
    ledger, witness = member.ledger.signer(member.origin), member.witness.signer(member.origin)
    with pytest.raises(ValueError, match="only co-signs"):
        witness.sign(TEXT)
    with pytest.raises(ValueError, match="does not co-sign"):
        ledger.cosign(TEXT, 1)
    note = Note(TEXT, (ledger.sign(TEXT),))
    with pytest.raises(ValueError, match="does not co-sign"):
        cosigned_at(note, ledger.verifier)
    with pytest.raises(ValueError, match="cosigned_at"):
        verified(note, witness.verifier)
    with pytest.raises(ValueError, match="not of this verifier"):
        Signer(PETER, WitnessKey.from_seed(seed("x"))._private)


def test_a_cosignature_with_a_changed_time_is_refused() -> None:
    member = Member("Bravo")
    signer = member.witness.signer(member.origin)
    line = signer.cosign(TEXT, 1000)
    backdated = Signature(line.name, line.key_id, (999).to_bytes(8, "big") + line.blob[8:])
    assert cosigned_at(Note(TEXT, (line,)), signer.verifier) == (1000,)
    for forged in (backdated, Signature(line.name, line.key_id, line.blob[:-1])):
        with pytest.raises(BadSignature):
            cosigned_at(Note(TEXT, (forged,)), signer.verifier)


def test_added_signatures_stand_once_and_at_the_end() -> None:
    note = parse_note(f"{TEXT}\n{PETER_LINE}".encode())
    enoch = parse_note(f"{TEXT}\n{ENOCH_LINE}".encode()).signatures[0]
    both = note.with_signatures([enoch, enoch, note.signatures[0]])
    assert both.encode() == GO_NOTE


@pytest.mark.parametrize(
    "body",
    [
        "a\n0\n" + "A" * 43 + "=",
        "a\n00\n" + "A" * 43 + "=\n",
        "a\n-1\n" + "A" * 43 + "=\n",
        "a\n+1\n" + "A" * 43 + "=\n",
        "a\n١\n" + "A" * 43 + "=\n",
        "\n0\n" + "A" * 43 + "=\n",
        "a\n0\n" + "A" * 42 + "==\n",
        "a\n0\nAAAA\n",
        "a\n9999999999999999999\n" + "A" * 43 + "=\n",
        "a\n0\n" + "A" * 43 + "=\nextension\n",
        "",
    ],
)
def test_a_checkpoint_body_of_another_form_is_refused(body: str) -> None:
    with pytest.raises(Malformed):
        parse_body(body)


def test_another_ledgers_checkpoint_is_refused() -> None:
    alfa, bravo = Ledger(Member("Alfa")), Ledger(Member("Bravo"))
    with pytest.raises(WrongOrigin):
        open_checkpoint(alfa.signed(), bravo.member.card().ledger_verifier, LIMITS)
    with pytest.raises(ValueError, match="its own"):
        sign_checkpoint(alfa.checkpoint(), bravo.member.ledger.signer(bravo.member.origin))


def test_an_unsigned_or_oversized_checkpoint_is_refused() -> None:
    alfa, bravo = Ledger(Member("Alfa")), Member("Bravo")
    line = bravo.witness.signer(bravo.origin).cosign(alfa.checkpoint().body(), 5)
    unsigned = Note(alfa.checkpoint().body(), (line,)).encode()
    verifier = alfa.member.card().ledger_verifier
    with pytest.raises(BadSignature):
        open_checkpoint(unsigned, verifier, LIMITS)
    with pytest.raises(TooLarge):
        open_checkpoint(unsigned + b"x" * LIMITS.checkpoint_bytes, verifier, LIMITS)


def test_faults_are_not_input_errors() -> None:
    assert not issubclass(LedgerFault, InputError)
