from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.community import Community


@pytest.fixture
def community(tmp_path: Path) -> Iterator[Community]:
    """Alfa, Bravo and Charlie, who have confirmed each other."""
    made = Community(tmp_path)
    made.meet()
    yield made
    made.close()
