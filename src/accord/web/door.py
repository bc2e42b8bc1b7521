"""The door for people as it stands beside the others: built when the first person knocks.

A node that only talks to machines never pays for templates and pages; where people have accounts,
whoever serves builds it beforehand.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from accord.node.node import Node

log = logging.getLogger(__name__)

# What other doors answer. Pages keep clear of these first parts of a path.
MACHINES = frozenset(
    {".well-known", "api", "healthz", "log", "metrics", "readyz", "taxii2", "witness"}
)


class PagesDoor:
    """ASGI 3: everything that is no machine's goes to the pages, the rest to `machines`."""

    def __init__(
        self,
        machines: Any,
        node: Node,
        *,
        encrypted: bool,
        fetch_card: Callable[[str], bytes] | None = None,
    ) -> None:
        self._machines = machines
        self._build = partial(_build, node, encrypted, fetch_card)
        self._pages: Any = None
        self._building = asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or is_for_machines(scope["path"]):
            await self._machines(scope, receive, send)
            return
        if self._pages is None:
            await self.build()
        await self._pages(scope, receive, send)

    async def build(self) -> None:
        """Load what pages need, beside the requests of machines.

        The templates are compiled behind it: the first to open a page waits for that page alone.
        """
        async with self._building:
            if self._pages is None:
                try:
                    self._pages = await asyncio.to_thread(self._build)
                except BaseException:
                    log.critical("the pages cannot be built", exc_info=True)
                    raise
                compile_all = self._pages.state.shell.templates.compile_all
                threading.Thread(target=compile_all, name="templates", daemon=True).start()


def is_for_machines(path: str) -> bool:
    """Whether a path belongs to another door."""
    return path.split("/", 2)[1:2] != [] and path.split("/", 2)[1] in MACHINES


def _build(node: Node, encrypted: bool, fetch_card: Callable[[str], bytes] | None) -> Any:
    from .app import build_pages, nobody_there
    from .house import rooms

    return build_pages(node, rooms(), encrypted=encrypted, fetch_card=fetch_card or nobody_there)
