"""Paths, bundles and rows of tiles, as C2SP tlog-tiles has them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accord.ledger.faults import Malformed
from accord.ledger.tiles import (
    ENTRIES,
    TileId,
    bundles_between,
    decode_bundle,
    edge_tiles,
    encode_bundle,
    hashes_of,
    parse_tile_path,
    tile_path,
    tiles_after_append,
)
from accord.ledger.tree import Frontier
from tests.ledger.builders import Ledger, Member, seed


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TileId(0, 1234067, 256), "tile/0/x001/x234/067"),  # the specification's example
        (TileId(0, 0, 256), "tile/0/000"),
        (TileId(63, 999, 1), "tile/63/999.p/1"),
        (TileId(1, 1000, 255), "tile/1/x001/000.p/255"),
        (TileId(ENTRIES, 273, 112), "tile/entries/273.p/112"),
    ],
)
def test_paths_are_written_as_specified(tile: TileId, path: str) -> None:
    assert tile_path(tile) == path
    assert parse_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "", "tile/0/0", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/0/x000/001",
        "tile/0/001/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
        "tile/0/000.p/", "/tile/0/000", "tile/0/000\n", "tile/data/000", "tile/0/x1/000",
        "tile/0/٠٠٠", "tile/0/" + "x999/" * 8 + "999", "tile/0/../000",
    ],
)  # fmt: skip
def test_any_other_path_is_refused(path: str) -> None:
    with pytest.raises(Malformed):
        parse_tile_path(path)


@given(st.text("tile/enrsx0123456789.p", max_size=30))
@example("tile/0/x001/x234/067.p/3")
def test_a_path_that_is_accepted_is_the_one_that_is_written(path: str) -> None:
    try:
        tile = parse_tile_path(path)
    except Malformed:
        return
    assert tile_path(tile) == path


def test_the_specifications_tree_of_70000_has_these_partial_tiles() -> None:
    assert edge_tiles(70_000) == [
        TileId(ENTRIES, 273, 112), TileId(0, 273, 112), TileId(1, 1, 17), TileId(2, 0, 1),
    ]  # fmt: skip
    assert edge_tiles(256) == [TileId(1, 0, 1)]
    assert edge_tiles(0) == []


def test_rows_hold_what_the_tiles_of_the_specification_hold() -> None:
    ledger = Ledger(Member("Tiles"))
    ledger.fill(1000)
    read = ledger.reader()
    assert len(ledger.tiles[1, 0]) == 3 * 32
    assert hashes_of(ledger.tiles[1, 0])[2] == read(8, 2)
    assert hashes_of(ledger.tiles[ENTRIES, 3])[5] == ledger.commitments[773]
    assert set(ledger.tiles) == {
        (level, number) for level in (ENTRIES, 0) for number in range(4)
    } | {(1, 0)}


def test_a_follower_asks_for_the_bundles_it_lacks() -> None:
    assert list(bundles_between(5, 5)) == []
    assert list(bundles_between(256, 256)) == []
    assert list(bundles_between(0, 1)) == [TileId(ENTRIES, 0, 1)]
    assert list(bundles_between(255, 600)) == [
        TileId(ENTRIES, 0, 256), TileId(ENTRIES, 1, 256), TileId(ENTRIES, 2, 88),
    ]  # fmt: skip


@given(st.integers(1, 256))
def test_bundles_come_back_as_they_were(width: int) -> None:
    commitments = [seed(str(place)) for place in range(width)]
    assert decode_bundle(encode_bundle(b"".join(commitments))) == commitments


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x20" + bytes(31),
        b"\x00\x20" + bytes(33),
        b"\x00\x21" + bytes(32),
        b"\x01\x20" + bytes(32),
        (b"\x00\x20" + bytes(32)) * 257,
        b"\x00\x20" + bytes(32) + b"\x00",
    ],
)
def test_a_bundle_of_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode_bundle(data)


def test_an_append_on_a_damaged_edge_is_refused() -> None:
    ledger = Ledger(Member("Edge"))
    ledger.fill(3)
    with pytest.raises(ValueError, match="needs 96"):
        tiles_after_append(ledger.frontier, {ENTRIES: bytes(96), 0: bytes(64)}, [seed("x")])
    assert tiles_after_append(Frontier(), {}, []) == (Frontier(), [])
