"""Ending when told to: by Ctrl-C, SIGTERM, or a terminal that closes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_AGAIN_SECONDS = 2.0


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Any of these signals raises `KeyboardInterrupt` in here; after it they are ignored.

    It is raised again until it is heard: one that falls into the end of an object's life, or into
    the handler of another error, Python prints and forgets.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
        raise KeyboardInterrupt

    for number in (*_NUMBERS, signal.SIGALRM):
        signal.signal(number, end)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in _NUMBERS:
            signal.signal(number, signal.SIG_IGN)


@contextmanager
def signals_as_before() -> Iterator[None]:
    """Whatever is done about signals in here is undone."""
    before = {number: signal.getsignal(number) for number in (*_NUMBERS, signal.SIGALRM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
