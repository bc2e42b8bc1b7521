"""Fixtures: a community made once, of which every test gets a copy of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.community import Community, Stages

_stages: dict[Path, Stages] = {}  # by the folder of the homes that the first thing was done to


@pytest.fixture(scope="session")
def made_community(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The homes of Alfa, Bravo and Charlie after they met and agreed; and the agreement's id."""
    folder = tmp_path_factory.mktemp("made")
    community = Community(folder)
    community.meet()
    agreement = community.agree()
    community.close()
    return folder, agreement


@pytest.fixture
def community(
    made_community: tuple[Path, str], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Community]:
    """Alfa, Bravo and Charlie, who confirmed each other and signed `community.agreement`."""
    folder, agreement = made_community
    shutil.copytree(folder, tmp_path / "homes")
    copy = Community(tmp_path / "homes")
    copy.agreement = agreement
    copy.stages = _stages.setdefault(folder, Stages(tmp_path_factory.getbasetemp()))
    yield copy
    copy.close()
