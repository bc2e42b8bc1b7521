"""What the pages use in the browser is copied whole, or it is said in one line why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools import copy_assets


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """The packages as npm lays them."""
    for name in copy_assets.FILES:
        path = tmp_path / "node_modules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "node_modules"


def test_every_file_is_copied_and_what_was_there_before_goes(modules: Path, tmp_path: Path) -> None:
    target = tmp_path / "web" / "assets"
    target.mkdir(parents=True)
    (target / "old.js").write_text("of an older version")
    assert copy_assets.copy(modules, target) == ""
    assert {path.name for path in target.iterdir()} == set(copy_assets.FILES.values())
    assert (target / "htmx.js").read_text() == "htmx.org/dist/htmx.min.js"


def test_nothing_is_copied_where_one_is_missing(modules: Path, tmp_path: Path) -> None:
    (modules / "htmx.org/LICENSE").unlink()
    assert "htmx.org/LICENSE" in copy_assets.copy(modules, tmp_path / "assets")
    assert not (tmp_path / "assets").exists()


def test_every_package_comes_with_its_licence() -> None:
    packages = {name.split("/")[0] for name in copy_assets.FILES}
    assert {f"{package}/LICENSE" for package in packages} <= copy_assets.FILES.keys()


@pytest.mark.parametrize("npm", ["absent", "refused"])
def test_where_npm_cannot_set_up_goes_on(
    npm: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if npm == "refused":
        for name, text in (("npm", "echo 'npm error network refused' >&2; exit 1"), ("node", ":")):
            (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
            (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}")
    monkeypatch.setattr(copy_assets, "ROOT", tmp_path)
    assert copy_assets.main(tmp_path / "stamp") == 0
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert ("network refused" if npm == "refused" else "not installed") in said
    assert not (tmp_path / "stamp").exists()


def test_git_ignores_what_is_copied() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    target = copy_assets.TARGET.relative_to(ROOT)
    assert f"{target}{os.sep}" in ignored
