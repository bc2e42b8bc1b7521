"""Between two chapters: some seconds to look at the pages, or until somebody presses Enter."""

from __future__ import annotations

import select
import sys
import time

from .telling import Teller

UNTIL_ENTER = float("inf")


class Pace:
    """How long the story rests before each chapter but the first."""

    def __init__(self, teller: Teller, seconds: float | None, *, once: bool) -> None:
        """`seconds` None: until Enter where somebody sits there and stays, else not at all."""
        self._teller = teller
        self._someone = sys.stdin.isatty() and sys.stdout.isatty()
        if seconds is None:
            seconds = UNTIL_ENTER if self._someone and not once else 0.0
        self._seconds = seconds

    def rest(self) -> None:
        """Wait. Enter ends it, where somebody sits at a terminal."""
        if not self._seconds:
            return
        sys.stdout.flush()
        if not self._someone:
            time.sleep(self._seconds)
            return
        self._teller.say("demo.pace-enter")
        limit = None if self._seconds == UNTIL_ENTER else self._seconds
        if select.select([sys.stdin], [], [], limit)[0]:
            sys.stdin.readline()
