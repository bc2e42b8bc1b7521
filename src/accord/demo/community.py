"""Three members on this machine: a folder, a node and a serving process each, all gone at the end.

The processes are `accord serve` as a member runs it. Beside them the stores are opened here, as any
other command of `accord` does.
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
from pathlib import Path

import httpx

from accord.base.errors import MachineFault
from accord.ledger.card import MemberCard
from accord.node.founding import found_node
from accord.node.home import HomeSettings
from accord.node.members import add_peer, confirm_peer
from accord.node.node import Node, open_node
from accord.peers.client import fetch_card

HOST = "127.0.0.1"
_START_SECONDS = 30.0
_STOP_SECONDS = 1.0  # a killed node loses nothing, and here its folder goes anyway
_PAUSE = 0.02


class Member:
    """One member: its name, where it is reached, and its open node."""

    def __init__(self, slug: str, name: str, folder: Path, port: int, language: str) -> None:
        self.slug = slug
        self.name = name
        self.folder = folder
        self.port = port
        self.url = f"http://{HOST}:{port}"
        found_node(folder, HomeSettings(name=name, language=language, url=self.url))
        self.node: Node = open_node(folder)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def id(self) -> str:
        """Its STIX identity."""
        return self.node.member

    def start(self) -> None:
        """Start `accord serve`; what it says goes to a file in its folder."""
        command = [sys.executable, "-m", "accord", "serve", "--home", str(self.folder)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--host", HOST, "--port", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
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

    def stop(self) -> None:
        """End the process and close the store."""
        if self._process is not None:
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.node.close()

    @property
    def _log(self) -> Path:
        return self.folder / "serve.log"


@contextmanager
def community(names: Sequence[tuple[str, str]], language: str) -> Iterator[list[Member]]:
    """Found the members (slug, name); at the end, however it comes, nothing of them is left."""
    folder = _temporary_folder()
    members: list[Member] = []
    with ExitStack() as leaving:
        leaving.callback(shutil.rmtree, folder, ignore_errors=True)
        leaving.callback(_stop, members)
        for (slug, name), port in zip(names, _free_ports(len(names)), strict=True):
            members.append(Member(slug, name, folder / slug, port, language))
        yield members


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


def _stop(members: Sequence[Member]) -> None:
    for member in members:
        member.ask_to_stop()
    for member in members:
        member.stop()


def _free_ports(count: int) -> list[int]:
    """Ports that are free now. They are taken together, so that they differ."""
    with ExitStack() as taken:
        sockets = [taken.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]
