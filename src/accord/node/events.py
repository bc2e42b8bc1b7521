"""What a running node tells its log: an event by name, with facts that hold no content.

`ABOUT` is all that may be said about an event; text that others wrote is not among it.
"""

from __future__ import annotations

import logging

from accord.base.errors import AccordError

Fact = str | int | float

ABOUT = frozenset(
    {
        "door", "jobs", "level", "member", "method", "milliseconds", "reason", "route", "seconds",
        "status", "url", "version", "worker",
    }
)  # fmt: skip


def tell(log: logging.Logger, level: int, event: str, **about: Fact) -> None:
    """Log `event` (words with hyphens). A fact that is not in `ABOUT` is a `ValueError`."""
    if not about.keys() <= ABOUT:
        raise ValueError(f"not to be logged: {sorted(about.keys() - ABOUT)}")
    log.log(level, event, extra={"event": event, "about": about})


def reason_of(error: AccordError) -> str:
    """Why, without the arguments of the sentence: those may be what somebody sent."""
    return error.message.key
