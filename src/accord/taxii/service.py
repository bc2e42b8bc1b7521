"""Taking from all sources for as long as the node is served, each on its own schedule.

What was last tried is in the store, so a restart asks nobody more often than was agreed. A source
at fault is tried again after a minute, then ever less often, down to its own schedule.
"""

from __future__ import annotations

import asyncio
import logging

from accord.base.errors import MachineFault
from accord.node.node import Node
from accord.node.sources import list_sources
from accord.store.records import SourceRow

from .client import Connect, SourceFault, connect_http
from .rounds import Round, take_round

log = logging.getLogger(__name__)

_LOOK_SECONDS = 10.0  # between two looks at which source is due
_FIRST_PAUSE = 60.0  # seconds after a fault, doubled each time
_AT_ONCE = 4  # sources that are read at the same time
_MICROS = 1_000_000


class SourceService:
    """Started and stopped with the server, in its event loop."""

    def __init__(
        self, node: Node, connect: Connect = connect_http, *, look: float = _LOOK_SECONDS
    ) -> None:
        self._node = node
        self._connect = connect
        self._look = look
        self._task: asyncio.Task[None] | None = None
        self._rounds: dict[int, asyncio.Task[Round]] = {}
        self._faulty: dict[int, float] = {}  # how long each rests that is at fault, in seconds

    async def start(self) -> None:
        """Begin to take. Returns at once; faults are told in `source list`."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End all rounds; what a page brought is kept with its position, or not at all."""
        tasks = [task for task in (self._task, *self._rounds.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._rounds.clear()

    async def _run(self) -> None:
        while True:
            self._finish()
            try:
                rows = await asyncio.to_thread(list_sources, self._node)
            except MachineFault as fault:
                log.warning("sources: %s", fault)
                rows = []
            for row in sorted(rows, key=lambda row: row.tried or 0):  # nobody starves the others
                if len(self._rounds) < _AT_ONCE and self._due(row):
                    taking = take_round(self._node, row, self._connect)
                    self._rounds[row.id] = asyncio.create_task(taking)
            await asyncio.sleep(self._look)

    def _due(self, row: SourceRow) -> bool:
        if row.id in self._rounds:
            return False
        if row.tried is None:
            return True
        pause = self._faulty.get(row.id, row.minutes * 60.0)
        since = (self._node.micros() - row.tried) / _MICROS
        return since < 0 or since >= pause  # tried in the future: the clock was put back

    def _finish(self) -> None:
        """Look at the rounds that have ended: what nobody foresaw is told, and the source rests."""
        for source, task in list(self._rounds.items()):
            if not task.done():
                continue
            del self._rounds[source]
            error = None if task.cancelled() else task.exception()
            if error is not None:
                log.error("taking from source %d failed", source, exc_info=error)
                self._rest(source, None)
            elif not task.cancelled():
                done = task.result()
                if done.fault is None:
                    self._faulty.pop(source, None)
                else:
                    asked = done.fault.retry_after if isinstance(done.fault, SourceFault) else None
                    self._rest(source, asked, done.source.minutes * 60.0)

    def _rest(self, source: int, asked: float | None, most: float = 3600.0) -> None:
        pause = min(self._faulty.get(source, _FIRST_PAUSE / 2) * 2, most)
        self._faulty[source] = max(pause, asked or 0.0)
