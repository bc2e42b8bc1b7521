"""Several processes that answer on one address, and the parent that looks after them.

The kernel shares the connections out (SO_REUSEPORT, which granian sets). The parent answers
nothing and opens no store: it is there to start again who dies. Whoever kills the parent ends the
workers, because a pipe that only the parent can write to closes.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType

from accord.base.errors import AccordError
from accord.node.events import reason_of, tell

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LAST_PAUSE = 0.1, 30.0  # seconds before a worker that died is started again
_WELL_SECONDS = 60.0  # who lived longer than this begins with the first pause again
_KILL_SECONDS = 20.0  # what a worker gets to stop

# What a worker does: its number from 0, what it calls once it answers, and a file descriptor that
# can be read once the parent is gone.
Work = Callable[[int, Callable[[], None], int], None]


class Workers:
    """A number of workers, kept alive until SIGTERM or SIGINT."""

    def __init__(self, count: int, work: Work) -> None:
        self._work = work
        self._fork = multiprocessing.get_context("fork")
        self._places = [_Place() for _ in range(count)]
        self._life, self._alive = os.pipe()
        self._reports, self._report = os.pipe()
        self._signals, self._signal = os.pipe()
        self._stopping = False

    def run(self, ready: Callable[[], None]) -> None:
        """Returns when all have ended; `ready` is called once, when all answer."""
        gc.collect()
        gc.freeze()  # what is imported by now is shared, and stays so
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        os.set_blocking(self._signal, False)
        signal.set_wakeup_fd(self._signal)
        answering: set[int] = set()
        while not self._stopping:
            pause = self._start_those_due()
            handles = [each.process.sentinel for each in self._places if each.process is not None]
            heard = wait([self._signals, self._reports, *handles], pause)
            if self._signals in heard:
                os.read(self._signals, 64)
            if self._reports in heard:
                before = len(answering)
                answering |= set(os.read(self._reports, 64))
                if before < len(answering) == len(self._places):
                    ready()
            self._look_for_dead()
        self._end()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _start_those_due(self) -> float | None:
        """Start who is due; how many seconds until the next is, null when all live."""
        for number, place in enumerate(self._places):
            if place.process is None and place.due <= time.monotonic():
                place.started = time.monotonic()
                place.process = self._fork.Process(target=self._run, args=(number,))
                place.process.start()
        waiting = [each.due for each in self._places if each.process is None]
        return max(0.0, min(waiting) - time.monotonic()) if waiting else None

    def _look_for_dead(self) -> None:
        for number, place in enumerate(self._places):
            code = None if place.process is None else place.process.exitcode
            if code is not None and not self._stopping:
                pause = place.died()
                tell(
                    log, logging.ERROR, "worker-died", worker=number + 1, status=code, seconds=pause
                )

    def _end(self) -> None:
        """Graceful first. Signals that come meanwhile change nothing."""
        tell(log, logging.INFO, "stopping")
        alive = [each.process for each in self._places if each.process is not None]
        for process in alive:
            process.terminate()
        until = time.monotonic() + _KILL_SECONDS
        for process in alive:
            process.join(max(0.0, until - time.monotonic()))
            if process.exitcode is None:
                process.kill()
                process.join()

    def _run(self, number: int) -> None:
        """In the worker. It leaves signals from the terminal to the parent."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for descriptor in (self._alive, self._reports, self._signals, self._signal):
            os.close(descriptor)

        def answers() -> None:
            with suppress(OSError):  # the parent is gone, so we end as well
                os.write(self._report, bytes([number]))

        try:
            self._work(number, answers, self._life)
        except AccordError as fault:
            tell(log, logging.ERROR, "worker-failed", worker=number + 1, reason=reason_of(fault))
            sys.exit(1)


class _Place:
    """One worker after the other."""

    def __init__(self) -> None:
        self.process: BaseProcess | None = None
        self.started = 0.0
        self.due = 0.0
        self._pause = _FIRST_PAUSE

    def died(self) -> float:
        """Its worker is gone; how many seconds until the next is started."""
        if time.monotonic() - self.started > _WELL_SECONDS:
            self._pause = _FIRST_PAUSE
        pause = self._pause
        self._pause = min(2 * pause, _LAST_PAUSE)
        self.process = None
        self.due = time.monotonic() + pause
        return pause
