"""The Merkle tree of RFC 6962, section 2.1 (SHA-256), and its proofs.

Nodes are named by height (0 = leaf hashes) and index within that height; a node at height h spans
2**h leaves and is perfect. Whoever can read those can compute every root and every proof.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec

from .faults import BadProof

TILE_HEIGHT = 8
EMPTY_ROOT = sha256(b"").digest()

NodeReader = Callable[[int, int], bytes]  # (height, index) -> the hash of that perfect subtree


def leaf_hash(entry: bytes) -> bytes:
    """The leaf hash of an entry (for this project: of a commitment)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Frontier(msgspec.Struct, frozen=True):
    """The perfect subtrees that make up a tree, left to right: one for each 1 bit of `size`."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def root(self) -> bytes:
        """The Merkle tree hash of the whole."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    def append_many(self, entries: Sequence[bytes]) -> Frontier:
        """The frontier after `entries` (commitments) were appended."""
        return self.grow([sha256(b"\x00" + entry).digest() for entry in entries])[0]

    def grow(self, leaves: list[bytes]) -> tuple[Frontier, list[list[bytes]]]:
        """The frontier after leaf hashes were appended, and the nodes that came to be.

        The second value lists, for each tile level (heights 0, 8, 16 …), the newly completed nodes
        at that height, left to right: exactly what has to be added to the tiles of that level.
        """
        waiting = list(self.hashes)  # largest subtree first: the smallest is taken from the end
        kept: list[bytes] = []
        levels: list[list[bytes]] = []
        nodes, height = leaves, 0
        while nodes or waiting:
            if height % TILE_HEIGHT == 0:
                levels.append(nodes)
            if self.size >> height & 1:
                nodes = [waiting.pop(), *nodes]
            if len(nodes) & 1:
                kept.append(nodes[-1])
            pairs = iter(nodes)
            nodes = [sha256(b"\x01" + a + b).digest() for a, b in zip(pairs, pairs, strict=False)]
            height += 1
        return Frontier(self.size + len(leaves), tuple(reversed(kept))), levels


def range_root(read: NodeReader, start: int, end: int) -> bytes:
    """MTH(D[start:end]) for a range that the recursion of RFC 6962 can reach."""
    size = end - start
    if size == 0:
        return EMPTY_ROOT
    height = size.bit_length() - 1
    if size == 1 << height:
        return read(height, start >> height)
    middle = start + _split(size)
    return node_hash(range_root(read, start, middle), range_root(read, middle, end))


def inclusion_proof(read: NodeReader, index: int, size: int) -> list[bytes]:
    """PATH(index, D[0:size]), RFC 6962, section 2.1.1: from the leaf's sibling upwards."""
    if not 0 <= index < size:
        raise ValueError(f"no entry {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(read, middle, end))
            end = middle
        else:
            path.append(range_root(read, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(read: NodeReader, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[0:new]), RFC 6962, section 2.1.2. Empty when `old` is 0 or equals `new`."""
    if not 0 <= old <= new:
        raise ValueError(f"no tree of {old} within one of {new}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, end, whole = 0, new, True  # whole: D[start:old] is known to the verifier as a root
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(range_root(read, middle, end))
            end = middle
        else:
            path.append(range_root(read, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(range_root(read, start, end))
    return path[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check an inclusion proof (RFC 9162, section 2.1.3.2). Raises `BadProof`."""
    if not 0 <= index < size:
        raise BadProof("ledger.proof-index", index=index, size=size)
    node, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0 or len(sibling) != 32:
            raise BadProof("ledger.proof-inclusion", index=index, size=size)
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    if last or found != root:
        raise BadProof("ledger.proof-inclusion", index=index, size=size)


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check a consistency proof (RFC 9162, section 2.1.4.2). Raises `BadProof`."""
    fault = BadProof("ledger.proof-consistency", old=old, new=new)
    if not 0 <= old <= new or any(len(part) != 32 for part in proof):
        raise fault
    if old in (0, new):
        known = EMPTY_ROOT if old == 0 else new_root
        if proof or old_root != known:
            raise fault
        return
    path = list(proof)
    if old & (old - 1) == 0:  # a perfect tree: its root is the first node of the path
        path.insert(0, old_root)
    if not path:
        raise fault
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for part in path[1:]:
        if last == 0:
            raise fault
        if node & 1 or node == last:
            first, second = node_hash(part, first), node_hash(part, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, part)
        node, last = node >> 1, last >> 1
    if last or first != old_root or second != new_root:
        raise fault


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (which is at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)
