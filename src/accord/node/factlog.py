"""The log of facts, kept in the store, and the fold over it, kept in memory.

Facts are learnt in a write transaction and numbered there; every process folds the same log, so
all come to the same view, and any past verdict can be recomputed from a prefix of it.
"""

from __future__ import annotations

import threading
from datetime import datetime

from accord.rules.facts import Fact, Facts, What, decode_fact, encode_fact, fold
from accord.store.transaction import Transaction


class FactsView:
    """The newest fold, brought up to date with the log whenever it is asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest = Facts()

    def current(self, tx: Transaction, *, remember: bool) -> Facts:
        """The facts as `tx` sees them.

        `remember` only in a reading transaction: what a writing one sees may never be committed,
        and another process may come to give its numbers to other facts.
        """
        last = tx.facts.last()
        with self._lock:
            known = self._newest
        if known.seq < last:
            known = known.with_(*[decode_fact(raw) for raw in tx.facts.between(known.seq, last)])
        if remember:
            with self._lock:
                if self._newest.seq < known.seq:
                    self._newest = known
        return known


def learn(tx: Transaction, what: What, recorded: datetime, witnessed: datetime | None) -> None:
    """Add a fact to the log, in the transaction of whatever made it known."""
    seq = tx.facts.last() + 1
    fact = Fact(seq=seq, recorded_at=recorded, witnessed_at=witnessed, what=what)
    tx.facts.append(seq, encode_fact(fact))


def facts_until(tx: Transaction, seq: int) -> Facts:
    """The facts as they were known when `seq` was the last of them."""
    return fold(decode_fact(raw) for raw in tx.facts.between(0, seq))
