"""Communities for the tests of the use cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.node.support import Community


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Community]:
    """Alfa, Bravo and Charlie, who have confirmed each other."""
    community = Community(tmp_path)
    yield community
    community.close()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Community]:
    """Alfa and Bravo, who have confirmed each other."""
    community = Community(tmp_path, ("Alfa", "Bravo"))
    yield community
    community.close()
