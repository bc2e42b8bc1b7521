"""Witnesses: when they sign, and how they are caught."""

from __future__ import annotations

import pytest

from accord.base.errors import MachineFault
from accord.ledger.checkpoint import Checkpoint, SignedCheckpoint, open_checkpoint
from accord.ledger.faults import (
    BackdatedCosignature,
    BadSignature,
    ForkedHistory,
    RolledBack,
    WitnessContradiction,
    WrongOrigin,
)
from accord.ledger.notes import Signature, parse_note
from accord.ledger.spine import Spine
from accord.ledger.tree import range_root
from accord.ledger.witness import (
    Comparison,
    Cosignature,
    check_record,
    compare,
    cosign,
    read_cosignatures,
    witnessed_time,
)
from tests.ledger.builders import LIMITS, NOW, Ledger, Member

BRAVO = Member("Bravo")
SIGNER = BRAVO.witness.signer(BRAVO.origin)


def grown(count: int, mark: str = "entry") -> Ledger:
    ledger = Ledger(Member("Alfa"))
    ledger.fill(count, mark)
    return ledger


def spine_of(ledger: Ledger) -> Spine:
    return Spine(ledger.member.origin, ledger.frontier, ledger.frontier.root())


def cosigned(ledger: Ledger, *lines: Signature) -> SignedCheckpoint:
    raw = parse_note(ledger.signed()).with_signatures(lines).encode()
    return open_checkpoint(raw, ledger.member.card().ledger_verifier, LIMITS)


def test_a_witness_signs_what_it_verified_and_others_can_read_it() -> None:
    ledger = grown(5)
    state, line = cosign(None, spine_of(ledger), NOW, SIGNER)
    assert state.checkpoint == ledger.checkpoint()
    seen = read_cosignatures(cosigned(ledger, line), [SIGNER.verifier], now=NOW, skew=0)
    assert seen == (Cosignature(SIGNER.verifier, ledger.checkpoint(), NOW),)
    again, _ = cosign(state, spine_of(ledger), NOW + 5, SIGNER)
    assert again.time == NOW + 5


def test_a_witness_never_signs_backwards() -> None:
    ledger = grown(5)
    state, _ = cosign(None, spine_of(ledger), NOW, SIGNER)
    with pytest.raises(RolledBack):
        cosign(state, spine_of(grown(4)), NOW + 1, SIGNER)
    with pytest.raises(ForkedHistory):
        cosign(state, spine_of(grown(5, "other")), NOW + 1, SIGNER)
    with pytest.raises(MachineFault):
        cosign(state, spine_of(grown(6)), NOW - 1, SIGNER)
    with pytest.raises(ValueError, match="another ledger"):
        cosign(state, Spine("accord/other", ledger.frontier, ledger.frontier.root()), NOW, SIGNER)


def test_a_forged_cosignature_is_refused() -> None:
    ledger, mallory = grown(5), Member("Mallory")
    forged = mallory.witness.signer(BRAVO.origin).cosign(ledger.checkpoint().body(), NOW)
    lookalike = Signature(forged.name, SIGNER.verifier.key_id, forged.blob)
    with pytest.raises(BadSignature):
        read_cosignatures(cosigned(ledger, lookalike), [SIGNER.verifier], now=NOW, skew=0)
    # under its own key id it is a stranger's, and says nothing
    assert not read_cosignatures(cosigned(ledger, forged), [SIGNER.verifier], now=NOW, skew=0)


def test_a_cosignature_over_another_checkpoint_is_refused() -> None:
    _, line = cosign(None, spine_of(grown(4)), NOW, SIGNER)
    with pytest.raises(BadSignature):
        read_cosignatures(cosigned(grown(5), line), [SIGNER.verifier], now=NOW, skew=0)


def test_a_cosignature_from_the_future_is_refused() -> None:
    ledger = grown(5)
    _, line = cosign(None, spine_of(ledger), NOW + 121, SIGNER)
    with pytest.raises(BackdatedCosignature):
        read_cosignatures(cosigned(ledger, line), [SIGNER.verifier], now=NOW, skew=120)
    assert read_cosignatures(cosigned(ledger, line), [SIGNER.verifier], now=NOW + 1, skew=120)


def statement(size: int, time: int, root: bytes = b"r" * 32, origin: str = "a") -> Cosignature:
    return Cosignature(SIGNER.verifier, Checkpoint(origin, size, root + bytes(0)), time)


def test_a_witness_whose_times_or_sizes_go_backwards_convicts_itself() -> None:
    known = [statement(5, NOW), statement(9, NOW + 10)]
    for honest in (statement(5, NOW + 3), statement(12, NOW + 10), statement(9, NOW + 99)):
        check_record(known, honest)
    with pytest.raises(BackdatedCosignature):
        check_record(known, statement(10, NOW + 9))
    with pytest.raises(WitnessContradiction):
        check_record(known, statement(8, NOW + 11))
    with pytest.raises(WitnessContradiction):
        check_record(known, statement(9, NOW + 10, b"x" * 32))
    check_record(known, statement(2, NOW + 11, origin="b"))
    stranger = Cosignature(Member("Mallory").card().witness_verifier, known[0].checkpoint, 0)
    check_record(known, stranger)


def test_a_witness_that_was_shown_another_history_reveals_the_fork() -> None:
    ledger = grown(300)
    own, read = spine_of(ledger), ledger.reader()

    def root_at(size: int) -> bytes:
        return range_root(read, 0, size)

    for size in (0, 1, 255, 256, 299):
        assert compare(grown(size).checkpoint(), own, root_at) is Comparison.BEHIND
        if size:
            with pytest.raises(ForkedHistory):
                compare(grown(size, "other").checkpoint(), own, root_at)
    assert compare(ledger.checkpoint(), own, root_at) is Comparison.SAME
    assert compare(grown(301).checkpoint(), own, root_at) is Comparison.AHEAD
    with pytest.raises(ForkedHistory):
        compare(grown(300, "other").checkpoint(), own, root_at)
    with pytest.raises(WrongOrigin):
        compare(Checkpoint("accord/other", 1, bytes(32)), own, root_at)


def test_the_witnessed_time_of_an_entry_is_the_earliest_that_covers_it() -> None:
    seen = [statement(5, NOW + 7), statement(9, NOW + 3), statement(2, NOW)]
    assert witnessed_time(4, seen) == NOW + 3
    assert witnessed_time(1, seen) == NOW
    assert witnessed_time(9, seen) is None
