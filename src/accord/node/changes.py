"""Hearing of commits in the event loop, whichever process or host they are of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from accord.store.store import Store


class Changes:
    """Yields whenever the store may have changed. One listener at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._heard = False
        self._listening: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

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
        if not self._heard:
            self._heard = True
            self._store.on_change(self.ring)
        yield
        while True:
            await event.wait()
            event.clear()
            yield
