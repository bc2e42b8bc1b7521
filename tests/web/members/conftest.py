"""A community under a charter, and Delta, which has compared keys with Alfa alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from accord.node.node import open_node
from tests.node.council import chartered
from tests.node.support import NAMES, Community, Template, found, meet
from tests.web.conftest import OpenFor, Person

Delegate = Callable[..., Person]
STRANGERS = [(one, "Delta") for one in NAMES[1:]] + [("Delta", one) for one in NAMES[1:]]


@pytest.fixture(scope="package")
def made_accession(tmp_path_factory: pytest.TempPathFactory) -> tuple[Template, str]:
    folder = tmp_path_factory.mktemp("accession")
    community = Community.new(folder, *NAMES)
    charter = chartered(community)
    home = next(iter(community)).home.folder.parent
    found(home / "Delta", "Delta", community.clock, 3)
    community.nodes["Delta"] = open_node(home / "Delta", community.clock)
    meet(community["Delta"], community["Alfa"])
    meet(community["Alfa"], community["Delta"])
    return community.template(), charter.id


@pytest.fixture
def outside(made_accession: tuple[Template, str], tmp_path: Path) -> Iterator[Community]:
    """Alfa, Bravo and Charlie under a charter; Delta is outside."""
    community = Community(made_accession[0], tmp_path)
    yield community
    community.close()


@pytest.fixture
def charter(made_accession: tuple[Template, str]) -> str:
    return made_accession[1]


@pytest.fixture
def delegate(outside: Community, person: OpenFor) -> Delegate:
    """`delegate("Delta")`: the delegate of a member, signed in at this moment."""
    return lambda at="Alfa", language="en", **fields: person(
        outside[at], "delegate", language, **fields
    )
