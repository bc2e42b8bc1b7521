"""The scene of each durable step, set once and copied for each case of a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.steps import LIMITS, STEPS
from tests.node.support import Community, Template


class Scenes:
    """For each step the homes of Alfa and Bravo, closed, as they stand before it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._start = Template(folder / "start", ("Alfa", "Bravo"), **LIMITS)
        self._made: dict[str, Template] = {}

    def copy(self, step: str, folder: Path) -> Community:
        """A copy of the scene of `step` in `folder`, its nodes running."""
        if step not in self._made:
            community = Community(self._start, self._folder / step)
            STEPS[step].before(community)
            self._made[step] = community.template()
        return Community(self._made[step], folder)


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    return Scenes(tmp_path_factory.mktemp("scenes"))
