"""The bell of `/log/wait`: whoever waits is told as soon as there is something new for it.

One task looks for all who wait, once for each commit or group of commits, so that two hundred
waiting peers cost three numbers and, for each whose grants may have changed, one index look-up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from accord.node.changes import Changes
from accord.node.node import Node
from accord.node.serving import Cursor
from accord.store.records import PeerRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

_STOP_SECONDS = 0.5  # a stopping server waits no longer than this for those who wait
_WAITING_EACH = 4  # requests of one peer that may wait; one more ends the oldest


class _Waiting:
    """One waiting request: what its peer has, and when its grants were last looked at."""

    def __init__(self, peer: PeerRow, size: int, cursor: Cursor) -> None:
        self.peer = peer
        self.size = size
        self.cursor = cursor
        self.seen: tuple[int, int] | None = None  # last grant of all, last fact
        self.answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def tell(self, news: bool) -> None:
        if not self.answer.done():
            self.answer.set_result(news)


class Bell:
    """Used from one event loop. Its task runs while somebody waits."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._changes = Changes(node.store)
        self._waiting: dict[str, list[_Waiting]] = {}
        self._watching: asyncio.Task[None] | None = None

    async def wait(self, peer: PeerRow, size: int, cursor: Cursor, seconds: float) -> bool:
        """Whether there came to be entries behind `size` or grants behind `cursor` in this time.

        True as well when the peer was suspended meanwhile: it will be told when it asks.
        """
        waiting = _Waiting(peer, size, cursor)
        mine = self._waiting.setdefault(peer.member, [])
        if len(mine) >= _WAITING_EACH:
            mine.pop(0).tell(False)
        mine.append(waiting)
        self._watch()
        until = time.monotonic() + seconds
        try:
            while not (waiting.answer.done() or self._node.stopping):
                left = min(until - time.monotonic(), _STOP_SECONDS)
                if left <= 0:
                    break
                await asyncio.wait((waiting.answer,), timeout=left)
            return waiting.answer.done() and waiting.answer.result()
        finally:
            self._forget(waiting)

    def _forget(self, waiting: _Waiting) -> None:
        mine = self._waiting.get(waiting.peer.member, [])
        if waiting in mine:
            mine.remove(waiting)
        if not mine:
            self._waiting.pop(waiting.peer.member, None)
        if not self._waiting and self._watching is not None:
            self._watching.cancel()
            self._watching = None

    def _watch(self) -> None:
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._ring())
        else:
            self._changes.ring()  # it has to look at who has just come

    async def _ring(self) -> None:
        async for _ in self._changes:
            everyone = [waiting for mine in self._waiting.values() for waiting in mine]
            for waiting in await asyncio.to_thread(self._look, everyone):
                waiting.tell(True)

    def _look(self, everyone: Sequence[_Waiting]) -> list[_Waiting]:
        """Those for whom there is something new."""

        def job(tx: Transaction) -> list[_Waiting]:
            own = tx.ledgers.get(OWN_LEDGER)
            size = own.size if own is not None else 0
            seen = (tx.grants.last(), tx.facts.last())
            return [each for each in everyone if _has_news(tx, each, size, seen)]

        return self._node.read(job)


def _has_news(tx: Transaction, waiting: _Waiting, size: int, seen: tuple[int, int]) -> bool:
    if size > waiting.size:
        return True
    if waiting.seen == seen:
        return False
    waiting.seen = seen
    row = tx.peers.get(waiting.peer.member)
    if row is None or row.state != "confirmed":
        return True
    urgent, routine = tx.grants.newest(waiting.peer.id)
    return urgent > waiting.cursor.urgent or routine > waiting.cursor.routine
