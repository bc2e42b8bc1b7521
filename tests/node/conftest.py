"""Communities for the tests of the use cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.node.support import NAMES, Community, Template


@pytest.fixture(scope="session")
def trio_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("trio"), NAMES)


@pytest.fixture(scope="session")
def pair_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("pair"), NAMES[:2])


@pytest.fixture
def trio(trio_template: Template, tmp_path: Path) -> Iterator[Community]:
    """Alfa, Bravo and Charlie, who have confirmed each other."""
    community = Community(trio_template, tmp_path)
    yield community
    community.close()


@pytest.fixture
def pair(pair_template: Template, tmp_path: Path) -> Iterator[Community]:
    """Alfa and Bravo, who have confirmed each other."""
    community = Community(pair_template, tmp_path)
    yield community
    community.close()
