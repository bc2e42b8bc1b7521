"""A process that works at two nodes until it is killed.

`python -m tests.faults.victim` reads orders from its standard input, one a line (JSON), and forks a
worker for each, since importing costs more than the work. A worker says its process id, `ready`,
and then, after each acknowledgement and never before, what was acknowledged:

    published N     the objects up to N (not included) stand in Alfa's ledger
    received N      Bravo has followed Alfa and keeps the objects up to N

When the worker is dead, the parent says `dead`.
"""

from __future__ import annotations

import json
import os
import random
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from accord.node.node import open_node
from tests.node.support import HandClock, give, indicators, sync, witness


def work(order: dict[str, Any]) -> None:
    """Publish and receive until the end, which comes from outside."""
    clock = HandClock(datetime.fromisoformat(order["moment"]))
    chance = random.Random(order["seed"])
    folder = Path(order["folder"])
    alfa = open_node(folder / "Alfa", clock)
    bravo = open_node(folder / "Bravo", clock)
    number = order["first"]
    for node in (alfa, bravo):
        node.checker.check(indicators(1)[0])
    _say("ready")
    while True:
        count = chance.randint(1, 6)
        urgent = chance.random() < 0.3
        give(alfa, indicators(count, number), order["agreement"], urgent=urgent)
        number += count
        _say(f"published {number}")
        if chance.random() < 0.7:
            sync(bravo, alfa)
            _say(f"received {number}")
            witness(alfa, by=bravo, taker=alfa)
        sync(alfa, bravo)


def main() -> None:
    for line in sys.stdin:
        worker = os.fork()
        if worker == 0:
            _say(f"{os.getpid()}")
            work(json.loads(line))
        os.waitpid(worker, 0)
        _say("dead")


def _say(text: str) -> None:
    os.write(1, text.encode() + b"\n")


if __name__ == "__main__":
    main()
