"""Two workers against one: what several readers get together."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from . import corpora
from .client import Taxii
from .figures import Bar, Figure, beside, of_runs
from .nodes import one_node
from .readers import Readers, readers
from .results import Skipped
from .scale import Scale
from .solo import PRIVATE, fill

READERS = Bar(text="≥ 1.6 × one worker", times=1.6)
_CLIENTS = 8  # the kernel shares their connections out by chance: so many rarely meet one worker
_LIMIT = 100
_PAGES = 60
_SPAN = 4.0  # seconds of reading in each run
_ONE, _TWO = "--workers 1", "--workers 2"


def measure(folder: Path, scale: Scale) -> list[Figure]:
    """Readers of pages of a hundred objects; the servers take turns on one filled store.

    Raises `Skipped` while `accord serve` knows no workers.
    """
    if "--workers" not in _help():
        raise Skipped("`accord serve` has no `--workers` yet")
    raws = corpora.shuffled(folder, _LIMIT * _PAGES)
    speeds: dict[str, list[float]] = {_ONE: [], _TWO: []}
    with ExitStack() as closing:
        served = closing.enter_context(one_node(serve=False))
        group = closing.enter_context(readers(_CLIENTS))
        fill(served, raws)
        command = list(served.command)
        for _ in range(scale.contests):
            for option in speeds:
                served.command = [*command, *option.split()]
                served.start()
                served.settle()
                speeds[option].append(_speed(group, served.url, served.authorization))
                served.stop()
    title = f"{_CLIENTS} readers of pages of {_LIMIT}, two workers"
    figure = of_runs("workers", title, "objects/s", READERS, speeds[_TWO])
    return [
        beside(
            figure, speeds[_TWO], {"one worker": speeds[_ONE]}, "one worker", more_is_better=True
        )
    ]


def _speed(group: Readers, url: str, authorization: str) -> float:
    with Taxii(url, authorization) as taxii:
        paths = taxii.drain(taxii.collection(PRIVATE), _LIMIT)
    return group.pages_within(_SPAN, url, authorization, paths) * _LIMIT


def _help() -> str:
    command = [sys.executable, "-m", "accord", "serve", "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
