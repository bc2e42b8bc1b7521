"""A process that publishes, and says so: `python -m tests.workers.appender HOME AGREEMENT FIRST N`.

After each acknowledgement, and never before, it prints the number of the object.
"""

from __future__ import annotations

import sys
from pathlib import Path

from accord.node.node import open_node
from tests.node.support import give, indicator


def main() -> None:
    home, agreement, first, count = sys.argv[1:]
    node = open_node(Path(home))
    for number in range(int(first), int(first) + int(count)):
        give(node, [indicator(number)], agreement)
        print(number, flush=True)  # noqa: T201
    node.close()


if __name__ == "__main__":
    main()
