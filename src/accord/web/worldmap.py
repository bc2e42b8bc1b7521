"""The outline of the world as one SVG path, drawn here, so that the map needs no script.

The source are two TopoJSON files of the npm package world-atlas (data of Natural Earth, in the
public domain): land alone, because borders are not ours to draw, and countries for the middle of
each. The projection is Natural Earth (Šavrič et al. 2011), cropped of Antarctica. Where the files
are missing there is no map, and the table beside it says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, pairwise
from math import radians
from pathlib import Path
from typing import Any, Final

import msgspec

from accord.node.places import country_codes

from .assets import PACKAGES

Point = tuple[float, float]  # degrees east, degrees north
Ring = list[Point]

WIDTH: Final = 2000  # of the view box
_NORTH, _SOUTH = 84.0, -58.0  # degrees
_LAND, _COUNTRIES = "land-110m.json", "countries-50m.json"
_X: Final = ((0, 0.8707), (2, -0.131979), (4, -0.013791), (10, 0.003971), (12, -0.001529))
_Y: Final = ((0, 1.007226), (2, 0.015085), (6, -0.044475), (8, 0.028874), (10, -0.005916))


class WorldMap(msgspec.Struct, frozen=True):
    """A view box (`0 0 width height`) and the path of all land in it."""

    width: int
    height: int
    land: str


class _Transform(msgspec.Struct, frozen=True):
    scale: tuple[float, float]
    translate: tuple[float, float]


class Topology(msgspec.Struct, frozen=True):
    """What is read of a TopoJSON file: arcs are lists of steps, shared between shapes."""

    transform: _Transform
    arcs: list[list[tuple[int, int]]]
    objects: dict[str, dict[str, Any]]


def place(longitude: float, latitude: float) -> tuple[int, int]:
    """Where a place (degrees) stands in the view box."""
    x, y = _project(longitude, latitude)
    _, top = _project(0, _NORTH)
    return round(WIDTH / 2 + x), round(top - y)


@cache
def world_map(folder: Path = PACKAGES) -> WorldMap | None:
    """The outline, drawn once; null where set-up could not copy the file."""
    topology = _topology(folder / _LAND)
    if topology is None:
        return None
    drawn = (_draw(part) for ring in _rings(topology, "land") for part in _visible(ring))
    return WorldMap(width=WIDTH, height=place(0, _SOUTH)[1], land="".join(drawn))


def country_place(code: str, folder: Path = PACKAGES) -> Point | None:
    """The middle of a country's largest part (ISO 3166-1 alpha-2); null when it is not known."""
    return _middles(folder).get(code)


def rings(topology: Topology, shape: dict[str, Any]) -> Iterator[Ring]:
    """The rings of a polygon, a multipolygon or a collection, in degrees."""
    kind = shape.get("type")
    if kind == "GeometryCollection":
        for part in shape["geometries"]:
            yield from rings(topology, part)
    elif kind == "Polygon":
        yield from (_ring(topology, arcs) for arcs in shape["arcs"])
    elif kind == "MultiPolygon":
        yield from (_ring(topology, arcs) for polygon in shape["arcs"] for arcs in polygon)


def cut(ring: Ring) -> Iterator[Ring]:
    """A ring as those that lie between 180° west and 180° east.

    The source lets rings run across the antimeridian as a jump of 360°. Here such a ring is first
    made continuous, and then each turn of the globe that it touches keeps its own piece.
    """
    steady = _continuous(ring)
    for turn in (-360.0, 0.0, 360.0):
        piece = [(longitude + turn, latitude) for longitude, latitude in steady]
        for side in (1, -1):
            piece = _keep(piece, side)
        if piece and _area([*piece, piece[0]]):
            yield piece


@cache
def _middles(folder: Path) -> dict[str, Point]:
    topology = _topology(folder / _COUNTRIES)
    if topology is None:
        return {}
    codes, found = country_codes(), {}
    for shape in topology.objects["countries"]["geometries"]:
        if (code := codes.get(shape.get("id", ""))) is not None:
            parts = [_continuous(ring) for ring in rings(topology, shape)]
            found[code] = _middle(max(parts, key=lambda part: abs(_area(part))))
    return found


def _topology(path: Path) -> Topology | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Topology)
    except FileNotFoundError:
        return None


def _rings(topology: Topology, name: str) -> Iterator[Ring]:
    return rings(topology, topology.objects[name])


def _ring(topology: Topology, arcs: Iterable[int]) -> Ring:
    """Arcs end to end; the complement of a number (~n) means the arc backwards."""
    found: Ring = []
    for number in arcs:
        points = _arc(topology, number if number >= 0 else ~number)
        found += (points if number >= 0 else points[::-1])[1 if found else 0 :]
    return found


def _arc(topology: Topology, number: int) -> Ring:
    steps = topology.arcs[number]
    (wide, high), (west, south) = topology.transform.scale, topology.transform.translate
    eastward = accumulate(step[0] for step in steps)
    northward = accumulate(step[1] for step in steps)
    return [(x * wide + west, y * high + south) for x, y in zip(eastward, northward, strict=True)]


def _visible(ring: Ring) -> Iterator[Ring]:
    """What of a ring is drawn: no Antarctica, whose ring is the only one around a pole."""
    if min(latitude for _, latitude in ring) > _SOUTH:
        yield from cut(ring)


def _continuous(ring: Ring) -> Ring:
    """The same ring without jumps: longitudes may leave ±180°."""
    turns, found = 0.0, ring[:1]
    for (before, _), (longitude, latitude) in pairwise(ring):
        if abs(longitude - before) > 180:
            turns += 360.0 if longitude < before else -360.0
        found.append((longitude + turns, latitude))
    return found


def _keep(ring: Sequence[Point], side: int) -> Ring:
    """The part of a ring west (1) of 180° east, or east (-1) of 180° west (Sutherland-Hodgman)."""
    found: Ring = []
    for (x0, y0), (x1, y1) in pairwise([*ring, *ring[:1]]):
        inside, then = x0 * side <= 180, x1 * side <= 180
        if inside:
            found.append((x0, y0))
        if inside != then:
            found.append((180.0 * side, y0 + (y1 - y0) * (180.0 * side - x0) / (x1 - x0)))
    return found


def _area(ring: Ring) -> float:
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(ring)) / 2


def _middle(ring: Ring) -> Point:
    """The centroid of a closed ring."""
    x = y = 0.0
    for (x0, y0), (x1, y1) in pairwise(ring):
        cross = x0 * y1 - x1 * y0
        x, y = x + (x0 + x1) * cross, y + (y0 + y1) * cross
    weight = 6 * _area(ring)
    longitude = x / weight
    return (longitude + 180) % 360 - 180, y / weight


def _project(longitude: float, latitude: float) -> Point:
    """Natural Earth projection, scaled so that the equator fills the width; y grows northward."""
    east, north = radians(longitude), radians(latitude)
    scale = WIDTH / (2 * radians(180) * _X[0][1])
    x = east * sum(factor * north**power for power, factor in _X)
    y = north * sum(factor * north**power for power, factor in _Y)
    return x * scale, y * scale


def _draw(ring: Ring) -> str:
    """A closed path in whole units, each step relative to the one before."""
    points = [place(*point) for point in ring]
    steps = [(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in pairwise(points)]
    moves = "".join(f"l{x}{y:+d}" if y < 0 else f"l{x} {y}" for x, y in steps if x or y)
    return f"M{points[0][0]} {points[0][1]}{moves}z" if moves else ""
