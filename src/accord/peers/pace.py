"""Turns for asking who may be silent: hundreds at once would keep a node from its other work."""

from __future__ import annotations

_A_SECOND = 20  # turns; one costs some ten milliseconds of this machine when nobody answers
_AT_ONCE = 16  # turns that are had without waiting, after a time without any


class Pace:
    """Turns are had in the order in which they are asked for."""

    def __init__(self) -> None:
        self._last = float("-inf")  # the turn that was given last, on the clock of who asks

    def wait(self, now: float) -> float:
        """Take the next turn: how many seconds it is away."""
        self._last = max(self._last, now - _AT_ONCE / _A_SECOND) + 1 / _A_SECOND
        return max(self._last - now, 0.0)
