"""The operator's door of a node, asked without a network, and a community to look at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from accord.cli.serving import House, build_app
from accord.monitoring.board import Board
from accord.monitoring.entrance import Audience
from accord.monitoring.traffic import Traffic, Watched
from accord.node.node import Node
from accord.peers.quotas import Quotas
from tests.node.support import Community, Template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("watched"), ("Alfa", "Bravo", "Charlie"))


@pytest.fixture
def trio(template: Template, tmp_path: Path) -> Iterator[Community]:
    """Alfa, Bravo and Charlie, who have confirmed each other."""
    community = Community(template, tmp_path)
    yield community
    community.close()


class Door:
    """All doors of a node; what was asked before is counted."""

    def __init__(self, node: Node, audience: Audience = "loopback") -> None:
        board = Board()
        traffic = Traffic(board)
        house = House(board, Quotas())
        app = build_app(node, traffic, audience, "http://127.0.0.1:8100", house)
        self._app = Watched(app, traffic)

    def get(
        self, path: str, *, host: str = "127.0.0.1", name: str = "127.0.0.1", **headers: str
    ) -> httpx.Response:
        """Ask from the machine `host` for `path` of the machine called `name`."""
        transport = httpx.ASGITransport(self._app, client=(host, 40000))

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{name}") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(ask())

    def metrics(self) -> dict[str, float]:
        """Every line by its name with labels."""
        lines = self.get("/metrics").text.splitlines()
        pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}
