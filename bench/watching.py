"""Many people who have the same page open: how soon all of them see what is new, and what it costs
the node in memory.
"""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit

import msgspec

from accord.node.accounts import NewAccount, account_row, put_account
from accord.node.entering import NOWHERE, begin_session
from accord.node.publish import publish
from accord.store.transaction import Transaction
from tests.browser.happening import fresh
from tests.browser.seeding import Story, order_under
from tests.browser.served import PASSWORD, Site

from .figures import Bar, Figure, of_runs, of_tries

SEEN = Bar(text="≤ 1 s", at_most=1000)
GROWN = Bar(text="≤ 60 MB", at_most=60)
_FRAGMENT = "/live/situation-news"
_TELLINGS = 5
_AT_ONCE = 10  # people who open the page
_PATIENCE = 600.0  # seconds
_MEGABYTE = 1_000_000


class _Watcher(msgspec.Struct):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    came: float = 0.0

    async def look_on(self, text: bytes) -> None:
        """Note when `text` came."""
        seen = b""
        while text not in seen:
            part = await self.reader.read(65_536)
            if not part:
                raise RuntimeError("a watched page was closed")
            seen = seen[-len(text) :] + part
        self.came = time.perf_counter()


async def watched(story: Story, site: Site, people: int) -> list[Figure]:
    """Everybody has the same page open; a new entry is told a few times over."""
    cookies = await asyncio.to_thread(_sessions, site, people)
    before = site.memory
    watchers: list[_Watcher] = []
    for first in range(0, people, _AT_ONCE):
        some = cookies[first : first + _AT_ONCE]
        watchers += await asyncio.gather(*(_open(site, cookie) for cookie in some))
    taken: list[float] = []
    for number in range(_TELLINGS):
        name = f"Told to all {number}"
        raw = fresh(story["meridia"].now(), name)
        looking = [asyncio.create_task(each.look_on(name.encode())) for each in watchers]
        await asyncio.sleep(1)
        start = time.perf_counter()
        await asyncio.to_thread(publish, story["meridia"], [raw], order_under(story))
        await asyncio.wait_for(asyncio.gather(*looking), _PATIENCE)
        taken += [(each.came - start) * 1000 for each in watchers]
    grown = (site.memory - before) / _MEGABYTE
    for each in watchers:
        each.writer.close()
    title = f"a new entry on the pages of {people} people"
    return [
        of_tries("watched", title, "ms", SEEN, taken),
        of_runs(
            "watched-memory", f"memory that {people} people take of the node", "MB", GROWN, [grown]
        ),
    ]


def _sessions(site: Site, people: int) -> list[str]:
    """The sessions of so many analysts, each with an account of their own."""
    wanted = NewAccount(name="watcher", roles=["analyst"], password=PASSWORD, must_change=False)
    row, _ = account_row(site.node, wanted)

    def job(tx: Transaction) -> list[str]:
        names = [f"watcher-{number}" for number in range(people)]
        for name in names:
            put_account(tx, msgspec.structs.replace(row, name=name))
        return [begin_session(site.node, tx, name, NOWHERE).cookie for name in names]

    return site.node.write(job)


async def _open(site: Site, cookie: str) -> _Watcher:
    parts = urlsplit(site.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    lines = [
        f"GET {_FRAGMENT} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Cookie: {site.session}={cookie}",
    ]
    writer.write("\r\n".join([*lines, "Accept: text/event-stream", "", ""]).encode())
    await reader.readuntil(b"event: part")
    return _Watcher(reader, writer)
