"""One node by itself: what it takes in, gives out, needs to start and to rest."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from accord.node.private import keep_private

from . import corpora, one_thread
from .client import Taxii
from .figures import Bar, Figure, Grown, of_runs, seconds
from .nodes import Served, one_node
from .processes import scratch
from .scale import Scale

PRIVATE = "private"
_REST_SECONDS = 3.0  # after a start, before memory is read
_FILL = 1000

INGEST_ATTACK = Bar(text="≥ 50 % of the limit", share=0.5)
INGEST_INDICATORS = Bar(text="≥ 5,000 objects/s or ≥ 40 % of the limit", at_least=5000, share=0.4)
PAGE = Bar(text="≤ 10 ms", at_most=10)
DRAIN = Bar(text="≥ 100,000 objects/s", at_least=100_000)
PAGE_100 = Bar(text="p50 ≤ 3 ms", at_most=3)
START = Bar(text="≤ 1.5 s", at_most=1.5)
MEMORY = Bar(text="≤ 130 MB", at_most=130)


def ingest(name: str, title: str, bar: Bar, raws: list[bytes], runs: int) -> Figure:
    """Objects per second into `private` of a fresh node, until every status is complete."""
    speeds: list[float] = []
    limits: list[float] = []
    for _ in range(runs):
        with scratch() as folder:
            limits.append(one_thread.ingest(raws, folder))
        with one_node() as served:
            speeds.append(_post(served, raws))
    note = "limit: parse, schema, hash, insert"
    return of_runs(name, title, "objects/s", bar, speeds, limits, note)


def _post(served: Served, raws: list[bytes]) -> float:
    bodies = corpora.envelopes(raws)
    with Taxii(served.url, served.authorization) as taxii:
        path = taxii.collection(PRIVATE)
        taken = seconds(lambda: [taxii.post(path, body) for body in bodies])
    return len(raws) / taken


class Reading:
    """Pages of one served node's `private`, at whatever it holds."""

    def __init__(self, served: Served, scale: Scale) -> None:
        self._served = served
        self._scale = scale
        self._database = served.folder / "accord.db"

    def page(self) -> tuple[list[float], list[float]]:
        """Milliseconds for a page of 1000: a median of each run, and the limits."""
        return self._medians(1000, self._scale.requests // 5), self._limits(1000)

    def page_100(self) -> tuple[list[float], list[float]]:
        """The same of 100."""
        return self._medians(100, self._scale.requests), self._limits(100)

    def drain(self) -> tuple[list[float], list[float]]:
        """Objects per second when all pages of 1000 are read, and the limits."""
        objects = self._served.node.read(lambda tx: tx.holdings.count())
        speeds, limits = [], []
        with Taxii(self._served.url, self._served.authorization) as taxii:
            path = taxii.collection(PRIVATE)
            for _ in range(self._scale.drains):
                pages = 0

                def work() -> None:
                    nonlocal pages
                    pages = len(taxii.drain(path))

                taken = seconds(work)
                if pages < objects // 1000:
                    raise RuntimeError(f"{pages} pages for {objects} objects")
                speeds.append(objects / taken)
                limits.append(one_thread.drain(self._database, self._collection()))
        return speeds, limits

    def _medians(self, limit: int, requests: int) -> list[float]:
        with Taxii(self._served.url, self._served.authorization) as taxii:
            path = taxii.collection(PRIVATE)
            taxii.page(path, limit)
            return [
                median(seconds(lambda: taxii.page(path, limit)) for _ in range(requests)) * 1000
                for _ in range(self._scale.runs)
            ]

    def _limits(self, limit: int) -> list[float]:
        number = self._collection()
        return [one_thread.page(self._database, number, limit) for _ in range(self._scale.runs)]

    def _collection(self) -> int:
        row = self._served.node.read(lambda tx: tx.listings.collection_of(None))
        assert row is not None
        return row.id


def pages(served: Served, scale: Scale, objects: str) -> list[Figure]:
    """The three figures of reading."""
    reading = Reading(served, scale)
    note = "limit: select and join"
    page, drain, page_100 = reading.page(), reading.drain(), reading.page_100()
    return [
        of_runs("page", f"page of 1000 ({objects})", "ms", PAGE, *page, note),
        of_runs("drain", f"all pages drained ({objects})", "objects/s", DRAIN, *drain, note),
        of_runs(
            "page-100", "authenticated page of 100, keep-alive", "ms", PAGE_100, *page_100, note
        ),
    ]


def start(served: Served, scale: Scale) -> list[float]:
    """Seconds from the start of the process to the first answer to a token's request."""
    taken = []
    for _ in range(scale.starts):
        served.stop()
        taken.append(served.start())
    return taken


def rest(served: Served) -> float:
    """MB (10^6 bytes) of all processes of a node that rests, PSS."""
    time.sleep(_REST_SECONDS)
    return served.resident() / 1_000_000


def fill(served: Served, raws: Sequence[bytes]) -> None:
    """Store objects beside the server, to make the store large; not measured."""
    check = served.node.checker.check
    for start in range(0, len(raws), _FILL):
        items = [check(raw).object for raw in raws[start : start + _FILL]]
        keep_private(served.node, items, "bench")


def grown(served: Served, scale: Scale, folder: Path, stored: int) -> list[Grown]:
    """Reading, ingest and start at `scale.small` and again at `scale.large` stored objects.

    The batches of ingest are indicators at both sizes, so that like is held against like.
    """
    before = _snapshot(served, scale, folder, skip=0)
    measured = scale.parts * scale.part
    missing = scale.large - stored - measured
    fill(served, corpora.indicators(folder, missing, skip=measured))
    after = _snapshot(served, scale, folder, skip=measured + missing)
    return [
        Grown(title=title, unit=unit, small=small, large=large, more_is_better=more)
        for (title, unit, small, more), (_, _, large, _) in zip(before, after, strict=True)
    ]


def _snapshot(
    served: Served, scale: Scale, folder: Path, skip: int
) -> list[tuple[str, str, float, bool]]:
    served.settle()
    reading = Reading(served, scale)
    parts = [
        corpora.indicators(folder, scale.part, skip + place * scale.part)
        for place in range(scale.parts)
    ]
    return [
        ("page of 1000", "ms", median(reading.page()[0]), False),
        ("all pages drained", "objects/s", median(reading.drain()[0]), True),
        ("authenticated page of 100", "ms", median(reading.page_100()[0]), False),
        ("ingest of indicators", "objects/s", median(_post(served, part) for part in parts), True),
        ("start to first answer", "s", median(start(served, scale)), False),
    ]
