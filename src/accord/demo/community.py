"""Three members on this machine: a folder, a node and a serving process each, all gone at the end.

The processes are `accord serve` as a member runs it, by the clock of the demonstration. Beside them
the stores are opened here, as any other command of `accord` does.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx

from accord.base.errors import MachineFault
from accord.ledger.card import MemberCard
from accord.node.founding import found_node
from accord.node.home import HomeSettings
from accord.node.members import add_peer, confirm_peer
from accord.node.node import Node, open_node
from accord.peers.client import fetch_card

from .turning import TurnedClock

_HOST = "127.0.0.1"
_START_SECONDS = 120.0  # a loaded machine included
_STOP_SECONDS = (
    1.0  # for all nodes together; a killed node loses nothing, and here its folder goes anyway
)
_PAUSE = 0.02


class Member:
    """One member: its name, where it is reached, and its open node."""

    def __init__(
        self,
        slug: str,
        name: str,
        folder: Path,
        address: tuple[str, int],
        language: str,
        clock: TurnedClock,
    ) -> None:
        self.slug = slug
        self.name = name
        self.folder = folder
        self.host, self.port = address
        self.url = f"http://{self.host}:{self.port}"
        found_node(folder, HomeSettings(name=name, language=language, url=self.url), clock)
        self.node: Node = open_node(folder, clock)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def id(self) -> str:
        """Its STIX identity."""
        return self.node.member

    def start(self) -> None:
        """Start its node; what it says goes to a file in its folder.

        The node ends when its standard input closes: with this process, however that may end.
        """
        command = [sys.executable, "-m", "accord.cli.demo_node", str(self.folder)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
            )

    def wait_until_ready(self, until: float) -> None:
        """Return once `/healthz` says so. Raises `MachineFault` when it ended or is late."""
        with httpx.Client(trust_env=False) as client:
            while time.monotonic() < until:
                self.check_alive()
                try:
                    if client.get(f"{self.url}/healthz").status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    time.sleep(_PAUSE)
        raise MachineFault("demo.fault-not-ready", name=self.name, seconds=int(_START_SECONDS))

    def check_alive(self) -> None:
        """Raise `MachineFault` when the serving process has ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            said = self._log.read_text("utf-8", "replace").strip().splitlines()
            raise MachineFault("demo.fault-ended", name=self.name, said=said[-1] if said else "–")

    def meet(self, other: Member) -> MemberCard:
        """Fetch the other's card, as `accord peer add` does. Nothing flows yet."""
        return add_peer(self.node, other.url, fetch_card(other.url, self.node.limits))

    def confirm(self, other: Member, fingerprint: str) -> None:
        """Confirm the other by the words that its officer read out."""
        confirm_peer(self.node, other.id, fingerprint)

    def ask_to_stop(self) -> None:
        """Ask the process to end; `stop` waits for it."""
        if self._process is not None:
            self._process.terminate()
            assert self._process.stdin is not None
            self._process.stdin.close()

    def stop(self, until: float) -> None:
        """Wait for the process until then (of `time.monotonic`), and no longer."""
        if self._process is not None:
            try:
                self._process.wait(max(until - time.monotonic(), 0.0))
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    @property
    def _log(self) -> Path:
        return self.folder / "serve.log"


@contextmanager
def community(lag: timedelta, language: str) -> Iterator[Community]:
    """A community that nobody belongs to yet; at the end, however it comes, nothing is left."""
    folder = _temporary_folder()
    there = Community(folder, TurnedClock.set_up(folder, lag), language)
    with ExitStack() as leaving:
        leaving.callback(shutil.rmtree, folder, ignore_errors=True)
        leaving.callback(there.stop)
        yield there


class Community:
    """Who has joined, and the clock that they all go by."""

    def __init__(self, folder: Path, clock: TurnedClock, language: str) -> None:
        self.clock = clock
        self.members: list[Member] = []
        self._folder = folder
        self._language = language

    def found(self, names: Sequence[tuple[str, str]]) -> list[Member]:
        """Found members (slug, name). Their processes are started by `start`."""
        for (slug, name), address in zip(names, _free_addresses(len(names)), strict=True):
            home = self._folder / slug
            self.members.append(Member(slug, name, home, address, self._language, self.clock))
        return self.members[-len(names) :]

    def stop(self) -> None:
        """End the processes and close the stores."""
        for member in self.members:
            member.ask_to_stop()
        until = time.monotonic() + _STOP_SECONDS
        for member in self.members:
            member.stop(until)
        for member in self.members:
            member.node.close()


def _temporary_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="accord-demo-"))
    except OSError as error:
        raise MachineFault("demo.fault-folder", problem=error.strerror or str(error)) from None


def start(members: Sequence[Member]) -> None:
    """Start all of them together and wait until each answers."""
    until = time.monotonic() + _START_SECONDS
    for member in members:
        member.start()
    for member in members:
        member.wait_until_ready(until)


def _free_addresses(count: int) -> list[tuple[str, int]]:
    """Hosts and ports that are free now. They are taken together, so that they differ.

    Each has a host of its own where the machine allows it: a browser keeps cookies by host, so it
    can be signed in to all of them.
    """
    with ExitStack() as taken:
        return [_bound(taken.enter_context(socket.socket()), number) for number in range(count)]


def _bound(free: socket.socket, number: int) -> tuple[str, int]:
    try:
        free.bind((f"127.0.0.{number + 1}", 0))
    except OSError:  # this machine has one loopback address alone
        free.bind((_HOST, 0))
    host, port = free.getsockname()
    return str(host), int(port)
