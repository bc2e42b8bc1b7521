"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path

from .one_thread import sync_milliseconds
from .processes import scratch


def describe() -> list[str]:
    """Processor, memory, system, Python, SQLite, what a synchronous commit costs, what else ran."""
    with scratch() as folder:
        system = _file_system(folder)
        sync = sync_milliseconds(folder)
    load = os.getloadavg()[0]
    return [
        f"{os.cpu_count()} × {_processor()}, {_memory_gib():.0f} GiB of memory",
        (
            f"{platform.system()} {platform.release()}, Python {platform.python_version()}, "
            f"SQLite {sqlite3.sqlite_version}"
        ),
        f"homes on {system}; a commit of one row with full synchronisation takes {sync:.1f} ms",
        f"load of the machine as the run began: {load:.1f}",
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _file_system(folder: Path) -> str:
    """The type of the file system that holds `folder`: that of its longest mount point."""
    found, longest = "?", -1
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind = line.split()[:3]
        if folder.is_relative_to(place) and len(place) > longest:
            found, longest = kind, len(place)
    return found
