"""What leaves the work tree: the wheel, and a set-up from nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", "__pycache__", "*.mo", ".hypothesis", "node_modules", "assets"
)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The work tree as a fresh clone has it: nothing built, nothing installed."""
    return Path(shutil.copytree(ROOT, tmp_path / "clone", ignore=LEFT_BEHIND))


def test_the_wheel_carries_compiled_catalogues_the_files_of_pages_and_the_licence(
    clone: Path, tmp_path: Path
) -> None:
    (clone / "src/accord/web/assets").mkdir()
    (clone / "src/accord/web/assets/htmx.js").write_text("as make setup copies it")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*build, "--directory", tmp_path], cwd=clone, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for source in clone.glob("src/accord/locale/*/*.po"):
        assert str(source.relative_to(clone / "src").with_suffix(".mo")) in names
    assert not any(name.endswith(".po") for name in names)
    assert {"accord/py.typed", "accord/web/assets/htmx.js"} <= names
    assert {f"accord/node/pages/minutes.{end}" for end in ("html", "css")} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    pins = [line for line in text.splitlines() if line[:1].isalnum()]
    assert pins
    assert all("==" in pin and pin.endswith("\\") for pin in pins)


def test_the_lock_of_the_pages_holds_hashes_and_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    named = [package for path, package in packages.items() if path]
    assert named
    assert all(package["integrity"].startswith("sha512-") for package in named)
    assert not any("resolved" in package for package in named)


def test_both_locks_agree() -> None:
    runtime, development = (
        _pins(ROOT / name) for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert runtime <= development


def _pins(lock: Path) -> set[str]:
    return {line.split()[0] for line in lock.read_text("utf-8").splitlines() if line[:1].isalnum()}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_fresh_clone_is_set_up_with_pip_alone(clone: Path, tmp_path: Path) -> None:
    """Needs the package registry. The second `make setup` has nothing to do."""
    kept = {"HOME", "LANG", "SSL_CERT_FILE", "PIP_CERT", "PIP_FIND_LINKS", "PIP_INDEX_URL"}
    environment = {name: value for name, value in os.environ.items() if name in kept}
    environment |= {"PATH": _folders_without_uv(), "PYTHONDONTWRITEBYTECODE": "1"}
    for arguments in (
        ["make", "setup", f"PYTHON={sys.executable}"],
        ["make", "--question", "setup"],
    ):
        done = subprocess.run(arguments, cwd=clone, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    program = (
        "import accord.base.messages as m; print(m.__file__, m.say('base.json-too-deep', limit=9))"
    )
    said = subprocess.run(
        [clone / ".venv/bin/python", "-c", program],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert said.startswith(str(clone))
    assert "9 levels" in said
    assert list(clone.glob("src/accord/base/__pycache__/clock.*.pyc"))


def _folders_without_uv() -> str:
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not (Path(folder) / "uv").exists())
