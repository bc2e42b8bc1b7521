"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path

from .one_thread import sync_milliseconds
from .processes import scratch


def describe() -> list[str]:
    """Processor, memory, system, Python, SQLite, file system."""
    with scratch() as folder:
        system = _file_system(folder)
    return [
        f"{os.cpu_count()} × {_processor()}, {_memory_gib():.0f} GiB of memory",
        (
            f"{platform.system()} {platform.release().partition('-')[0]}, "
            f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
        ),
        f"homes on {system}",
    ]


def commit_milliseconds() -> float:
    """What a commit of one row with full synchronisation costs at this moment."""
    with scratch() as folder:
        return sync_milliseconds(folder)


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
