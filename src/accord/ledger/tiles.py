"""C2SP tlog-tiles: the tree in pieces of 256 that never change once they are full.

Stored form: level -1 holds commitments, levels 0 and up hold hashes; both are 32 bytes each,
joined, at most 256 to a tile. On the wire an entry bundle has a length before each commitment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from .faults import Malformed
from .tree import TILE_HEIGHT, Frontier, NodeReader, node_hash

HASH = 32
WIDTH = 256
ENTRIES = -1  # the level of entry bundles
MAX_LEVEL = 63
_RECORD = 2 + HASH
_MAX_INDEX = 1 << 55  # 2**63 entries
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9]\d?)/(?P<index>(?:x\d{3}/)*\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?",
    re.ASCII,
)

TileReader = Callable[[int, int], bytes]  # (level, index) -> the stored form, as wide as it is now


class TileId(NamedTuple):
    """One tile as it is asked for: `width` is 256 for a full one."""

    level: int
    number: int
    width: int


class Tile(NamedTuple):
    """One tile to be stored, replacing a narrower one at the same place."""

    level: int
    number: int
    data: bytes

    @property
    def width(self) -> int:
        return len(self.data) // HASH


def tile_path(tile: TileId) -> str:
    """`tile/<L>/<N>[.p/<W>]`, without a leading slash."""
    level = "entries" if tile.level == ENTRIES else str(tile.level)
    thousands, last = divmod(tile.number, 1000)
    groups = [f"{last:03}"]
    while thousands:
        thousands, group = divmod(thousands, 1000)
        groups.insert(0, f"x{group:03}")
    suffix = "" if tile.width == WIDTH else f".p/{tile.width}"
    return f"tile/{level}/{'/'.join(groups)}{suffix}"


def parse_tile_path(path: str) -> TileId:
    """Read a path; only the one writing of each tile is accepted (`Malformed`)."""
    match = _PATH.fullmatch(path) if len(path) < 100 else None
    if match is not None:
        level = ENTRIES if match["level"] == "entries" else int(match["level"])
        index = int(match["index"].replace("/", "").replace("x", ""))
        tile = TileId(level, index, int(match["width"] or WIDTH))
        within = level <= MAX_LEVEL and index < _MAX_INDEX and tile.width <= WIDTH
        if within and tile_path(tile) == path:
            return tile
    raise Malformed("ledger.tile-path", path=path[:100])


def encode_bundle(stored: bytes) -> bytes:
    """An entry bundle on the wire (`u16 length ‖ commitment` each) from its stored form."""
    prefix = HASH.to_bytes(2, "big")
    return b"".join([prefix + entry for entry in hashes_of(stored)])


def decode_bundle(data: bytes) -> list[bytes]:
    """The commitments of an entry bundle: 1 to 256 of them, 32 bytes each, or `Malformed`."""
    count, rest = divmod(len(data), _RECORD)
    if rest or not 1 <= count <= WIDTH:
        raise Malformed("ledger.bundle-length", found=len(data))
    if data[0::_RECORD] != bytes(count) or data[1::_RECORD] != bytes([HASH]) * count:
        raise Malformed("ledger.bundle-entry", expected=HASH)
    return [data[at : at + HASH] for at in range(2, len(data), _RECORD)]


def hashes_of(stored: bytes) -> list[bytes]:
    """The 32-byte values of a stored tile."""
    return [stored[at : at + HASH] for at in range(0, len(stored), HASH)]


def edge_tiles(size: int) -> list[TileId]:
    """The partial tiles of a tree of `size` entries: what an append has to read first."""
    edge = [TileId(ENTRIES, size // WIDTH, size % WIDTH)]
    level, count = 0, size
    while count:
        edge.append(TileId(level, count // WIDTH, count % WIDTH))
        level, count = level + 1, count // WIDTH
    return [tile for tile in edge if tile.width]


def bundles_between(old: int, new: int) -> Iterator[TileId]:
    """The entry bundles that bring a follower from `old` to `new` entries, in order."""
    for index in range(old // WIDTH, -(-new // WIDTH)):
        if new > old:
            yield TileId(ENTRIES, index, min(WIDTH, new - index * WIDTH))


def tiles_after_append(
    frontier: Frontier, edge: Mapping[int, bytes], commitments: Sequence[bytes]
) -> tuple[Frontier, list[Tile]]:
    """Append to a tree: the new frontier, and every tile row that is new or wider.

    `edge` holds the stored form of the `edge_tiles` of the old size, by level. A row that is
    missing or too narrow is a bug of the caller or a damaged store: `ValueError`.
    """
    leaves = [sha256(b"\x00" + commitment).digest() for commitment in commitments]
    grown, levels = frontier.grow(leaves)
    tiles: list[Tile] = []
    for level, added in [(ENTRIES, list(commitments)), *enumerate(levels)]:
        if added:
            tiles.extend(_extend(level, frontier.size, edge.get(level, b""), added))
    return grown, tiles


def _extend(level: int, size: int, stored: bytes, added: list[bytes]) -> Iterator[Tile]:
    index, width = divmod(size >> TILE_HEIGHT * max(level, 0), WIDTH)
    if len(stored) < width * HASH:
        raise ValueError(f"tile {level}/{index} is {len(stored)} bytes, needs {width * HASH}")
    data = stored[: width * HASH] + b"".join(added)
    for at in range(0, len(data), WIDTH * HASH):
        yield Tile(level, index, data[at : at + WIDTH * HASH])
        index += 1


def node_reader(read_tile: TileReader) -> NodeReader:
    """Read the nodes of a tree from its stored tiles.

    A node between the levels is hashed from the tile; tiles wider than the tree asked about do no
    harm, since what stands in them never changes.
    """

    def read(height: int, index: int) -> bytes:
        level, inside = divmod(height, TILE_HEIGHT)
        first = index << inside
        stored = read_tile(level, first // WIDTH)
        start = first % WIDTH * HASH
        nodes = hashes_of(stored[start : start + (HASH << inside)])
        if len(nodes) != 1 << inside:
            raise ValueError(f"tile {level}/{first // WIDTH} is too narrow")
        while len(nodes) > 1:
            pairs = iter(nodes)
            nodes = [node_hash(left, right) for left, right in zip(pairs, pairs, strict=True)]
        return nodes[0]

    return read
