"""ARCHITECTURE.md names the packages, files and ports that are there."""

from __future__ import annotations

import re
import tomllib

from tests.conftest import ROOT
from tests.docs.pages import section, table, text_of

PAGE = "ARCHITECTURE.md"
SOURCES = ROOT / "src/accord"


def _layers() -> list[str]:
    settings = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]
    layers = settings["contracts"][0]["layers"]
    return [name for layer in layers for name in re.findall(r"\w+", layer)]


def test_the_packages_are_those_that_exist_in_the_order_of_the_layers() -> None:
    listed = [row[0] for row in table(section(PAGE, "The packages"))]
    present = {path.parent.name for path in SOURCES.glob("*/__init__.py")}
    assert set(listed) == present
    assert listed == [name for name in _layers() if name in present]


def test_places_are_kept_for_the_packages_that_do_not_exist() -> None:
    kept = section(PAGE, "The packages").partition("Places are kept for")[2]
    present = {path.parent.name for path in SOURCES.glob("*/__init__.py")}
    assert set(re.findall(r"`(\w+)`", kept)) == set(_layers()) - present


def test_every_file_that_is_named_exists() -> None:
    for name in re.findall(r"`(\w+/\w+\.py)`", text_of(PAGE)):
        assert (SOURCES / name).is_file(), name


def test_every_port_is_in_the_file_that_is_named() -> None:
    for names, file, _ in table(section(PAGE, "Ports")):
        text = (SOURCES / file).read_text("utf-8")
        for name in names.split(", "):
            defined = re.search(rf"^(class {name}\b|{name} = )", text, re.MULTILINE)
            assert defined or f"import {name}" in text, name
