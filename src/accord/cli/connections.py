"""Room for many connections: a member that waits for news holds one, a page that is watched too."""

from __future__ import annotations

import resource
from contextlib import suppress

_BESIDES = 2  # of three descriptors one is for files, and for asking others


def make_room(wanted: int) -> int:
    """Raise this process's own limit of open files where it may; how many connections it can hold.

    Fewer than `wanted` where the machine allows no more (`ulimit -Hn`, `LimitNOFILE`).
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    need = wanted + wanted // _BESIDES
    if soft != resource.RLIM_INFINITY and soft < need:
        most = need if hard == resource.RLIM_INFINITY else min(need, hard)
        with suppress(OSError, ValueError):  # a sandbox may forbid it: there is what there is
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
    return wanted if soft == resource.RLIM_INFINITY else min(wanted, soft - soft // (_BESIDES + 1))
