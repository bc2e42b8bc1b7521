"""A node with people, whose passwords cost nothing and whose clock is turned by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from accord.node.node import Node, open_node
from tests.node.support import HandClock, found
from tests.people.support import LIMITS


@pytest.fixture(scope="session")
def _founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people") / "Alfa"
    found(folder, "Alfa", HandClock(), **LIMITS)
    return folder


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def node(_founded: Path, tmp_path: Path, clock: HandClock) -> Iterator[Node]:
    """A node of its own, without accounts."""
    shutil.copytree(_founded, tmp_path / "Alfa")
    node = open_node(tmp_path / "Alfa", clock)
    yield node
    node.close()
