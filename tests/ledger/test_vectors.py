"""The test vectors of `docs/reference/wire.md`: recomputed here, quoted there.

`python -m tests.ledger.test_vectors` writes the file anew, which only a new wire version may need.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from accord.base.errors import InputError
from accord.ledger.card import decode_card
from accord.ledger.checkpoint import open_checkpoint
from accord.ledger.commitment import envelope_half, object_half
from accord.ledger.envelope import GROUP_VERSION, decode_envelope, encode_envelope
from accord.ledger.evidence import check_evidence, write_evidence
from accord.ledger.keys import fingerprint_hex, fingerprint_words, transport_key_id
from accord.ledger.notes import cosigned_at, parse_note
from accord.ledger.opening import (
    URGENT,
    GrantedOpening,
    Opening,
    read_opening,
    read_openings,
    write_opening,
    write_openings,
)
from accord.ledger.proof import TlogProof, parse_proof, write_proof
from accord.ledger.tree import inclusion_proof, leaf_hash
from tests.ledger.builders import (
    LIMITS,
    NOW,
    Ledger,
    Member,
    commitment_of,
    envelope,
    opening,
)

FILE = Path(__file__).parent / "vectors" / "wire-v1.json"
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "wire.md"
BODY = (
    b'{"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"'
    b',"created":"2026-03-02T10:00:00.000Z","modified":"2026-03-02T10:00:00.000Z"'
    b',"pattern":"[domain-name:value = \'example.com\']","pattern_type":"stix"'
    b',"valid_from":"2026-03-02T10:00:00Z"}\n'
)
GROUP = "accord-group--7c9d3f52-4f0b-4a86-9f3a-2f6c1f0b8d21"
Vectors = dict[str, dict[str, Any]]


def compute() -> Vectors:
    """Everything on the wire, from fixed seeds."""
    alfa, bravo = Member("Alfa"), Member("Bravo")
    opened = opening(alfa, 1, BODY)
    assert opened.salt_o is not None
    ledger = Ledger(alfa)
    ledger.fill(1)
    ledger.append([commitment_of(opened)])
    ledger.fill(1)
    line = bravo.witness.signer(bravo.origin).cosign(ledger.checkpoint().body(), NOW)
    cosigned = parse_note(ledger.signed()).with_signatures([line]).encode()
    path = inclusion_proof(ledger.reader(), 1, 3)
    proof = TlogProof(extra=None, index=1, hashes=tuple(path), checkpoint=cosigned)
    return {
        "member": _member(alfa),
        "witness": _member(bravo),
        "entry": {**_entry(opened), "object": BODY.decode()},
        "group_entry": _entry(_for_a_group(alfa)),
        "opening": {
            "full": write_opening(opened).hex(),
            "basis": write_opening(opened.basis()).hex(),
            "granted": write_openings([GrantedOpening(7, URGENT, opened.basis())]).hex(),
        },
        "ledger": {
            "commitments": [commitment.hex() for commitment in ledger.commitments],
            "entry_bundle": ledger.bundle(0, 3).hex(),
            "tile_0": ledger.tiles[0, 0].hex(),
            "root": ledger.frontier.root().hex(),
            "checkpoint": ledger.signed().decode(),
            "cosignature": line.line(),
            "cosignature_time": NOW,
            "cosigned_checkpoint": cosigned.decode(),
            "tlog_proof": write_proof(proof).decode(),
        },
        "evidence": {
            "file": write_evidence(
                opened, path, cosigned, alfa.signed_card(), [bravo.signed_card()]
            ).decode()
        },
        "key_change": _after_key_change(ledger),
    }


def _entry(opened: Opening) -> dict[str, Any]:
    assert opened.salt_o is not None
    return {
        "salt_e": opened.salt_e.hex(),
        "envelope": opened.envelope.decode(),
        "salt_o": opened.salt_o.hex(),
        "envelope_half": envelope_half(opened.salt_e, opened.envelope).hex(),
        "object_half": object_half(opened.salt_o, BODY).hex(),
        "commitment": opened.commitment().hex(),
        "leaf_hash": leaf_hash(opened.commitment()).hex(),
    }


def _for_a_group(member: Member) -> Opening:
    """The same object for a second audience, a working group, with a marking of its own."""
    handling = replace(
        envelope(member).handling,
        tlp="red",
        named=("Duty officer",),
        approvals=("anna", "boris"),
    )
    of = envelope(
        member, accord=GROUP_VERSION, audience=(GROUP,), roster="cd" * 32, handling=handling
    )
    return replace(opening(member, 2, BODY), envelope=encode_envelope(of))


def _member(member: Member) -> dict[str, Any]:
    card = member.card()
    return {
        "ledger_seed": member.ledger._private.private_bytes_raw().hex(),
        "witness_seed": member.witness._private.private_bytes_raw().hex(),
        "transport_seed": member.transport._private.private_bytes_raw().hex(),
        "recovery_seed": member.recovery._private.private_bytes_raw().hex(),
        "origin": member.origin,
        "member": member.id,
        "ledger_vkey": card.ledger_verifier.vkey,
        "witness_vkey": card.witness_verifier.vkey,
        "transport_key_id": transport_key_id(member.transport.public),
        "fingerprint": fingerprint_hex(card.fingerprint),
        "fingerprint_words": " ".join(fingerprint_words(card.fingerprint)),
        "card": member.signed_card().decode(),
    }


def _after_key_change(ledger: Ledger) -> dict[str, Any]:
    alfa = Member("Alfa")
    alfa.change_keys(ledger.frontier.size, ledger.frontier.root().hex())
    return {
        "fingerprint": fingerprint_hex(alfa.card().fingerprint),
        "card": alfa.signed_card().decode(),
    }


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    loaded: Vectors = json.loads(FILE.read_text("utf-8"))
    return loaded


@pytest.mark.parametrize("part", compute())
def test_the_vectors_are_what_this_code_makes(vectors: Vectors, part: str) -> None:
    assert compute()[part] == vectors[part]


def test_the_vectors_read_back(vectors: Vectors) -> None:
    entry, ledger = vectors["entry"], vectors["ledger"]
    alfa = decode_card(vectors["member"]["card"].encode(), LIMITS)
    bravo = decode_card(vectors["witness"]["card"].encode(), LIMITS)
    assert decode_envelope(entry["envelope"].encode()).origin == alfa.origin
    grouped = decode_envelope(vectors["group_entry"]["envelope"].encode())
    assert (grouped.accord, grouped.group, grouped.roster) == (GROUP_VERSION, GROUP, "cd" * 32)
    with pytest.raises(InputError):
        decode_envelope(encode_envelope(replace(grouped, accord=1)))
    for form in ("full", "basis"):
        opened = read_opening(bytes.fromhex(vectors["opening"][form]), LIMITS)
        assert opened.commitment().hex() == entry["commitment"]
    (granted,) = read_openings(bytes.fromhex(vectors["opening"]["granted"]), LIMITS)
    assert (granted.grant, granted.lane, granted.opening.index) == (7, URGENT, 1)
    signed = open_checkpoint(ledger["cosigned_checkpoint"].encode(), alfa.ledger_verifier, LIMITS)
    assert cosigned_at(signed.note, bravo.witness_verifier) == (NOW,)
    proof = parse_proof(ledger["tlog_proof"].encode(), 1 << 16)
    proof.verify(bytes.fromhex(entry["commitment"]), signed.checkpoint)
    found = check_evidence(vectors["evidence"]["file"].encode(), LIMITS, now=NOW)
    assert found.opening.object == entry["object"].encode()
    changed = decode_card(vectors["key_change"]["card"].encode(), LIMITS)
    assert changed.origin == alfa.origin


def test_the_reference_quotes_the_vectors(vectors: Vectors) -> None:
    text = REFERENCE.read_text("utf-8")
    quoted = [
        *(vectors["entry"][name] for name in vectors["entry"] if name != "object"),
        *vectors["group_entry"].values(),
        vectors["opening"]["granted"][:58],  # length, head, first length and a little salt
        *(vectors["member"][name] for name in ("origin", "member", "ledger_vkey", "fingerprint")),
        vectors["member"]["fingerprint_words"],
        vectors["witness"]["witness_vkey"],
        vectors["ledger"]["root"],
        vectors["ledger"]["cosigned_checkpoint"],
        vectors["ledger"]["tlog_proof"],
    ]
    for value in quoted:
        assert value in text


def write() -> None:
    FILE.write_text(json.dumps(compute(), indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    write()
