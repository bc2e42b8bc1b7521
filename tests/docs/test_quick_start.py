"""The start that README gives is what a new user can type."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from accord.base.messages import LANGUAGES
from accord.demo.scenario import write_scenario
from tests.conftest import ROOT
from tests.docs.pages import blocks, section

STARTED_WITHIN = 30.0  # seconds, on a busy machine
SET_UP = "make setup"  # the tests run in what it made


def _lines() -> list[str]:
    (block,) = blocks(section("README.md", "A node of your own"), "sh")
    return [line.partition(" #")[0].strip() for line in block.splitlines()]


def test_the_start_is_five_lines_and_begins_with_setting_up() -> None:
    assert len(_lines()) == 5
    assert _lines()[0] == SET_UP
    assert _lines()[-1] == "accord serve"


def test_the_start_works_as_it_stands(tmp_path: Path) -> None:
    port = _free_port()
    script = "\n".join(["set -e", *_lines()[1:-1]])
    done = _shell(tmp_path, script)
    assert done.returncode == 0, done.stderr
    token = next(word for word in done.stdout.split() if word.startswith("accord_"))
    with _served(tmp_path, f"{_lines()[1]}\nexec {_lines()[-1]} --port {port}", port):
        login = b64encode(f"desk:{token}".encode()).decode()
        answer = httpx.get(
            f"http://127.0.0.1:{port}/api/collections/private/",
            headers={
                "authorization": f"Basic {login}",
                "accept": "application/taxii+json;version=2.1",
            },
        )
    assert answer.status_code == 200
    assert answer.json()["can_write"] is True


def _environment(home: Path) -> dict[str, str]:
    """A user's, whose `accord` is that of the interpreter that runs the tests."""
    bin_ = home / ".venv/bin"
    if not bin_.is_dir():
        bin_.mkdir(parents=True)
        program = bin_ / "accord"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m accord "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    paths = [str(ROOT / each) for each in kept.pop("PYTHONPATH", "").split(os.pathsep) if each]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "HOME": str(home), "LANG": "C.UTF-8"}


def _shell(home: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", script],
        cwd=home,
        env=_environment(home),
        capture_output=True,
        text=True,
        timeout=60,
    )


@contextmanager
def _served(home: Path, script: str, port: int) -> Iterator[None]:
    server = subprocess.Popen(["sh", "-c", script], cwd=home, env=_environment(home))
    try:
        until = time.monotonic() + STARTED_WITHIN
        while not _answers(port):
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.1)
        yield
    finally:
        server.terminate()
        assert server.wait(timeout=30) == 0


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_story_has_as_many_objects_as_readme_says(language: str) -> None:
    assert "Some 400 objects" in section("README.md", "See it")
    assert 375 < len(write_scenario(language).bulk) < 450
