"""Waiting for what should happen, and measuring when it did."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

from accord.base.errors import AccordError
from accord.node.transfers import list_transfers

from .community import Member

PATIENCE = 60.0  # seconds, for what should take a few at most
_PAUSE = 0.005


class StoryFault(AccordError):
    """Something did not happen as it must. The demonstration ends and says what."""


class Inbox:
    """What one member made of another's entries, as its own record of transfers tells it."""

    def __init__(self, reader: Member, author: Member) -> None:
        self.reader = reader
        self._origin = author.node.origin
        self._last: dict[int, str] = {}
        self._seen = 0

    def look(self) -> None:
        """Read what came in since the last look."""
        for line in list_transfers(self.reader.node, after=self._seen):
            self._seen = line.seq
            if line.origin == self._origin and line.direction != "out":
                self._last[line.index] = line.direction

    def count(self, places: Collection[int], direction: str) -> int:
        """How many of these entries came in (`in`), wait (`held`) or were `refused`."""
        return sum(self._last.get(place) == direction for place in places)


def wait_for(
    inboxes: Sequence[Inbox],
    places: Collection[int],
    direction: str,
    meanwhile: Callable[[], None] = lambda: None,
    patience: float = PATIENCE,
) -> dict[str, float]:
    """Wait until every inbox has all of `places`; for each reader, when (of `time.monotonic`).

    Raises `StoryFault` when nothing more came for `patience` seconds, and `MachineFault` when a
    node's process has ended.
    """
    done: dict[str, float] = {}
    progress, changed = -1, time.monotonic()
    while True:
        counts = {inbox.reader.slug: _look(inbox, places, direction) for inbox in inboxes}
        now = time.monotonic()
        for slug, count in counts.items():
            if count == len(places):
                done.setdefault(slug, now)
        meanwhile()
        if len(done) == len(inboxes):
            return done
        if sum(counts.values()) > progress:
            progress, changed = sum(counts.values()), now
        elif now - changed > patience:
            _give_up(inboxes, counts, len(places), patience)
        time.sleep(_PAUSE if len(places) == 1 else 10 * _PAUSE)


def until(condition: Callable[[], bool], fault: str, patience: float = PATIENCE) -> float:
    """Wait for a condition; the seconds it took. Raises `StoryFault` with the key `fault`."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > patience:
            raise StoryFault(fault, seconds=int(patience))
        time.sleep(4 * _PAUSE)
    return time.monotonic() - begun


def expect(condition: bool, fault: str) -> None:
    """Raise `StoryFault` with the key `fault` unless it is so."""
    if not condition:
        raise StoryFault(fault)


def _look(inbox: Inbox, places: Collection[int], direction: str) -> int:
    inbox.look()
    return inbox.count(places, direction)


def _give_up(
    inboxes: Sequence[Inbox], counts: dict[str, int], wanted: int, patience: float
) -> None:
    for inbox in inboxes:
        inbox.reader.check_alive()
        found = counts[inbox.reader.slug]
        if found < wanted:
            raise StoryFault(
                "demo.fault-not-received",
                name=inbox.reader.name,
                found=found,
                wanted=wanted,
                seconds=int(patience),
            )
