"""What witnesses prove of a ledger around a deadline. Time is not the author's word.

An entry existed by a moment when enough of the witnesses that the motion names, the ledger's own
owner not among them, had co-signed a checkpoint over it by then. A ledger is *closed* at a size
when enough of them saw no more of it at some time past the deadline: what lies behind that size
was not there in time, unless that many of them lied.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec

from accord.base.clock import to_micros

_SECOND = 1_000_000


class Cosigned(msgspec.Struct, frozen=True, array_like=True):
    """A verified co-signature: at `time` (POSIX seconds) `witness` had seen `size` entries."""

    witness: str
    size: int
    time: int


class LedgerView(msgspec.Struct, frozen=True, kw_only=True):
    """What this node knows of one ledger.

    `taken`: entries below this size are verified here, and all that was granted of them was taken
    in. Its checkpoints and those that were co-signed lie on one history, which the node checked.
    """

    ledger: str
    taken: int
    cosigned: tuple[Cosigned, ...]


class Witnesses(msgspec.Struct, frozen=True):
    """Whose word on times a motion takes, for the ledger of `owner`: `quorum` of `named`."""

    named: Collection[str]
    quorum: int
    owner: str

    def existed_by(self, view: LedgerView, index: int, deadline: datetime) -> bool:
        """Whether the entry at `index` is proved to have existed before `deadline`."""
        last = to_micros(deadline)
        saw = {
            each.witness
            for each in view.cosigned
            # a co-signature has whole seconds, cut: it speaks of the end of its second
            if each.size > index and (each.time + 1) * _SECOND <= last
        }
        return len(self._heard(saw)) >= self.quorum

    def closed_at(self, view: LedgerView, deadline: datetime) -> int | None:
        """The size at which the ledger was closed at `deadline`; None while that is not proved."""
        first: dict[str, int] = {}
        for each in view.cosigned:
            if each.time * _SECOND >= to_micros(deadline):
                first[each.witness] = min(each.size, first.get(each.witness, each.size))
        sizes = sorted(first[witness] for witness in self._heard(first))
        if len(sizes) < self.quorum or sizes[self.quorum - 1] > view.taken:
            return None
        return sizes[self.quorum - 1]

    def _heard(self, witnesses: Collection[str]) -> set[str]:
        return {each for each in witnesses if each in self.named and each != self.owner}
