"""Nodes for measuring: a home in a temporary folder, and `accord serve` as a process of its own."""

from __future__ import annotations

import base64
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accord.node.founding import found_node
from accord.node.home import HomeSettings
from accord.node.indexing import lag
from accord.node.node import Node, open_node
from accord.node.tokens import add_token

from .processes import HOST, Server, free_port, scratch

_STILL_SECONDS = 10.0  # an index that has not moved for so long is not waited for
_TOKEN = "bench"


class Served(Server):
    """A node that is founded here and served by a process of its own.

    `node` opens the same home beside the server, as every `accord` command does. `options` go to
    `accord serve`.
    """

    def __init__(
        self, folder: Path, name: str, *, db: str = "", role: str = "analyst", options: str = ""
    ) -> None:
        port = free_port()
        found_node(folder, HomeSettings(name=name, url=f"http://{HOST}:{port}", db=db))
        self.name = name
        self.node: Node = open_node(folder)
        self.token = add_token(self.node, _TOKEN, role=role).token
        command = [
            *(sys.executable, "-m", "accord", "serve", "--home", str(folder)),
            *("--host", HOST, "--port", str(port), *options.split()),
        ]
        super().__init__(folder, port, command, f"Bearer {self.token}")

    @property
    def basic(self) -> str:
        """The same credentials as a TAXII client with user name and password sends them."""
        return "Basic " + base64.b64encode(f"{_TOKEN}:{self.token}".encode()).decode()

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.node.close()

    def settle(self) -> None:
        """Wait until the search index has caught up, so that the node rests."""
        left, moved = lag(self.node), time.monotonic()
        while left and time.monotonic() < moved + _STILL_SECONDS:
            time.sleep(0.2)
            now = lag(self.node)
            if now != left:
                left, moved = now, time.monotonic()


@contextmanager
def one_node(*, serve: bool = True, db: str = "", options: str = "") -> Iterator[Served]:
    """A fresh node by itself."""
    with scratch() as folder, Served(folder / "home", "Bench", db=db, options=options) as served:
        if serve:
            served.start()
        yield served
