"""Hearing of commits: at once when they are of this process, within 50 ms when of another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from accord.store.store import Store

POLL_SECONDS = 0.05  # another process, such as a publishing command, cannot ring: we look


class Changes:
    """Yields whenever the store may have changed. One listener at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listening: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        store.on_commit(self.ring)

    def ring(self) -> None:
        """Have the listener look, from any thread."""
        listening = self._listening
        if listening is None or listening[0].is_closed():
            return
        loop, event = listening
        loop.call_soon_threadsafe(event.set)

    async def __aiter__(self) -> AsyncIterator[None]:
        """At once for the first time, then after every change."""
        event = asyncio.Event()
        self._listening = (asyncio.get_running_loop(), event)
        number = await asyncio.to_thread(self._store.change_number)
        yield
        while True:
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await event.wait()
            except TimeoutError:
                found = await asyncio.to_thread(self._store.change_number)
                if found == number:
                    continue
                number = found
            event.clear()
            yield
