"""What changes under one's eyes: parts of pages, sent by server-sent events as the store changes.

A fragment is rendered once for all who would see the same, however many watch; only what differs
from what was sent before is sent. Without JavaScript nothing is lost: the page holds the same part.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Hashable

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import ServerSentEvent, ServerSentEventMessage

from accord.base.errors import AccordError, DeniedError, NotFoundError
from accord.node.changes import Changes
from accord.node.events import reason_of, tell

from .room import Fragment
from .shell import Shell
from .visit import Visit

log = logging.getLogger(__name__)

_PAUSE = 0.25  # seconds between two looks: what many commits change is sent once
_BREATH = 20.0  # seconds after which silence is broken, so that proxies keep the line open
_LIFE = 600.0  # seconds after which the browser asks again, and who it is is looked up anew
_STOP_SECONDS = 0.5  # a stopping server waits no longer than this for those who watch


class _Watcher:
    def __init__(self, name: str, fragment: Fragment, visit: Visit, about: str) -> None:
        self.fragment = fragment
        self.visit = visit
        self.about = (about,) if fragment.concerns else ()
        scope = visit.reader.scope
        person = visit.reader.name if fragment.personal else ""
        level = (scope.tlp, scope.roles, scope.agreements, scope.circles)
        self.key: Hashable = (name, self.about, visit.manner, level, person)
        self.queue: asyncio.Queue[str] = asyncio.Queue(maxsize=1)
        self.sent: str | None = None

    def offer(self, html: str) -> None:
        """The newest state takes the place of one that was not taken yet."""
        if html == self.sent:
            return
        if self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(html)


class Live:
    """Used from one event loop. Its task runs while somebody watches."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._changes = Changes(shell.node.store)
        self._watchers: set[_Watcher] = set()
        self._watching: asyncio.Task[None] | None = None

    def __deepcopy__(self, memo: object) -> Live:
        return self

    async def follow(
        self, name: str, visit: Visit, about: str
    ) -> AsyncIterator[ServerSentEventMessage]:
        """The fragment as it is now, and again whenever it has become another."""
        watcher = _Watcher(name, self._shell.fragments[name], visit, about)
        self._watchers.add(watcher)
        self._watch()
        silent, ends = 0.0, time.monotonic() + _LIFE
        try:
            while not self._shell.node.stopping and time.monotonic() < ends:
                try:
                    html = await asyncio.wait_for(watcher.queue.get(), _STOP_SECONDS)
                except TimeoutError:
                    silent += _STOP_SECONDS
                    if silent >= _BREATH:
                        silent = 0.0
                        yield ServerSentEventMessage(comment="")
                    continue
                silent, watcher.sent = 0.0, html
                yield ServerSentEventMessage(event="part", data=html)
        finally:
            self._forget(watcher)

    def _forget(self, watcher: _Watcher) -> None:
        self._watchers.discard(watcher)
        if not self._watchers and self._watching is not None:
            self._watching.cancel()
            self._watching = None

    def _watch(self) -> None:
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._look_on())
        else:
            self._changes.ring()  # it has to render for who has just come

    async def _look_on(self) -> None:
        async for _ in self._changes:
            by_key: dict[Hashable, list[_Watcher]] = {}
            for watcher in self._watchers:
                by_key.setdefault(watcher.key, []).append(watcher)
            for alike in by_key.values():
                html = await asyncio.to_thread(_rendered, alike[0])
                if html is not None:
                    for watcher in alike:
                        watcher.offer(html)
            await asyncio.sleep(_PAUSE)


def _rendered(watcher: _Watcher) -> str | None:
    """The fragment for this reader; null when it cannot be had now: what is shown stays."""
    old = watcher.visit
    visit = Visit(old.shell, old.visitor, old.manner, path=old.path, csrf=old.csrf, htmx=True)
    try:
        return watcher.fragment.render(visit, *watcher.about)
    except AccordError as error:
        tell(log, logging.WARNING, "live-failed", reason=reason_of(error))
        return None


def live_route(shell: Shell) -> HTTPRouteHandler:
    """`/live/<fragment>?about=…`: a stream of `part` events, each with the fragment's HTML."""
    live = Live(shell)

    @get("/live/{name:str}", opt={"needs": "signed-in"}, sync_to_thread=False)
    def follow(visit: Visit, name: FromPath[str], about: str = "") -> ServerSentEvent:
        fragment = shell.fragments.get(name)
        if fragment is None:
            raise NotFoundError("web.no-such-page")
        if not visit.may(fragment.needs):
            raise DeniedError("web.not-allowed", roles=", ".join(sorted(visit.reader.scope.roles)))
        return ServerSentEvent(live.follow(name, visit, about))

    return follow
