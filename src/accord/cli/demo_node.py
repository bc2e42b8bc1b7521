"""A node of the demonstration, as a process: `python -m accord.cli.demo_node HOME`.

It is `accord serve` on this machine alone, with two differences: it goes by the clock of its
demonstration, and it ends when its standard input closes, that is with whoever started it. No
option, variable or setting of `accord serve` leads here (ADR 25).
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

from accord.base.errors import AccordError, InputError
from accord.demo.turning import TurnedClock
from accord.monitoring.logs import start_logging
from accord.node.home import Home
from accord.node.members import is_loopback

from .exits import OK, report
from .serving import Address, Service, serve_node


def serve(folder: Path) -> None:
    """Serve until told to stop or left alone.

    Raises `InputError` for a home that is no member's of a demonstration.
    """
    clock = TurnedClock(folder.parent)
    where = urlsplit(Home(folder).settings().url)
    if where.hostname is None or where.port is None or not is_loopback(where.hostname):
        raise InputError("demo.fault-no-clock", folder=str(folder.parent))
    start_logging("info")
    service = Service(Address(where.hostname, where.port))
    serve_node(folder, service, lambda node: None, clock, life=sys.stdin.fileno())


def main() -> int:
    """Run it; the exit code."""
    (folder,) = sys.argv[1:]
    try:
        serve(Path(folder))
    except AccordError as error:
        return report(error, "en", as_json=False)
    return OK


if __name__ == "__main__":
    sys.exit(main())
