"""A council of three with delegates in front of its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.node.council import chartered
from tests.node.support import NAMES, Community, Template
from tests.web.conftest import OpenFor, Person

Client = Callable[..., Person]


@pytest.fixture(scope="package")
def made_council(tmp_path_factory: pytest.TempPathFactory) -> tuple[Template, str, str]:
    """The homes of three under a charter and an agreement; and the ids of these."""
    folder = tmp_path_factory.mktemp("council")
    community = Community.new(folder, *NAMES)
    charter = chartered(community)
    rivers = community.agree()
    return community.template(), charter.id, rivers.id


@pytest.fixture
def council(made_council: tuple[Template, str, str], tmp_path: Path) -> Iterator[Community]:
    community = Community(made_council[0], tmp_path)
    yield community
    community.close()


@pytest.fixture
def charter(made_council: tuple[Template, str, str]) -> str:
    return made_council[1]


@pytest.fixture
def rivers(made_council: tuple[Template, str, str]) -> str:
    return made_council[2]


@pytest.fixture
def delegate(council: Community, person: OpenFor) -> Client:
    """`delegate("Bravo")`: the delegate of a member, signed in at this moment."""
    return lambda at="Alfa", language="en", **fields: person(
        council[at], "delegate", language, **fields
    )
