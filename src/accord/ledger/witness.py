"""The rules of witnesses: when to co-sign, what a co-signature proves, who convicts himself.

A cosignature/v1 says: at this time, this was the largest consistent tree that I had seen of this
ledger (C2SP tlog-cosignature). So of one witness and one ledger, a later time cannot go with a
smaller size, nor one size with two roots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum

import msgspec

from accord.base.errors import MachineFault

from .checkpoint import Checkpoint, SignedCheckpoint
from .faults import (
    BackdatedCosignature,
    ForkedHistory,
    RolledBack,
    WitnessContradiction,
    WrongOrigin,
)
from .notes import Signature, Signer, Verifier, cosigned_at
from .spine import Spine


class WitnessState(msgspec.Struct, frozen=True):
    """What this node last co-signed of one ledger; kept durably before the signature leaves."""

    checkpoint: Checkpoint
    time: int  # POSIX seconds


class Cosignature(msgspec.Struct, frozen=True):
    """A verified statement of a witness: at `time` (POSIX seconds) it had seen `checkpoint`."""

    witness: Verifier
    checkpoint: Checkpoint
    time: int


class Comparison(Enum):
    """How what a witness saw of a ledger stands to what we verified of it."""

    SAME = "same"
    BEHIND = "behind"  # the witness has seen less, and all of it is ours
    AHEAD = "ahead"  # the witness has seen more: fetch it, and then compare again


def cosign(
    state: WitnessState | None, verified: Spine, now: int, signer: Signer
) -> tuple[WitnessState, Signature]:
    """Co-sign a state that this node itself verified; the state to keep, and the signature.

    Keep the state durably, as a compare-and-swap on the old one, *before* the signature leaves:
    a crash in between costs a signature, the other order could cost our word. Raises `RolledBack`
    or `ForkedHistory` when it contradicts what was co-signed, `MachineFault` when our clock is
    behind our last co-signature.
    """
    checkpoint = verified.checkpoint
    if state is not None:
        known = state.checkpoint
        if known.origin != checkpoint.origin:
            raise ValueError("the state of another ledger")
        if checkpoint.size < known.size:
            raise RolledBack(
                "ledger.rolled-back",
                origin=known.origin,
                found=checkpoint.size,
                known=known.size,
            )
        if checkpoint.size == known.size and checkpoint.root != known.root:
            raise ForkedHistory("ledger.forked", origin=known.origin, size=known.size)
        if now < state.time:
            raise MachineFault("ledger.witness-clock", seconds=state.time - now)
    return WitnessState(checkpoint, now), signer.cosign(checkpoint.body(), now)


def read_cosignatures(
    signed: SignedCheckpoint, witnesses: Iterable[Verifier], *, now: int, skew: int
) -> tuple[Cosignature, ...]:
    """The co-signatures of these witnesses under a checkpoint; lines of others are passed over.

    A forged one raises `BadSignature`; one from more than `skew` seconds ahead of `now` raises
    `BackdatedCosignature`.
    """
    found: list[Cosignature] = []
    for witness in witnesses:
        for time in cosigned_at(signed.note, witness):
            if time > now + skew:
                raise BackdatedCosignature(
                    "ledger.cosignature-future", name=witness.name, seconds=time - now
                )
            found.append(Cosignature(witness, signed.checkpoint, time))
    return tuple(found)


def check_record(known: Iterable[Cosignature], new: Cosignature) -> None:
    """Raise when `new` contradicts what the same witness said before of the same ledger.

    `BackdatedCosignature`: an earlier time for more entries than at a later time.
    `WitnessContradiction`: fewer entries at a later time, or another root for one size.
    The two co-signatures together convict the witness: keep both notes.
    """
    for old in known:
        if old.witness != new.witness or old.checkpoint.origin != new.checkpoint.origin:
            continue
        said = {"name": new.witness.name, "origin": new.checkpoint.origin}
        before, after = old.checkpoint, new.checkpoint
        if before.size == after.size and before.root != after.root:
            raise WitnessContradiction("ledger.witness-two-roots", size=after.size, **said)
        if old.time > new.time and before.size < after.size:
            raise BackdatedCosignature("ledger.cosignature-backdated", size=after.size, **said)
        if old.time < new.time and before.size > after.size:
            raise WitnessContradiction("ledger.witness-backwards", size=after.size, **said)


def compare(witnessed: Checkpoint, own: Spine, root_at: Callable[[int], bytes]) -> Comparison:
    """Compare what a witness saw of a ledger with our own verified view of it.

    `root_at(size)` is the root of our view at an earlier size, computed from our tiles. Raises
    `ForkedHistory` when the ledger showed the two of us different histories.
    """
    if witnessed.origin != own.origin:
        raise WrongOrigin("ledger.checkpoint-origin", found=witnessed.origin, expected=own.origin)
    if witnessed.size > own.size:
        return Comparison.AHEAD
    ours = own.root if witnessed.size == own.size else root_at(witnessed.size)
    if witnessed.root != ours:
        raise ForkedHistory("ledger.forked", origin=own.origin, size=witnessed.size)
    return Comparison.SAME if witnessed.size == own.size else Comparison.BEHIND


def witnessed_time(index: int, cosignatures: Iterable[Cosignature]) -> int | None:
    """The earliest POSIX time at which a witness had seen the entry at `index`, if any had."""
    return min((seen.time for seen in cosignatures if seen.checkpoint.size > index), default=None)
