"""Evidence files and the tlog-proofs that they are, checked offline."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accord.base.errors import AccordError
from accord.ledger.checkpoint import open_checkpoint
from accord.ledger.commitment import frame
from accord.ledger.evidence import check_evidence, write_evidence
from accord.ledger.faults import BadProof, LedgerFault, Malformed, TooLarge, WrongOrigin
from accord.ledger.notes import parse_note
from accord.ledger.opening import Opening
from accord.ledger.proof import TlogProof, parse_proof, write_proof
from accord.ledger.tree import inclusion_proof
from tests.ledger.builders import LIMITS, NOW, Ledger, Member, commitment_of, opening

ALFA, BRAVO = Member("Alfa"), Member("Bravo")


def evidence(
    owner: Member = ALFA, author: Member = ALFA, *, basis: bool = False, position: int = 2
) -> bytes:
    """Of the entry at `position` of `owner`'s ledger, whose envelope says it is `author`'s."""
    opened = opening(author, position)
    ledger = Ledger(owner)
    ledger.fill(position)
    ledger.append([commitment_of(opened)])
    ledger.fill(4)
    line = BRAVO.witness.signer(BRAVO.origin).cosign(ledger.checkpoint().body(), NOW)
    signed = parse_note(ledger.signed()).with_signatures([line]).encode()
    hashes = inclusion_proof(ledger.reader(), position, ledger.frontier.size)
    shown: Opening = opened.basis() if basis else opened
    return write_evidence(shown, hashes, signed, owner.signed_card(), [BRAVO.signed_card()])


def test_an_evidence_file_says_who_said_what_and_who_saw_it_when() -> None:
    found = check_evidence(evidence(), LIMITS, now=NOW)
    assert found.author == ALFA.card()
    assert found.envelope.author == ALFA.id
    assert found.opening.object == b'{"type":"indicator"}\n'
    assert [(seen.witness.key, seen.time) for seen in found.cosignatures] == [
        (BRAVO.witness.public, NOW)
    ]
    assert found.witnesses == (BRAVO.card(),)


def test_evidence_of_the_basis_alone_shows_no_object() -> None:
    found = check_evidence(evidence(basis=True), LIMITS, now=NOW)
    assert found.opening.object is None


def test_an_evidence_file_is_a_plain_tlog_proof() -> None:
    raw = evidence()
    assert raw.startswith(b"c2sp.org/tlog-proof@v1\nextra ")
    proof = parse_proof(raw, 1 << 20)
    signed = open_checkpoint(proof.checkpoint, ALFA.card().ledger_verifier, LIMITS)
    proof.verify(commitment_of(opening(ALFA, 2)), signed.checkpoint)
    with pytest.raises(BadProof):
        proof.verify(commitment_of(opening(ALFA, 3)), signed.checkpoint)


def test_another_ledgers_opening_appended_as_ones_own_is_refused() -> None:
    with pytest.raises(WrongOrigin):
        check_evidence(evidence(owner=Member("Mallory"), author=ALFA), LIMITS, now=NOW)


RAW = evidence()


@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_an_evidence_file_with_any_byte_changed_is_refused(place: int, change: int) -> None:
    raw = bytearray(RAW)
    raw[place] ^= change
    try:
        found = check_evidence(bytes(raw), LIMITS, now=NOW)
    except AccordError:
        return
    # only the line of a witness can turn into a stranger's line, which says nothing
    assert found.opening == check_evidence(RAW, LIMITS, now=NOW).opening
    assert found.cosignatures == ()


def test_evidence_with_parts_missing_or_twice_is_refused() -> None:
    proof = parse_proof(RAW, 1 << 20)
    card = ALFA.signed_card()
    for extra in (
        None,
        b"",
        b"\x00",
        frame(b"accord/evidence/v1"),
        frame(b"accord/evidence/v2", b"", card),
        (proof.extra or b"") + frame(card),
        (proof.extra or b"") + b"\x00\x00\x00\x09",
        frame(b"accord/evidence/v1") + frame(b"") * 40,
    ):
        wrong = write_proof(msgspec.structs.replace(proof, extra=extra))
        with pytest.raises(LedgerFault):
            check_evidence(wrong, LIMITS, now=NOW)
    with pytest.raises(LedgerFault):
        check_evidence(write_proof(msgspec.structs.replace(proof, index=3)), LIMITS, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v2\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 01\n\nx", "c2sp.org/tlog-proof@v1\nindex -1\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx", "c2sp.org/tlog-proof@v1\n\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\nx", "c2sp.org/tlog-proof@v1\nextra A\n\nx",
        "c2sp.org/tlog-proof@v1\nextra AAAA\n\nx", "c2sp.org/tlog-proof@v1\r\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + ("A" * 43 + "=\n") * 64 + "\nx",
    ],
)  # fmt: skip
def test_a_proof_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_proof(text.encode(), 1 << 20)


def test_an_oversized_proof_is_refused() -> None:
    with pytest.raises(TooLarge):
        parse_proof(RAW, len(RAW) - 1)


hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple)


@given(
    st.builds(
        TlogProof,
        extra=st.none() | st.binary(max_size=30),
        index=st.integers(0, (1 << 62) - 1),
        hashes=hashes,
        checkpoint=st.binary(max_size=50),
    )
)
def test_a_proof_comes_back_as_it_was(proof: TlogProof) -> None:
    assert parse_proof(write_proof(proof), 1 << 20) == proof


@given(st.binary(max_size=100))
@example(b"c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n")
def test_a_proof_that_is_accepted_is_the_one_that_is_written(data: bytes) -> None:
    for raw in (data, b"c2sp.org/tlog-proof@v1\n" + data):
        try:
            proof = parse_proof(raw, 1 << 20)
        except LedgerFault:
            continue
        assert write_proof(proof) == raw
