"""What changes under one's eyes: parts of pages, sent by server-sent events as the store changes.

A fragment is rendered once for all who would see the same, however many watch; only what differs
from what was sent before is sent. Without JavaScript nothing is lost: the page holds the same part.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Hashable, Iterable, Sequence

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import ServerSentEvent, ServerSentEventMessage
from litestar.status_codes import HTTP_204_NO_CONTENT

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
_STEP = 0.5  # seconds between two looks at who waits for a sign of life; a stop takes no longer

_Part = str | None  # HTML, nothing new (""), or the end (null)


class _Watcher:
    def __init__(self, name: str, fragment: Fragment, visit: Visit, about: str) -> None:
        self.fragment = fragment
        self.visit = visit
        self.about = (about,) if fragment.concerns else ()
        scope = visit.reader.scope
        level = (scope.tlp, scope.roles, scope.agreements, scope.circles)
        self.level: Hashable = (name, self.about, visit.manner, level)
        self.queue: asyncio.Queue[_Part] = asyncio.Queue(maxsize=1)
        self.offered: _Part = None
        self.heard = time.monotonic()
        self.ends = self.heard + _LIFE

    def offer(self, html: str) -> None:
        """The newest state takes the place of one that was not taken yet."""
        if html != self.offered:
            self.offered = html
            self.put(html)

    def put(self, part: _Part) -> None:
        if self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(part)
        self.heard = time.monotonic()


class Live:
    """Used from one event loop. Its tasks run while somebody watches."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._changes = Changes(shell.node.store)
        self._watchers: set[_Watcher] = set()
        self._come = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def __deepcopy__(self, memo: object) -> Live:
        return self

    def has_room(self, visit: Visit) -> bool:
        """Whether the reader may watch one more page; the pages themselves can always be read."""
        name = visit.reader.name
        watched = sum(each.visit.reader.name == name for each in self._watchers)
        return watched < self._shell.node.limits.watched_pages

    async def follow(
        self, name: str, visit: Visit, about: str
    ) -> AsyncIterator[ServerSentEventMessage]:
        """The fragment as it is now, and again whenever it has become another."""
        watcher = _Watcher(name, self._shell.fragments[name], visit, about)
        self._watchers.add(watcher)
        self._watch()
        self._come.set()
        try:
            while (html := await watcher.queue.get()) is not None:
                if html:
                    yield ServerSentEventMessage(event="part", data=html)
                else:
                    yield ServerSentEventMessage(comment="")
        finally:
            self._forget(watcher)

    def _forget(self, watcher: _Watcher) -> None:
        self._watchers.discard(watcher)
        if not self._watchers:
            while self._tasks:
                self._tasks.pop().cancel()

    def _watch(self) -> None:
        if not self._tasks or any(task.done() for task in self._tasks):
            for task in self._tasks:
                task.cancel()
            jobs = (self._look_on, self._welcome, self._keep_up)
            self._tasks = [asyncio.create_task(each()) for each in jobs]

    async def _look_on(self) -> None:
        async for _ in self._changes:
            await _show(list(self._watchers))
            await asyncio.sleep(_PAUSE)

    async def _welcome(self) -> None:
        """What there is for those who have just come: all of them, after a restart."""
        while True:
            await self._come.wait()
            self._come.clear()
            newcomers = [each for each in self._watchers if each.offered is None]
            await _show(newcomers, first=True)
            await asyncio.sleep(_PAUSE)

    async def _keep_up(self) -> None:
        """Break long silences, and end what lasted long enough or is in the way of a stop."""
        while True:
            await asyncio.sleep(_STEP)
            now = time.monotonic()
            for watcher in self._watchers:
                if self._shell.node.stopping or now >= watcher.ends:
                    watcher.put(None)
                elif now - watcher.heard >= _BREATH and watcher.queue.empty():
                    watcher.put("")


async def _show(watchers: Sequence[_Watcher], *, first: bool = False) -> None:
    """The fragment as it is now, rendered once for all who see the same."""
    for alike in (await asyncio.to_thread(_groups, watchers)).values():
        html = await asyncio.to_thread(_rendered, alike[0])
        if html is not None:
            for watcher in alike:
                if not first or watcher.offered is None:  # else it was told of something newer
                    watcher.offer(html)


def _groups(watchers: Iterable[_Watcher]) -> dict[Hashable, list[_Watcher]]:
    """Who sees the same, together."""
    found: dict[Hashable, list[_Watcher]] = {}
    for watcher in watchers:
        found.setdefault((watcher.level, _apart(watcher)), []).append(watcher)
    return found


def _apart(watcher: _Watcher) -> Hashable:
    """What tells a reader apart from others of the same level."""
    fragment = watcher.fragment
    if not fragment.personal:
        return ""
    name = watcher.visit.reader.name
    if fragment.apart is None:
        return name
    try:
        return fragment.apart(_again(watcher.visit))
    except AccordError:
        return name  # rendering meets the same fault, and says so


def _again(old: Visit) -> Visit:
    """The same visit at this moment."""
    return Visit(old.shell, old.visitor, old.manner, path=old.path, csrf=old.csrf, htmx=True)


def _rendered(watcher: _Watcher) -> str | None:
    """The fragment for this reader; null when it cannot be had now: what is shown stays."""
    try:
        return watcher.fragment.render(_again(watcher.visit), *watcher.about)
    except AccordError as error:
        tell(log, logging.WARNING, "live-failed", reason=reason_of(error))
        return None


def live_route(shell: Shell) -> HTTPRouteHandler:
    """`/live/<fragment>?about=…`: a stream of `part` events, each with the fragment's HTML."""
    live = Live(shell)

    @get("/live/{name:str}", opt={"needs": "signed-in"}, sync_to_thread=False)
    def follow(
        visit: Visit, name: FromPath[str], about: str = ""
    ) -> ServerSentEvent | Response[None]:
        fragment = shell.fragments.get(name)
        if fragment is None:
            raise NotFoundError("web.no-such-page")
        if not visit.may(fragment.needs):
            raise DeniedError("web.not-allowed")
        if not live.has_room(visit):
            return Response(None, status_code=HTTP_204_NO_CONTENT)  # nothing to wait for (HTML 9.2)
        return ServerSentEvent(live.follow(name, visit, about))

    return follow
