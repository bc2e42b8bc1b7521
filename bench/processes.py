"""Servers that are measured: each a process of its own on loopback, with what it started."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

TAXII = "application/taxii+json;version=2.1"
HOST = "127.0.0.1"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_TAIL = 2000  # characters of a log that are shown when a server does not start


class Server:
    """A process that answers at `url`, asked with `authorization` (RFC 9110, section 11.6.2).

    `door` is the path by which it is known to answer.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        command: Sequence[str],
        authorization: str,
        environment: dict[str, str] | None = None,
        door: str = "/taxii2/",
    ) -> None:
        self.folder = folder
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self.command = list(command)
        self.authorization = authorization
        self._environment = os.environ | (environment or {})
        self._door = door
        self._log = folder / "serve.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> float:
        """Start the process; the seconds until its first answer to a request with credentials."""
        began = time.perf_counter()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
            )
        while not self._answers():
            if self._process.poll() is not None or time.perf_counter() > began + _START_SECONDS:
                raise RuntimeError(self._log.read_text(errors="replace")[-_TAIL:])
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

    def resident(self) -> int:
        """Proportional set size of the server and everything it started, in bytes."""
        assert self._process is not None
        return sum(_proportional(pid) for pid in _tree(self._process.pid))

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        headers = {"Authorization": self.authorization, "Accept": TAXII}
        try:
            connection.request("GET", self._door, headers=headers)
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


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


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
