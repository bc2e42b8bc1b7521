"""The rest between two chapters: until Enter at a terminal, for a while, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

REST = textwrap.dedent("""
    import sys
    from accord.demo.pacing import Pace
    from accord.demo.telling import Teller

    seconds, once = sys.argv[1:]
    Pace(Teller("en"), float(seconds) if seconds else None, once=once == "once").rest()
    print("went on")
""")


@contextmanager
def at_a_terminal(*arguments: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The rest, with somebody in front of it, whose end of the terminal is given."""
    person, program = os.openpty()
    try:
        running = subprocess.Popen(
            [sys.executable, "-c", REST, *arguments], stdin=program, stdout=program, stderr=program
        )
        yield person, running
        running.wait(60)
    finally:
        os.close(person)
        os.close(program)


def read_until(person: int, words: bytes) -> bytes:
    seen = b""
    while words not in seen:
        seen += os.read(person, 1000)
    return seen


def test_somebody_at_a_terminal_goes_on_with_enter() -> None:
    with at_a_terminal("", "") as (person, running):
        assert b"went on" not in read_until(person, b"Enter: the next chapter")
        assert running.poll() is None
        os.write(person, b"\n")
        read_until(person, b"went on")


@pytest.mark.parametrize("arguments", [("0.01", ""), ("0", ""), ("", "once")])
def test_it_goes_on_by_itself_after_so_many_seconds_or_at_once(arguments: tuple[str, str]) -> None:
    with at_a_terminal(*arguments) as (person, _):
        read_until(person, b"went on")


@pytest.mark.parametrize("arguments", [("", ""), ("0.01", "")])
def test_where_nobody_sits_it_waits_for_nobody(arguments: tuple[str, str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", REST, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout == "went on\n"
