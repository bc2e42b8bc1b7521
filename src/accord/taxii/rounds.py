"""One round with a source: page after page, until it says that there is no more.

Where to go on is kept in the same commit as each page, so a round may be broken off anywhere.
Three things move it: the server's word for the next page (`next`), the latest date_added that it
told (X-TAXII-Date-Added-Last), and, where it gives neither, nothing: then the round ends with a
fault. A server can make a round long, up to the limits, and never endless.
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
        await asyncio.to_thread(note_contact, node, row)
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
        self._asked: set[int] = set()  # hashes: what the server says may be long
        self._empty = 0

    async def read(self, client: SourceClient) -> None:
        limits = self.node.limits
        while True:
            self._check_bounds()
            page = await self._page(client)
            given = self._given(page)
            if page.more and hash((given.since, given.next)) in self._asked:
                await self._begin_anew()
                raise SourceFault("taxii.source-circle")
            self.row, taken = await asyncio.to_thread(take_page, self.node, self.row, given)
            self.taken = self.taken.plus(taken)
            if not page.more:
                return
            self._empty = 0 if page.objects else self._empty + 1
            if self._empty >= _EMPTY_PAGES:
                raise SourceFault("taxii.source-empty-pages", count=self._empty)
            if self.taken.given >= limits.source_round_objects:
                raise SourceFault("taxii.source-round", limit=limits.source_round_objects)

    def _check_bounds(self) -> None:
        limits = self.node.limits
        if self.taken.pages >= limits.source_round_pages:
            raise SourceFault("taxii.source-round-pages", limit=limits.source_round_pages)
        if self.row.bytes >= limits.source_bytes:
            raise SourceFault("taxii.source-quota", limit=limits.source_bytes)

    async def _page(self, client: SourceClient) -> Page:
        """The page at the position; where the server forgot its own `next`, by date instead."""
        self._asked.add(hash((self.row.since, self.row.next)))
        try:
            return await client.page(self.row.since, self.row.next)
        except NextUnknown:
            await self._begin_anew()
            self._asked.add(hash((self.row.since, None)))
            return await client.page(self.row.since, None)

    def _given(self, page: Page) -> Given:
        """The page with the position behind it. Raises `SourceFault` where that is no further."""
        added = None if page.last is None else as_since(page.last)
        told = "" if added is None else min(added, as_since(self.node.now()))  # no skipping ahead
        last, since, following = max(self.row.last, told), self.row.since, page.next
        if not page.more:
            since, following = last or since, None
        elif following is None:  # section 3.7 lets a server leave it out
            if told <= since:
                raise SourceFault("taxii.source-stuck")
            since = told
        return Given(raws=page.objects, added=added, since=since, next=following, last=last)

    async def _begin_anew(self) -> None:
        """Go on by date: from just before the latest that was told, so that equal ones come, too."""
        since = _before(self.row.last) or self.row.since
        self.row = await asyncio.to_thread(set_position, self.node, self.row, since)


def _before(last: str) -> str:
    return as_since(parse_time(last) - _BEFORE) if last else ""
