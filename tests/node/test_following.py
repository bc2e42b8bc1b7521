"""Following and witnessing: what is pinned, what is refused, what convicts its author."""

from __future__ import annotations

import contextlib

import pytest
from sqlalchemy import update

from accord.base.errors import MachineFault
from accord.ledger.checkpoint import Checkpoint, sign_checkpoint
from accord.ledger.faults import ForkedHistory, LedgerFault, RolledBack
from accord.ledger.notes import parse_note
from accord.ledger.tiles import encode_bundle
from accord.node import cosignatures, following
from accord.node.witnessing import own_checkpoint
from accord.store.tables import OWN_LEDGER, ledgers
from tests.node.support import (
    Community,
    follow,
    give,
    indicator,
    indicators,
    row_of,
    witness,
)


def test_a_shorter_history_than_known_is_refused_and_kept_as_evidence(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    pair.agree()
    old = Checkpoint(alfa.origin, 1, bytes(32))
    signed = sign_checkpoint(old, alfa.ledger_signer)
    with pytest.raises(RolledBack):
        following.begin_step(bravo, row_of(bravo, alfa), signed)
    (conviction,) = bravo.read(lambda tx: tx.ledgers.convictions(alfa.member))
    assert conviction.second == signed


def test_another_history_of_the_same_length_is_refused_and_kept_as_evidence(
    pair: Community,
) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    pair.agree()
    row = bravo.read(lambda tx: tx.ledgers.of_member(alfa.member))
    assert row is not None
    signed = sign_checkpoint(Checkpoint(alfa.origin, row.size, bytes(32)), alfa.ledger_signer)
    with pytest.raises(ForkedHistory):
        following.begin_step(bravo, row_of(bravo, alfa), signed)
    assert len(bravo.read(lambda tx: tx.ledgers.convictions(alfa.member))) == 1


def test_bundles_that_do_not_make_the_signed_root_are_refused(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    give(alfa, indicators(2), pair.agree().id)
    row = alfa.read(lambda tx: tx.ledgers.get(OWN_LEDGER))
    assert row is not None
    before = bravo.read(lambda tx: tx.ledgers.of_member(alfa.member))
    step = following.begin_step(bravo, row_of(bravo, alfa), row.checkpoint)
    stored = alfa.read(lambda tx: tx.ledgers.tile(OWN_LEDGER, -1, 0))
    assert stored is not None
    tiles = step.verifying.add(encode_bundle(stored[:-32] + bytes(32)))
    with pytest.raises(ForkedHistory):
        following.finish_step(bravo, step, tiles, row.checkpoint)
    assert bravo.read(lambda tx: tx.ledgers.of_member(alfa.member)) == before


def test_two_histories_shown_to_two_members_come_to_light(trio: Community) -> None:
    """Bravo's co-signature of what it was shown meets Charlie's own view."""
    alfa, bravo, charlie = trio
    trio.agree()
    row = alfa.read(lambda tx: tx.ledgers.get(OWN_LEDGER))
    assert row is not None
    forged = sign_checkpoint(Checkpoint(alfa.origin, row.size, bytes(32)), alfa.ledger_signer)
    note = parse_note(forged)
    seconds = int(bravo.now().timestamp())
    body = Checkpoint(alfa.origin, row.size, bytes(32)).body()
    cosigned = note.with_signatures([bravo.witness_signer.cosign(body, seconds)]).encode()
    with pytest.raises(LedgerFault):
        cosignatures.take_cosignature(charlie, row_of(charlie, bravo), alfa.origin, cosigned)
    assert charlie.read(lambda tx: tx.ledgers.convictions()) != []


def test_a_co_signature_of_more_than_we_saw_is_compared_when_we_have(trio: Community) -> None:
    alfa, bravo, charlie = trio
    agreement = trio.agree()
    give(alfa, indicators(2), agreement.id)
    follow(bravo, alfa)
    witness(alfa, by=bravo, taker=charlie)
    follow(charlie, alfa)
    cosignatures.check_waiting_cosignatures(charlie, row_of(charlie, alfa))
    row = charlie.read(lambda tx: tx.ledgers.of_member(alfa.member))
    assert row is not None
    assert charlie.read(lambda tx: tx.ledgers.unchecked(row.id, row.size)) == []


def test_a_co_signature_by_another_key_is_refused(trio: Community) -> None:
    alfa, bravo, charlie = trio
    trio.agree()
    note = parse_note(own_checkpoint(alfa))
    row = alfa.read(lambda tx: tx.ledgers.get(OWN_LEDGER))
    assert row is not None
    body = Checkpoint(alfa.origin, row.size, row.root).body()
    # Charlie's key under Bravo's name.
    forger = charlie.keys.witness.signer(bravo.origin)
    forged = note.with_signatures([forger.cosign(body, int(bravo.now().timestamp()))]).encode()
    before = alfa.read(lambda tx: tx.ledgers.cosignatures(OWN_LEDGER))
    with contextlib.suppress(LedgerFault):
        cosignatures.take_cosignature(alfa, row_of(alfa, bravo), alfa.origin, forged)
    assert alfa.read(lambda tx: tx.ledgers.cosignatures(OWN_LEDGER)) == before


def test_a_damaged_pinned_state_is_our_fault_and_not_the_peers(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    give(alfa, [indicator(1)], pair.agree().id)
    bravo.write(
        lambda tx: tx._connection.execute(
            update(ledgers).where(ledgers.c.member == alfa.member).values(root=bytes(32))
        )
    )
    with pytest.raises(MachineFault):
        follow(bravo, alfa)
    assert bravo.read(lambda tx: tx.ledgers.convictions()) == []
