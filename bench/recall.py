"""Recall across three nodes: from the order until every receipt is in the author's table.

Recalling is the call that `accord recall` makes, in a process of its own beside the server. What is
called back was given to both followers before; what is measured ends when each of them has erased
it, said so in its ledger, and the author has taken that in.
"""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from accord.node.recalling import Order, find_entries, recall_entries, recall_tables

from . import corpora
from .client import Taxii
from .exchange import Community, community, exchange, id_of, until
from .figures import Bar, Figure, of_runs
from .scale import Scale

RECALL = Bar(text="≤ 10 s", at_most=10)
_DUE = timedelta(days=3)
_MANY = 10_000


def measure(folder: Path, scale: Scale) -> list[Figure]:
    """A fresh community for each run, all of whose objects are called back at once."""
    taken: list[float] = []
    for run in range(scale.recalls):
        raws = corpora.indicators(folder, scale.recalled, run * scale.recalled)
        with community() as group:
            exchange(group, raws)
            group.settle()
            taken.append(recall(group, raws))
    title = f"{scale.recalled:,} objects of three nodes recalled, until all receipts are in"
    return [of_runs("recall", title, "s", RECALL, taken)]


def recall(group: Community, raws: list[bytes]) -> float:
    """Seconds from the call until both followers have answered for every object.

    Raises `RuntimeError` when one of them answers anything but that it is done, or still shows it.
    """
    author = group.publisher.node
    numbers = find_entries(author, [id_of(raw) for raw in raws])
    order = Order(mode="erase", reason="Given by mistake.", due=author.now() + _DUE)
    began = time.perf_counter()
    done = recall_entries(author, numbers, order)
    awaited = len(done.numbers) * len(group.followers)
    until(lambda: _answers(group) >= awaited)
    seconds = time.perf_counter() - began
    given = sum(table.count("done") for table in recall_tables(author))
    if given != done.given or given != len(raws) * len(group.followers):
        raise RuntimeError(f"{given} of {done.given} receipts say that it is done")
    for each in group.followers:
        with Taxii(each.url, each.authorization) as taxii:
            path = taxii.collection(title="Benchmark") + id_of(raws[0]) + "/"
            if taxii.get(path).status == 200:
                raise RuntimeError(f"{each.name} still shows what was called back")
    return seconds


def _answers(group: Community) -> int:
    """How many receipts the author has taken in: a cheap look, the table is held to it later."""
    author = group.publisher.node
    return len(author.read(lambda tx: tx.entries.received_of_kind("receipt", _MANY)))
