"""A node with people, whose passwords cost nothing and whose clock is turned by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from accord.node.node import Node, open_node
from tests.node.support import HandClock, found
from tests.people.browsing import Browser
from tests.people.support import GOOD, LIMITS, person


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


@pytest.fixture
def browser(node: Node) -> Iterator[Browser]:
    browser = Browser(node)
    yield browser
    browser.close()


@pytest.fixture
def signed_in(node: Node, browser: Browser) -> Browser:
    """Ann, an operator, in front of the pages."""
    person(node)
    assert browser.sign_in("ann", GOOD).status_code == 303
    return browser
