"""Nodes behind the TAXII door, and tools that knock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from accord.node.node import Node
from tests.node.support import NAMES, Community, Template
from tests.taxii.support import Tool, tool_of


@pytest.fixture(scope="session")
def lone_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("lone"), NAMES[:1], upload_bytes=200_000)


@pytest.fixture(scope="session")
def allied_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("allied"), NAMES[:2])


@pytest.fixture
def lone(lone_template: Template, tmp_path: Path) -> Iterator[Community]:
    """Alfa alone: no peer, no agreement, and no upload above 200,000 bytes."""
    community = Community(lone_template, tmp_path)
    yield community
    community.close()


@pytest.fixture
def allied(allied_template: Template, tmp_path: Path) -> Iterator[Community]:
    """Alfa and Bravo, who have confirmed each other."""
    community = Community(allied_template, tmp_path)
    yield community
    community.close()


@pytest.fixture
def tool(lone: Community) -> Iterator[Tool]:
    """An analyst's tool at the lone member's door."""
    with tool_of(lone["Alfa"]) as tool:
        yield tool


@pytest.fixture
def node(lone: Community) -> Node:
    """The lone member."""
    return lone["Alfa"]
