"""A serving process makes room for its connections as far as the machine lets it."""

from __future__ import annotations

import subprocess
import sys

import pytest

_ASK = """
import resource, sys
from accord.cli.connections import make_room
soft, hard, wanted = (int(word) for word in sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print(make_room(wanted), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "room", "after"),
    [
        (1000, 4000, 2000, 2000, 3000),  # raised by itself, and no further than is needed
        (1000, 2400, 2000, 1600, 2400),  # as far as it may; the rest is for files
        (3000, 3000, 100, 100, 3000),  # nothing to be done
    ],
)
def test_room_is_made_up_to_what_the_machine_allows(
    soft: int, hard: int, wanted: int, room: int, after: int
) -> None:
    words = [sys.executable, "-c", _ASK, *map(str, (soft, hard, wanted))]
    said = subprocess.run(words, capture_output=True, check=True, text=True).stdout
    assert said.split() == [str(room), str(after)]
