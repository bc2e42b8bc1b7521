"""The demonstration's time: the machine's, some hours late, and turned forward between chapters.

The lag stands in a file beside the members' homes, which all processes of one demonstration look
at. It can only lag: a node that goes by it says nothing that is ahead of the machine's time. ADR 25
says why no other node can come to go by it.
"""

from __future__ import annotations

import mmap
from datetime import datetime, timedelta
from pathlib import Path

from accord.base.clock import utc_now
from accord.base.errors import InputError

_NAME = "demonstration-clock"
_MARK = b"accord demo lag\n"
_BYTES = 8  # the lag in microseconds, unsigned
_MICROSECOND = timedelta(microseconds=1)


class TurnedClock:
    """A `Clock` that is late by what the file in `folder` says."""

    def __init__(self, folder: Path) -> None:
        """Raises `InputError` where no demonstration takes place."""
        path = folder / _NAME
        try:
            with path.open("r+b") as file:
                self._file = mmap.mmap(file.fileno(), len(_MARK) + _BYTES)
        except (OSError, ValueError):
            raise InputError("demo.fault-no-clock", folder=str(folder)) from None
        if self._file[: len(_MARK)] != _MARK:
            raise InputError("demo.fault-no-clock", folder=str(folder))

    @staticmethod
    def set_up(folder: Path, lag: timedelta) -> TurnedClock:
        """Put the file there: all that go by it are late by `lag` from the beginning."""
        (folder / _NAME).write_bytes(_MARK + _micros(lag))
        return TurnedClock(folder)

    def __call__(self) -> datetime:
        """The time of the story, in UTC."""
        return utc_now() - self.lag

    @property
    def lag(self) -> timedelta:
        return int.from_bytes(self._file[len(_MARK) :], "little") * _MICROSECOND

    def turn(self, forward: timedelta) -> None:
        """Let so much time go by at once, for every process; never past the machine's own time."""
        self._file[len(_MARK) :] = _micros(max(self.lag - forward, timedelta()))


def _micros(lag: timedelta) -> bytes:
    return (lag // _MICROSECOND).to_bytes(_BYTES, "little")
