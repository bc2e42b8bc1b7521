"""Following another's ledger: what continues is taken, every other thing is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.ledger.checkpoint import Checkpoint, sign_checkpoint
from accord.ledger.faults import (
    BadSignature,
    ForkedHistory,
    LedgerFault,
    Malformed,
    RolledBack,
    WrongOrigin,
)
from accord.ledger.spine import Spine, SpineStep, follow, new_spine, restore_spine
from accord.ledger.tiles import encode_bundle
from tests.ledger.builders import LIMITS, Ledger, Member, seed


class Follower:
    """What a node keeps of a ledger that it follows."""

    def __init__(self, ledger: Ledger) -> None:
        self.verifier = ledger.member.card().ledger_verifier
        self.spine: Spine = new_spine(ledger.member.origin)
        self.copy = Ledger(ledger.member)

    def step(self, signed: bytes) -> SpineStep:
        edge = self.copy.edge(self.spine.size)
        return SpineStep(self.spine, edge, signed, self.verifier, LIMITS)

    def follow(self, ledger: Ledger) -> None:
        step = self.step(ledger.signed())
        bundles = [ledger.bundle(tile.number, tile.width) for tile in step.wanted()]
        self.spine, rows = follow(step, bundles)
        self.copy.tiles.update({(row.level, row.number): row.data for row in rows})


def grown(count: int, mark: str = "entry", name: str = "Alfa") -> Ledger:
    ledger = Ledger(Member(name))
    ledger.fill(count, mark)
    return ledger


@given(st.lists(st.integers(0, 600), min_size=1, max_size=4))
def test_a_follower_holds_the_same_tiles_and_state_after_any_steps(steps: list[int]) -> None:
    ledger = Ledger(Member("Alfa"))
    follower = Follower(ledger)
    for step in steps:
        ledger.fill(step)
        follower.follow(ledger)
        assert follower.spine.checkpoint == ledger.checkpoint()
        assert follower.copy.tiles == ledger.tiles


def test_a_full_bundle_may_stand_in_for_a_partial_one() -> None:
    ledger = grown(300)
    follower = Follower(ledger)
    step = follower.step(ledger.signed())
    ledger.fill(400)
    spine, _ = follow(step, [ledger.bundle(tile.number) for tile in step.wanted()])
    assert spine.size == 300


def test_a_rolled_back_ledger_is_refused() -> None:
    ledger = grown(10)
    follower = Follower(ledger)
    follower.follow(ledger)
    with pytest.raises(RolledBack):
        follower.step(grown(9).signed())


def test_another_root_for_the_same_size_is_a_forked_history() -> None:
    ledger = grown(10)
    follower = Follower(ledger)
    follower.follow(ledger)
    with pytest.raises(ForkedHistory):
        follower.step(grown(10, "other").signed())


@pytest.mark.parametrize("sizes", [(10, 11), (10, 600), (256, 300), (256, 512), (300, 301)])
def test_a_root_that_does_not_follow_is_a_forked_history(sizes: tuple[int, int]) -> None:
    follower = Follower(grown(sizes[0]))
    follower.follow(grown(sizes[0]))
    forked = grown(sizes[1], "other")
    with pytest.raises(ForkedHistory):
        follower.follow(forked)
    # the same, when the bundles are those of the old history and only the root is new
    honest = grown(sizes[1])
    step = follower.step(forked.signed())
    with pytest.raises(ForkedHistory):
        follow(step, [honest.bundle(tile.number, tile.width) for tile in step.wanted()])


def test_an_unsigned_forged_or_foreign_checkpoint_is_refused() -> None:
    alfa, bravo = grown(3), grown(3, name="Bravo")
    follower = Follower(alfa)
    forged = sign_checkpoint(alfa.checkpoint(), bravo.member.ledger.signer(alfa.member.origin))
    with pytest.raises(BadSignature):
        follower.step(forged)
    with pytest.raises(WrongOrigin):
        follower.step(bravo.signed())
    verifier = bravo.member.card().ledger_verifier
    with pytest.raises(WrongOrigin):
        SpineStep(follower.spine, {}, bravo.signed(), verifier, LIMITS)


def test_a_bundle_narrower_than_the_checkpoint_promises_is_refused() -> None:
    ledger = grown(300)
    step = Follower(ledger).step(ledger.signed())
    with pytest.raises(Malformed):
        step.add(ledger.bundle(0, 255))
    with pytest.raises(ValueError, match="missing"):
        step.finish()


def test_a_bundle_that_nobody_wanted_is_a_bug_of_the_caller() -> None:
    ledger = grown(3)
    step = Follower(ledger).step(ledger.signed())
    step.add(ledger.bundle(0))
    with pytest.raises(ValueError, match="no further"):
        step.add(ledger.bundle(0))


@given(st.data())
def test_any_byte_changed_in_a_bundle_is_noticed(data: st.DataObject) -> None:
    ledger = grown(3)
    step = Follower(ledger).step(ledger.signed())
    bundle = bytearray(ledger.bundle(0))
    bundle[data.draw(st.integers(0, len(bundle) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(LedgerFault):
        follow(step, [bytes(bundle)])


def test_another_ledgers_commitment_appended_as_ones_own_opens_nothing_for_it() -> None:
    # Anyone can copy 32 bytes; the tree accepts them. What they open names its ledger: see
    # test_evidence.test_another_ledgers_opening_appended_as_ones_own_is_refused.
    alfa, mallory = grown(3), grown(2, name="Mallory")
    mallory.append([alfa.commitments[0]])
    follower = Follower(mallory)
    follower.follow(mallory)
    assert follower.spine.size == 3


def test_a_stored_state_is_checked_when_it_is_read() -> None:
    spine = Spine("accord/x", grown(5).frontier, grown(5).frontier.root())
    assert restore_spine("accord/x", 5, spine.root, spine.frontier.hashes) == spine
    for size, root in ((5, seed("x")), (4, spine.root)):
        with pytest.raises(ValueError, match="damaged"):
            restore_spine("accord/x", size, root, spine.frontier.hashes)


def test_a_damaged_store_is_not_taken_for_a_forked_history() -> None:
    ledger = grown(10)
    follower = Follower(ledger)
    follower.follow(ledger)
    ledger.fill(1)
    damaged = {**follower.copy.edge(10), -1: bytes(32)}
    step = SpineStep(follower.spine, damaged, ledger.signed(), follower.verifier, LIMITS)
    with pytest.raises(ValueError, match="stored with 1"):
        step.add(ledger.bundle(0))


def test_an_empty_ledger_can_be_followed() -> None:
    ledger = Ledger(Member("Alfa"))
    follower = Follower(ledger)
    follower.follow(ledger)
    assert follower.spine == new_spine(ledger.member.origin)
    lying = sign_checkpoint(
        Checkpoint(ledger.member.origin, 0, bytes(32)),
        ledger.member.ledger.signer(ledger.member.origin),
    )
    with pytest.raises(ForkedHistory):
        follower.step(lying)


@pytest.mark.timeout(60)  # the benchmark holds the bar; this notices an algorithm gone quadratic
def test_a_hundred_thousand_entries_are_followed() -> None:
    member = Member("Alfa")
    ledger = grown(0)
    entries = [number.to_bytes(32, "big") for number in range(100_000)]
    frontier = ledger.frontier.append_many(entries)
    checkpoint = Checkpoint(member.origin, len(entries), frontier.root())
    signed = sign_checkpoint(checkpoint, member.ledger.signer(member.origin))
    step = Follower(ledger).step(signed)
    bundles = [
        encode_bundle(b"".join(entries[at : at + 256])) for at in range(0, len(entries), 256)
    ]
    spine, rows = follow(step, bundles)
    assert (spine.size, len(rows)) == (100_000, 391 * 2 + 2 + 1)
