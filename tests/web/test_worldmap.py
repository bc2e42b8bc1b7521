"""The outline of the world: real land, cut at the antimeridian, small, and in whole numbers."""

from __future__ import annotations

import gzip
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.web.worldmap import Ring, WorldMap, country_place, cut, place, world_map

KIB = 1024


@pytest.fixture(scope="module")
def files(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two files as set-up copies them."""
    folder = tmp_path_factory.mktemp("assets")
    shutil.copy(shared_data / "map" / "land-110m.json", folder)
    packed = (shared_data / "map" / "countries-50m.json.gz").read_bytes()
    (folder / "countries-50m.json").write_bytes(gzip.decompress(packed))
    return folder


@pytest.fixture(scope="module")
def world(files: Path) -> WorldMap:
    found = world_map(files)
    assert found is not None
    return found


def points(land: str) -> list[list[tuple[int, int]]]:
    """The path followed: one list of absolute points for each ring."""
    found = []
    for ring in land.removesuffix("z").split("z"):
        x, y = 0, 0
        line = []
        for dx, dy in re.findall(r"(-?\d+)[ ]?(-?\d+)", ring):
            x, y = x + int(dx), y + int(dy)
            line.append((x, y))
        found.append(line)
    return found


def test_the_outline_is_small_and_nothing_but_a_path(world: WorldMap) -> None:
    assert len(world.land) < 60 * KIB
    assert re.fullmatch(r"(M\d+ \d+(l-?\d+ ?-?\d+)+z)+", world.land)


def test_all_land_lies_in_the_view_box_and_no_line_runs_across_it(world: WorldMap) -> None:
    rings = points(world.land)
    assert len(rings) > 100
    for ring in rings:
        assert all(0 <= x <= world.width and 0 <= y <= world.height for x, y in ring)
        steps = pairwise([*ring, ring[0]])
        assert all(abs(x1 - x0) < world.width / 10 for (x0, _), (x1, _) in steps)


@pytest.mark.parametrize(
    "longitude, latitude, land",
    [
        (104.0, 35.0, True),  # Gansu
        (37.6, 55.7, True),  # Moscow
        (-172.5, 66.0, True),  # Chukotka, beyond the antimeridian
        (134.0, -25.0, True),  # Australia
        (-100.0, 40.0, True),
        (0.0, 0.0, False),
        (-150.0, 20.0, False),
        (80.0, -30.0, False),
        (50.5, 41.0, False),  # the Caspian, a hole
    ],
)
def test_land_is_where_it_is(
    world: WorldMap, longitude: float, latitude: float, land: bool
) -> None:
    x, y = place(longitude, latitude)
    assert is_inside(x, y, points(world.land)) == land


def is_inside(x: float, y: float, rings: list[list[tuple[int, int]]]) -> bool:
    """By the even-odd rule, as the page fills it."""
    crossings = 0
    for ring in rings:
        for (x0, y0), (x1, y1) in pairwise([*ring, ring[0]]):
            if (y0 > y) != (y1 > y) and x < x0 + (x1 - x0) * (y - y0) / (y1 - y0):
                crossings += 1
    return crossings % 2 == 1


@pytest.mark.parametrize(
    "code, longitude, latitude",
    [("CN", 104, 36), ("RU", 97, 62), ("UZ", 63, 42), ("SG", 104, 1), ("FJ", 178, -18)],
)
def test_the_middle_of_a_country_is_known(
    files: Path, code: str, longitude: float, latitude: float
) -> None:
    found = country_place(code, files)
    assert found is not None
    assert found[0] == pytest.approx(longitude, abs=5)
    assert found[1] == pytest.approx(latitude, abs=3)


def test_without_the_files_there_is_no_map_and_no_place(tmp_path: Path) -> None:
    assert world_map(tmp_path) is None
    assert country_place("CN", tmp_path) is None


def test_a_country_that_is_none_has_no_place(files: Path) -> None:
    assert country_place("XX", files) is None


@given(
    west=st.floats(-180, 179),
    width=st.floats(1, 170),
    south=st.floats(-50, 40),
    height=st.floats(1, 40),
)
def test_cutting_loses_nothing_and_leaves_nothing_beyond_180_degrees(
    west: float, width: float, south: float, height: float
) -> None:
    """Rectangles in small steps, which jump at the antimeridian as the source's rings do."""
    east = [west + width * step / 4 for step in range(5)]
    line = [(x, south) for x in east] + [(x, south + height) for x in reversed(east)]
    ring = [(x - 360 if x > 180 else x, y) for x, y in [*line, line[0]]]
    pieces = list(cut(ring))
    assert sum(map(area, pieces)) == pytest.approx(width * height, rel=1e-6)
    assert all(-180 <= x <= 180 for piece in pieces for x, _ in piece)


def area(ring: Ring) -> float:
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise([*ring, ring[0]]))) / 2
