"""A desk for tests: run a command line in this process, and read all that a person would."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from accord.cli.main import run
from tests.node.support import Community, give, indicators

Accord = Callable[..., "Ended"]


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """What a program is told on stderr."""
        assert self.out == ""
        return json.loads(self.err)


@pytest.fixture
def accord(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Accord:
    """Runs `accord` with these words; `stdin` is what is piped into it."""
    for name in ("ACCORD_HOME", "ACCORD_DEBUG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def call(*words: object, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr("sys.stdin", _pipe(stdin))
        capsys.readouterr()
        code = run([str(word) for word in words])
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Ended(code, said.out, said.err)

    return call


def _pipe(content: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)), encoding="utf-8")


class Homes(NamedTuple):
    """Two members with an agreement in force, under which Alfa has published three indicators."""

    alfa: Path
    bravo: Path
    alfa_id: str
    bravo_id: str
    agreement: str
    recovery: str  # the words of Alfa


@pytest.fixture(scope="session")
def _founded(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    folder = tmp_path_factory.mktemp("community")
    community = Community.new(folder, "Alfa", "Bravo")
    agreement = community.agree()
    give(community["Alfa"], indicators(3), agreement.id)
    community.settle()
    found = Homes(
        community["Alfa"].home.folder,
        community["Bravo"].home.folder,
        community["Alfa"].member,
        community["Bravo"].member,
        agreement.id,
        community.recovery["Alfa"],
    )
    community.close()
    return found


@pytest.fixture
def homes(_founded: Homes, tmp_path: Path) -> Homes:
    """A copy of the two homes that this test may change."""
    for home in (_founded.alfa, _founded.bravo):
        shutil.copytree(home, tmp_path / home.name)
    return _founded._replace(alfa=tmp_path / "Alfa", bravo=tmp_path / "Bravo")
