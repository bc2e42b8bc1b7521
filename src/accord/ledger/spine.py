"""Following a ledger: from a state that was verified to the next, by its commitments alone.

The order of calls is the order of trust, as in TUF's trusted metadata set: a signed checkpoint is
opened against what is pinned, every commitment between is added, and only when the tree over all
of them has the signed root is there a new state. Rebuilding the tree is the consistency proof.
Bytes in, values out: nothing is fetched or stored here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from accord.base.limits import Limits

from .checkpoint import Checkpoint, SignedCheckpoint, open_checkpoint
from .faults import ForkedHistory, Malformed, RolledBack, WrongOrigin
from .notes import Verifier
from .tiles import (
    ENTRIES,
    WIDTH,
    Tile,
    TileId,
    bundles_between,
    decode_bundle,
    hashes_of,
    tiles_after_append,
)
from .tree import EMPTY_ROOT, Frontier


class Spine(msgspec.Struct, frozen=True):
    """A verified state of one ledger: what is pinned, and what its next state must continue."""

    origin: str
    frontier: Frontier
    root: bytes

    @property
    def size(self) -> int:
        return self.frontier.size

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.origin, self.size, self.root)


def new_spine(origin: str) -> Spine:
    """The state before the first entry."""
    return Spine(origin, Frontier(), EMPTY_ROOT)


def restore_spine(origin: str, size: int, root: bytes, hashes: tuple[bytes, ...]) -> Spine:
    """A state read from a store. `ValueError` when frontier and root do not belong together."""
    frontier = Frontier(size, hashes)
    if len(hashes) != size.bit_count() or frontier.root() != root:
        raise ValueError(f"the stored frontier of {origin} is damaged")
    return Spine(origin, frontier, root)


class SpineStep:
    """One step of following: from `pinned` to a newer signed checkpoint.

    `edge` holds the stored form of `edge_tiles(pinned.size)`, by level. Use it in this order:
    create it (which judges the checkpoint), fetch `wanted()` and hand each bundle to `add`, which
    returns the rows to write, then `finish`. The rows are only true once `finish` has returned:
    write them and the new state in one transaction, or keep none.
    """

    def __init__(
        self,
        pinned: Spine,
        edge: Mapping[int, bytes],
        signed: bytes,
        verifier: Verifier,
        limits: Limits,
    ) -> None:
        if verifier.name != pinned.origin:
            raise WrongOrigin(
                "ledger.checkpoint-origin", found=verifier.name, expected=pinned.origin
            )
        self.verifier = verifier
        self.signed: SignedCheckpoint = open_checkpoint(signed, verifier, limits)
        self.pinned = pinned
        self._frontier = pinned.frontier
        self._edge = dict(edge)
        found = self.signed.checkpoint
        if found.size < pinned.size:
            raise RolledBack(
                "ledger.rolled-back", origin=pinned.origin, found=found.size, known=pinned.size
            )
        if found.size == pinned.size and found.root != pinned.root:
            raise ForkedHistory("ledger.forked", origin=pinned.origin, size=found.size)
        self._wanted = list(bundles_between(pinned.size, found.size))[::-1]

    def wanted(self) -> list[TileId]:
        """The entry bundles still to be added, in order.

        Of a partial one the full bundle may be handed over instead (tlog-tiles, "Partial Tiles").
        """
        return self._wanted[::-1]

    def add(self, bundle: bytes) -> list[Tile]:
        """Add the next bundle of `wanted()`, as it came over the wire; the tile rows it makes.

        `Malformed` when it is not as wide as the checkpoint promises, `ForkedHistory` when the
        entries before the pinned state are not those that are pinned.
        """
        if not self._wanted:
            raise ValueError("no further bundle is wanted")
        tile = self._wanted[-1]
        commitments = decode_bundle(bundle)
        if len(commitments) < tile.width:
            raise Malformed("ledger.bundle-short", found=len(commitments), expected=tile.width)
        known = self._frontier.size - tile.number * WIDTH
        pinned = hashes_of(self._edge.get(ENTRIES, b""))[:known]
        if len(pinned) < known:
            raise ValueError(f"entry bundle {tile.number} is stored with {len(pinned)} entries")
        if commitments[:known] != pinned:
            raise ForkedHistory("ledger.forked", origin=self.pinned.origin, size=self.pinned.size)
        rows = self._append(commitments[known : tile.width])
        self._wanted.pop()
        return rows

    def _append(self, commitments: list[bytes]) -> list[Tile]:
        self._frontier, rows = tiles_after_append(self._frontier, self._edge, commitments)
        for row in rows:  # rows of a level come in order: the last one is its edge
            self._edge[row.level] = b"" if row.width == WIDTH else row.data
        return rows

    def finish(self) -> Spine:
        """The new state: the root over all commitments is the signed one, or `ForkedHistory`."""
        if self._wanted:
            raise ValueError(f"{len(self._wanted)} bundles are missing")
        found = self.signed.checkpoint
        if self._frontier.root() != found.root:
            raise ForkedHistory("ledger.forked", origin=found.origin, size=found.size)
        return Spine(found.origin, self._frontier, found.root)


def follow(step: SpineStep, bundles: Iterable[bytes]) -> tuple[Spine, list[Tile]]:
    """All bundles at once: the new state, and for each place the last row written."""
    rows: dict[tuple[int, int], Tile] = {}
    for bundle in bundles:
        rows.update({(row.level, row.number): row for row in step.add(bundle)})
    return step.finish(), list(rows.values())
