"""One round with a source: page after page, until it says that there is no more.

Where to go on is kept in the same commit as each page, so a round may be broken off anywhere.
Three things move it: the server's word for the next page (`next`), the latest date_added that it
told (X-TAXII-Date-Added-Last), and, where it gives neither, nothing: then the round ends with a
fault. A server can make a round long, up to the limits, and never endless. ADR 17 says why `next`
is not always kept.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec

from accord.base.clock import parse_time
from accord.base.errors import AccordError, ConflictError, MachineFault
from accord.node.node import Node
from accord.node.sources import note_contact, note_fault, note_try
from accord.node.taking import Given, Taken, set_position, take_page
from accord.store.records import SourceRow

from .client import Connect, NextUnknown, Page, SourceClient, SourceFault, as_since, connect_http

_EMPTY_PAGES = 3  # with more to come; an honest server filters what this reader may not see
_BEFORE = timedelta(microseconds=1)

_Request = tuple[str, str | None]  # added_after, next


class Round(msgspec.Struct, frozen=True):
    """What a round brought, and the fault that ended it, if one did."""

    source: SourceRow
    taken: Taken
    fault: AccordError | None = None


async def take_round(node: Node, row: SourceRow, connect: Connect = connect_http) -> Round:
    """Take all that a source has for us now. What was taken before a fault is kept.

    A fault is put on record and returned. Raises `MachineFault` for one of this machine.
    """
    reading = _Reading(node, row)
    fault: AccordError | None = None
    try:
        await asyncio.to_thread(note_try, node, row)
        client = connect(node, row)
        try:
            await reading.read(client)
        finally:
            await client.close()
        await asyncio.to_thread(note_contact, node, row, reading.taken.faults)
    except MachineFault:
        raise
    except AccordError as error:
        fault = error
        if not isinstance(error, ConflictError):  # somebody else is taking from it: no fault
            await asyncio.to_thread(note_fault, node, row, error.message)
    return Round(reading.row, reading.taken, fault)


class _Reading:
    """A round under way."""

    def __init__(self, node: Node, row: SourceRow) -> None:
        self.node = node
        self.row = row
        self.taken = Taken()
        self._request = (row.since, row.next)
        self._seen: set[int] = set()  # requests with their pages, as hashes: they may be large
        self._empty = 0

    async def read(self, client: SourceClient) -> None:
        limits, clock = self.node.limits, asyncio.get_running_loop().time
        until = clock() + limits.source_round_seconds
        while True:
            self._check_bounds()
            page = await self._page(client)
            following, given = self._given(page)
            await self._check_circle(page)
            self.row, taken = await asyncio.to_thread(take_page, self.node, self.row, given)
            self.taken = self.taken.plus(taken)
            if not page.more:
                return
            self._request = following
            self._empty = 0 if page.objects else self._empty + 1
            if self._empty >= _EMPTY_PAGES:
                raise SourceFault("taxii.source-empty-pages", pages=self._empty)
            if self.taken.given >= limits.source_round_objects:
                raise SourceFault("taxii.source-round", limit=limits.source_round_objects)
            if clock() > until:
                seconds = int(limits.source_round_seconds)
                raise SourceFault("taxii.source-round-seconds", seconds=seconds)

    def _check_bounds(self) -> None:
        limits = self.node.limits
        if self.taken.pages >= limits.source_round_pages:
            raise SourceFault("taxii.source-round-pages", limit=limits.source_round_pages)
        if self.row.bytes >= limits.source_bytes:
            raise SourceFault("taxii.source-quota", limit=limits.source_bytes)

    async def _page(self, client: SourceClient) -> Page:
        """The next page; where the server forgot its own `next`, by date instead."""
        try:
            return await client.page(*self._request)
        except NextUnknown:
            await self._begin_anew()
            return await client.page(*self._request)

    def _given(self, page: Page) -> tuple[_Request, Given]:
        """What to ask for next, and the page with where to go on if the round breaks off here.

        The two differ where `next` may stand for something that the server remembers: the same
        word then names another page each time, and an answer that was lost is not given again.
        Only a word that changed from page to page is kept; otherwise the date is.
        Raises `SourceFault` where there is more and no way to it.
        """
        since, word = self._request
        added = None if page.last is None else as_since(page.last)
        told = "" if added is None else min(added, as_since(self.node.now()))  # no skipping ahead
        last = max(self.row.last, told)
        following: _Request = (since, page.next)
        if not page.more:
            following = (last or since, None)
        elif page.next is None:  # section 3.7 lets a server leave it out
            if told <= since:
                raise SourceFault("taxii.source-stuck")
            following = (told, None)
        kept = following
        if page.more and last and (word is None or word == page.next):
            kept = (max(since, _before(last)), None)
        return following, Given(
            raws=page.objects, added=added, since=kept[0], next=kept[1], last=last
        )

    async def _check_circle(self, page: Page) -> None:
        """Raises `SourceFault` when the same request was answered with the same page before."""
        seen = hash((self._request, tuple(page.objects)))
        if page.more and seen in self._seen:
            await self._begin_anew()
            raise SourceFault("taxii.source-circle")
        self._seen.add(seen)

    async def _begin_anew(self) -> None:
        """Go on by date, from just before the latest that was told: equal ones come again."""
        since = _before(self.row.last) or self.row.since
        self.row = await asyncio.to_thread(set_position, self.node, self.row, since)
        self._request = (since, None)


def _before(last: str) -> str:
    return as_since(parse_time(last) - _BEFORE) if last else ""
