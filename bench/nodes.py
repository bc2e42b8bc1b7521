"""Nodes for measuring: a home in a temporary folder, and `accord serve` as a process of its own."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from accord.node.founding import found_node
from accord.node.home import HomeSettings
from accord.node.indexing import lag
from accord.node.node import Node, open_node
from accord.node.tokens import add_token

HOST = "127.0.0.1"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_STILL_SECONDS = 10.0  # an index that has not moved for so long is not waited for


class Served:
    """A node that is founded here and served by a process of its own.

    `node` opens the same home beside the server, as every `accord` command does.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.port = _free_port()
        self.url = f"http://{HOST}:{self.port}"
        found_node(folder, HomeSettings(name=name, url=self.url))
        self.node: Node = open_node(folder)
        self.token = add_token(self.node, "bench", role="analyst").token
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.node.close()

    def start(self) -> float:
        """Start `accord serve`; the seconds until its first answer to a token's request."""
        began = time.perf_counter()
        with (self.folder / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "accord", "serve", "--home", str(self.folder)),
                    *("--host", HOST, "--port", str(self.port)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        while not self._answers():
            if self._process.poll() is not None or time.perf_counter() > began + _START_SECONDS:
                raise RuntimeError((self.folder / "serve.log").read_text()[-2000:])
            time.sleep(0.005)
        return time.perf_counter() - began

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def settle(self) -> None:
        """Wait until the search index has caught up, so that the node rests."""
        left, moved = lag(self.node), time.monotonic()
        while left and time.monotonic() < moved + _STILL_SECONDS:
            time.sleep(0.2)
            now = lag(self.node)
            if now != left:
                left, moved = now, time.monotonic()

    def resident(self) -> int:
        """Proportional set size of the server and everything it started, in bytes."""
        assert self._process is not None
        return sum(_proportional(pid) for pid in _tree(self._process.pid))

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/taxii2/", headers={"Authorization": f"Bearer {self.token}"})
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="accord-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def one_node(*, serve: bool = True) -> Iterator[Served]:
    """A fresh node by itself."""
    with scratch() as folder, Served(folder / "home", "Bench") as served:
        if serve:
            served.start()
        yield served


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _tree(int(child))


def _proportional(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} tells no proportional set size")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])
