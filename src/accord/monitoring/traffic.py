"""How requests go: how long each takes, by door and class of status, and which were denied.

Around the whole application (ASGI 3), so that what the framework itself refuses is counted as well.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from accord.node.events import tell

from .board import Board
from .exposition import Counter, Family, Histogram

log = logging.getLogger(__name__)

App = Callable[[Any, Any, Any], Awaitable[None]]

SLOW_SECONDS = 2.0  # a request that took longer is in the log

_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_WAIT = "wait"  # requests that last as long as there is nothing new
_NO_DOOR = "none"
_DENIED = (401, 403, 429)
_DOORS = (
    ("/log/wait", _WAIT),
    ("/log/", "peers"),
    ("/witness/", "peers"),
    ("/.well-known/", "peers"),
    ("/taxii2", "taxii"),
    ("/api", "taxii"),
    ("/healthz", "operator"),
    ("/readyz", "operator"),
    ("/metrics", "operator"),
)


class Traffic:
    """What was counted since the start. Safe to share between threads."""

    def __init__(self, board: Board) -> None:
        doors = tuple(dict.fromkeys([*(door for _, door in _DOORS), _NO_DOOR]))
        self._seconds = Histogram(
            "accord_request_seconds",
            "Duration of requests by door and class of status.",
            {"door": doors, "status": ("1xx", "2xx", "3xx", "4xx", "5xx", "aborted")},
            _BOUNDS,
            board,
        )
        self._denied = Counter(
            "accord_requests_denied_total",
            "Requests that were not let in (401, 403) or came too often (429).",
            {"door": doors, "status": tuple(map(str, _DENIED))},
            board,
        )

    def note(self, scope: Any, status: int, seconds: float) -> None:
        """A request has ended; status 0: its client went away before the answer."""
        door = door_of(scope["path"])
        self._seconds.observe(seconds, door, f"{status // 100}xx" if status else "aborted")
        if status in _DENIED:
            self._denied.add(door, str(status))
        if seconds > SLOW_SECONDS and door != _WAIT:
            tell(
                log,
                logging.WARNING,
                "slow-request",
                door=door,
                method=scope["method"],
                route=scope.get("path_template") or door,  # the path itself may name objects
                status=status,
                milliseconds=round(seconds * 1000),
            )

    def families(self) -> list[Family]:
        """All of it as metrics."""
        return [self._seconds.family(), self._denied.family()]


class Watched:
    """An application whose requests are counted."""

    def __init__(self, app: App, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.monotonic(), 0

        async def answer(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            self._traffic.note(scope, status, time.monotonic() - started)


def door_of(path: str) -> str:
    """The door that a path leads to."""
    return next((door for start, door in _DOORS if path.startswith(start)), _NO_DOOR)
