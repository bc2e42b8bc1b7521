"""Numbers that the workers of a node count together: a row of shared memory for each.

The parent makes the board before it forks, each worker writes into its own row alone, and whoever
is asked adds the rows up. A worker that is started again goes on in the row of the one that died,
so no counter ever falls.
"""

from __future__ import annotations

import mmap
import os

_CELLS = 1024  # of a row; 8 bytes each
_PID, _LEADS, _FIRST = 0, 1, 2


class Cells:
    """Some cells of the board. Each worker must take the same ones in the same order."""

    def __init__(self, mine: memoryview[float], rows: list[memoryview[float]]) -> None:
        self._mine = mine
        self._rows = rows

    def add(self, cell: int, by: float) -> None:
        """Count in this worker's row. Two threads must not do so at once."""
        self._mine[cell] += by

    def sums(self) -> list[float]:
        """Each cell, over all workers."""
        return [sum(cell) for cell in zip(*self._rows, strict=True)]


class Board:
    """One row for each worker; made before they are forked."""

    def __init__(self, workers: int = 1, *, since: int | None = None) -> None:
        self.since = since  # the last line of the record of transfers when the node started
        self._rows = [memoryview(mmap.mmap(-1, _CELLS * 8)).cast("d") for _ in range(workers)]
        self._mine = self._rows[0]
        self._taken = _FIRST

    @property
    def workers(self) -> int:
        """How many there are to be."""
        return len(self._rows)

    def sit_down(self, worker: int) -> None:
        """This process is that worker (from 0) from now on."""
        self._mine = self._rows[worker]
        self._mine[_PID] = os.getpid()
        self.lead(False)

    def take(self, count: int) -> Cells:
        """The next cells. Raises `ValueError` when the board is full."""
        start, self._taken = self._taken, self._taken + count
        if self._taken > _CELLS:
            raise ValueError("the board has no more cells")
        rows = [row[start : self._taken] for row in self._rows]
        return Cells(self._mine[start : self._taken], rows)

    def lead(self, leads: bool) -> None:
        """Note whether this worker does the background work."""
        self._mine[_LEADS] = leads

    @property
    def leads(self) -> bool:
        """Whether one of these workers does the background work."""
        return any(row[_LEADS] for row in self._rows)

    @property
    def processes(self) -> list[int]:
        """The process ids of those that count here: this one's, or the workers' and the parent's.

        Some may be of workers that have died and are not replaced yet.
        """
        if self.workers == 1:
            return [os.getpid()]
        return [*(int(row[_PID]) for row in self._rows if row[_PID]), os.getppid()]
