"""Members of a seeded community as they are met: processes of `accord serve`, people with accounts.

Beside a process its store is opened here, as any other command of `accord` does.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import get_args

import httpx
import msgspec

from accord.base.messages import LANGUAGES
from accord.node.accounts import NewAccount, account_row, put_account
from accord.node.entering import NOWHERE, begin_session
from accord.node.node import Node
from accord.rules.access import Role
from accord.store.records import AccountRow
from accord.store.transaction import Transaction
from accord.web.cookies import cookie_name

HOST = "127.0.0.1"
PASSWORD = "only for the tests of pages"
ROLES: tuple[str, ...] = get_args(Role)
EVERYTHING = "everything"  # the name of an account with all roles
_START_SECONDS = 180.0  # four servers beside each other, on a busy machine
_STOP_SECONDS = 15.0


class Site:
    """One member: its open node, its address, and its serving process once it is started."""

    def __init__(self, slug: str, node: Node) -> None:
        self.slug = slug
        self.node = node
        self.url = node.settings.url
        self.session = cookie_name(node, "session", encrypted=False)  # what its cookie is called
        self._process: subprocess.Popen[bytes] | None = None

    def add_people(self) -> None:
        """An account for each role and language, and one with all roles: `analyst-zh` …"""
        rows = [self._row(role, [role]) for role in ROLES]
        rows.append(self._row(EVERYTHING, ROLES))

        def job(tx: Transaction) -> None:
            for row in rows:
                for language in LANGUAGES:
                    name = f"{row.name}-{language}"
                    put_account(tx, msgspec.structs.replace(row, name=name, language=language))

        self.node.write(job)

    def _row(self, name: str, roles: Sequence[str]) -> AccountRow:
        wanted = NewAccount(name=name, roles=roles, password=PASSWORD, must_change=False)
        return account_row(self.node, wanted)[0]

    def cookie(self, role: str, language: str) -> str:
        """The secret of a new session of the account with this role, reading this language."""
        account = f"{role}-{language}"
        session = self.node.write(lambda tx: begin_session(self.node, tx, account, NOWHERE))
        return session.cookie

    def start(self) -> None:
        """Start `accord serve`; what it says goes to a file in its folder."""
        port = self.url.rsplit(":", 1)[1]
        command = [sys.executable, "-m", "accord", "serve", "--home", str(self.node.home.folder)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--host", HOST, "--port", port],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_until_ready(self) -> None:
        until = time.monotonic() + _START_SECONDS
        with httpx.Client(trust_env=False) as client:
            while time.monotonic() < until:
                assert self._process is not None
                assert self._process.poll() is None, self.said
                try:
                    if client.get(f"{self.url}/healthz").status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    time.sleep(0.05)
        raise AssertionError(f"{self.slug} did not answer: {self.said}")

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def memory(self) -> int:
        """Resident bytes of the serving process."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text("utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    @property
    def said(self) -> str:
        """What the process wrote."""
        return self._log.read_text("utf-8", "replace")

    @property
    def _log(self) -> Path:
        return self.node.home.folder / "serve.log"


@contextmanager
def online(sites: Sequence[Site]) -> Iterator[None]:
    """All of them answer until this ends."""
    try:
        for site in sites:
            site.start()
        for site in sites:
            site.wait_until_ready()
        yield
    finally:
        for site in sites:
            site.stop()


def free_urls(slugs: Sequence[str]) -> dict[str, str]:
    """Addresses on this machine that are free now. They are taken together, so that they differ."""
    with ExitStack() as taken:
        sockets = [taken.enter_context(socket.socket()) for _ in slugs]
        for each in sockets:
            each.bind((HOST, 0))
        ports = [each.getsockname()[1] for each in sockets]
    return {slug: f"http://{HOST}:{port}" for slug, port in zip(slugs, ports, strict=True)}
