"""What flowed with whom, by day and area: counted once from the record, then kept up with.

The record only grows, so what was counted stays counted. The first count looks at the newest lines
alone and goes on beside whoever asked; until it is done, what it has is shown and said to be part.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import msgspec

from accord.base.clock import EPOCH, from_micros, to_micros
from accord.ledger.envelope import reread_envelope
from accord.rules.control import ORDINARY
from accord.store.transaction import Transaction

from .node import Node

MOST_LINES = 200_000  # of the record that are looked at; older ones are for the audit
DAYS = 84
_PAGE = 2_000  # lines read at once


class Flow(msgspec.Struct, frozen=True, order=True):
    """What is counted together. `day` counts from 1970; `direction` is `in` or `out`."""

    day: int
    direction: str
    member: str
    area: str


class Flows:
    """One for each process. Safe to ask from any thread."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lock = threading.Lock()
        self._counts: Counter[Flow] = Counter()
        self._after: int | None = None

    def look(self, *, pages: int = 5) -> tuple[dict[Flow, int], bool]:
        """Objects by day, direction, member and area; and whether all are counted yet.

        Reads at most so many pages of the record: whoever asks again gets further.
        """
        with self._lock:
            complete = False
            for _ in range(pages):
                complete = self._node.read(self._read_on)
                if complete:
                    break
            first = (self._node.now() - EPOCH).days - DAYS
            for old in [flow for flow in self._counts if flow.day <= first]:
                del self._counts[old]
            return dict(self._counts), complete

    def _read_on(self, tx: Transaction) -> bool:
        if self._after is None:
            self._after = max(0, tx.transfers.last() - MOST_LINES)
        since = to_micros(self._node.now() - timedelta(days=DAYS))
        page = tx.transfers.crossings(self._after, _PAGE)
        for line in page:
            self._after = line.seq
            if line.envelope is None or line.direction not in ("in", "out") or line.at < since:
                continue
            envelope = reread_envelope(line.envelope)
            if envelope.kind == ORDINARY:
                day = (from_micros(line.at) - EPOCH).days
                area = envelope.handling.area or ""
                self._counts[Flow(day, line.direction, line.member, area)] += 1
        return len(page) < _PAGE
