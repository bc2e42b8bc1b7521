"""Nodes that several processes serve, on both stores; and a server with a streaming replica."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.store.conftest import empty_url, opener, postgres, store

from .servers import Server

__all__ = ["empty_url", "opener", "postgres", "store"]

SECONDS = 60.0  # what never takes long has failed by then


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """`accord serve` as a process of its own, with its log."""

    def __init__(self, home: Path, *words: object, port: int | None = None) -> None:
        port = port or free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        command = [sys.executable, "-m", "accord", "serve", "--home", home, "--port", port, *words]
        self.process = subprocess.Popen(
            [*map(str, command), "--json"], stdout=subprocess.PIPE, stderr=self._log
        )
        assert self.process.stdout is not None
        self._parent = psutil.Process(self.process.pid)
        said = b"".join(self.process.stdout.readline() for _ in range(4))
        assert json.loads(said)["url"] == self.url, self.events()

    def workers(self) -> list[psutil.Process]:
        return self._parent.children()

    def threads(self) -> int:
        """Of the parent."""
        return self._parent.num_threads()

    def events(self) -> list[str]:
        """What it has told so far, by name."""
        log = os.pread(self._log.fileno(), 1 << 20, 0).decode()
        return [json.loads(line)["event"] for line in log.splitlines()]

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Ask on a connection of its own: any worker may get it."""
        return httpx.get(self.url + path, timeout=SECONDS, **options)

    def metrics(self) -> dict[str, float]:
        lines = self.get("/metrics").text.splitlines()
        pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}

    def kill(self) -> None:
        """Without a word, and not its workers."""
        self.process.kill()
        self.process.wait(SECONDS)

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def close(self) -> None:
        left = self.workers() if self.process.poll() is None else []
        self.process.kill()
        for each in left:
            if each.is_running():
                each.kill()
        self.stop()
        self._log.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Serves a home; ends at the latest with the test."""
    started: list[Served] = []

    def start(home: Path, *words: object, port: int | None = None) -> Served:
        started.append(Served(home, *words, port=port))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture(scope="session")
def replica_server(postgres: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="accord-replica-") as folder:
        try:
            server = Server.replica_of(postgres, Path(folder))
        except (AssertionError, KeyError):
            if "ACCORD_TEST_DB" in os.environ:
                pytest.skip("the server of ACCORD_TEST_DB lets nobody replicate it")
            raise
        yield server
        server.stop()
