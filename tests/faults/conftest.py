"""The scene of each durable step, set once and copied for each case of a table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from tests.faults.engine import move_store
from tests.faults.steps import LIMITS, STEPS
from tests.node.support import Community, Template
from tests.store.conftest import empty_database, postgres
from tests.workers.servers import Server

__all__ = ["postgres"]


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


class Databases:
    """Where the store of the node under test lies: in its file, or moved to a server."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path, stack: ExitStack) -> None:
        self.kind: str = request.param
        self._request, self._folder, self._stack = request, folder, stack

    def put(self, community: Community, name: str) -> Path:
        """Close a member's node and put its store in its place; returns its home."""
        community[name].close()
        home = community.folder / name
        if self.kind != "sqlite":
            move_store(home, self._stack.enter_context(self._empty()))
        return home

    def _empty(self) -> AbstractContextManager[str]:
        return empty_database(self._request, self._folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    with ExitStack() as stack:
        yield Databases(request, tmp_path, stack)


@pytest.fixture(scope="session")
def _mortal() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="accord-mortal-") as folder:
        server = Server.fresh(Path(folder))
        yield server
        server.stop()


@pytest.fixture
def mortal(_mortal: Server) -> Iterator[Server]:
    """A PostgreSQL server that a test may kill; the next test finds it running again."""
    if not _mortal.is_running():
        _mortal.start()
    yield _mortal
    if not _mortal.is_running():
        _mortal.start()
