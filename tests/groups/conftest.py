"""A council of four."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from accord.node.agreements import AgreementView
from tests.groups.support import NAMES, Council
from tests.node.support import Community, Template

Convened = tuple[Template, AgreementView]


@pytest.fixture(scope="session")
def convened(tmp_path_factory: pytest.TempPathFactory) -> Convened:
    community = Community.new(tmp_path_factory.mktemp("council"), *NAMES)
    council = Council.convened(community)
    return community.template(), council.agreement


@pytest.fixture
def council(convened: Convened, tmp_path: Path) -> Iterator[Council]:
    """Alfa, Bravo, Charlie and Delta under one charter and one agreement."""
    template, agreement = convened
    community = Community(template, tmp_path)
    yield Council(community, agreement)
    community.close()
