"""The pages of a node for a test: building an application costs more than most tests of it.

So one that is there is moved to the node of the next test, and with it the templates it has read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from litestar import Litestar

from accord.node.flows import Flows
from accord.node.node import Node
from accord.web.app import build_pages, nobody_there
from accord.web.room import Room
from accord.web.shell import FetchCard

_free: dict[tuple[object, ...], list[Litestar]] = {}


@contextmanager
def pages_of(
    node: Node,
    rooms: Sequence[Room],
    *,
    encrypted: bool = False,
    fetch_card: FetchCard = nobody_there,
) -> Iterator[Litestar]:
    """The pages of this node, for one test alone; streams of fragments stay with the first node."""
    free = _free.setdefault((encrypted, *(room.name for room in rooms)), [])
    if free:
        pages = free.pop()
        shell = pages.state.shell
        shell.node, shell.flows, shell.fetch_card = node, Flows(node), fetch_card
    else:
        pages = build_pages(node, rooms, encrypted=encrypted, fetch_card=fetch_card)
    yield pages
    free.append(pages)
