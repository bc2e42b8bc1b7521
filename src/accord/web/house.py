"""All rooms, in the order of the menu; later kinds of work move in here."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache

import msgspec
from litestar.handlers import HTTPRouteHandler

from .manner import SHELL
from .room import Needs, Room

_ROOMS = (
    "people",
    "situation",
    "intelligence",
    "publishing",
    "agreements",
    "council",
    "members",
    "inspection",
    "upkeep",
    "help",
)


class Door(msgspec.Struct, frozen=True):
    """One page or action: what the test of the whole matrix tries with every role."""

    room: str
    method: str
    path: str
    needs: Needs | None
    example: str


@cache
def rooms() -> tuple[Room, ...]:
    """Every room, the shell's own pages first."""
    found = [importlib.import_module(f"accord.web.{name}.room").ROOM for name in _ROOMS]
    return (SHELL, *found)


def doors() -> Iterator[Door]:
    """Every page and action of every room."""
    for room in rooms():
        for handler in room.handlers:
            yield from _doors_of(room, handler)


def _doors_of(room: Room, handler: HTTPRouteHandler) -> Iterator[Door]:
    for path in handler.paths:
        for method in sorted(handler.http_methods):
            needs, example = handler.opt.get("needs"), handler.opt.get("example", "")
            yield Door(room.name, str(method), path, needs, example)
