"""Several readers at once, each a process of its own with a kept connection."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from .client import Taxii

_LEAD = 0.3  # seconds from the call until all of them begin


class Readers:
    """As many processes as there are to be readers."""

    def __init__(self, pool: ProcessPoolExecutor, count: int) -> None:
        self._pool = pool
        self.count = count

    def read(self, url: str, authorization: str, paths: Sequence[str]) -> float:
        """Every reader gets all `paths`; seconds from the first request to the last byte."""
        began = time.perf_counter() + _LEAD
        waiting = [
            self._pool.submit(_read, url, authorization, list(paths), began)
            for _ in range(self.count)
        ]
        return max(each.result() for each in waiting) - began

    def pages_within(
        self, span: float, url: str, authorization: str, paths: Sequence[str]
    ) -> float:
        """Pages a second that all of them get together for so many seconds, asking without end.

        Nobody waits for the slowest: how a server shares its connections out does not count, as
        long as each of its workers has some.
        """
        began = time.perf_counter() + _LEAD
        waiting = [
            self._pool.submit(_read_until, url, authorization, list(paths), began, began + span)
            for _ in range(self.count)
        ]
        return sum(each.result() for each in waiting) / span


@contextmanager
def readers(count: int) -> Iterator[Readers]:
    """Processes that are started already, so that their start is not measured."""
    with ProcessPoolExecutor(count, get_context("spawn")) as pool:
        list(pool.map(time.sleep, [0.5] * count))
        yield Readers(pool, count)


def _read(url: str, authorization: str, paths: list[str], began: float) -> float:
    """The moment of the last byte, by the clock that all processes of the machine share."""
    taxii = Taxii(url, authorization)
    time.sleep(max(0.0, began - time.perf_counter()))
    taxii.replay(paths)
    taxii.close()
    return time.perf_counter()


def _read_until(url: str, authorization: str, paths: list[str], began: float, end: float) -> int:
    """How many pages came before `end`."""
    taxii = Taxii(url, authorization)
    taxii.replay(paths[:1])
    time.sleep(max(0.0, began - time.perf_counter()))
    pages = 0
    while True:
        for path in paths:
            taxii.replay([path])
            if time.perf_counter() > end:
                taxii.close()
                return pages
            pages += 1
