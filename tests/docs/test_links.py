"""Links lead somewhere, names that pages use exist, decisions are numbered."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.pages import all_pages, headings, text_of

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_TEST = re.compile(r"`(test_\w+)`")
_PATH = re.compile(r"`((?:src|docs|tests|tools|bench)/[\w./-]+)`")
_MAKE = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)
_NAMED = re.compile(r"def (test_\w+)")
_STATE = re.compile(r"^(Proposed|Accepted|Replaced by \d+), \d{4}-\d\d-\d\d\.$", re.MULTILINE)
_LATER = {"docs/benchmarks.md"}  # written by `make bench`

PAGES = [str(page.relative_to(ROOT)) for page in all_pages()]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_repository_leads_somewhere(page: str) -> None:
    for target in _LINK.findall(_CODE.sub("", text_of(page))):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        assert file.resolve().is_relative_to(ROOT), target
        if anchor:
            assert anchor in _anchors(file), target


@pytest.mark.parametrize("page", PAGES)
def test_every_path_test_and_target_that_is_named_exists(page: str) -> None:
    text = text_of(page)
    for path in _PATH.findall(text):
        assert (ROOT / path).exists() or path in _LATER or "NNNN" in path, path
    for name in _TEST.findall(text):
        assert name in _tests(), name
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    assert set(_MAKE.findall(text)) <= targets


def test_decisions_are_numbered_without_gaps_and_say_their_state() -> None:
    pages = sorted((ROOT / "docs/adr").glob("*.md"))
    for number, page in enumerate(pages, start=1):
        text = page.read_text("utf-8")
        assert page.name.startswith(f"{number:04d}-")
        assert text.startswith(f"# {number}. ")
        assert re.search(
            r"^(Proposed|Accepted|Replaced by \d+), \d{4}-\d\d-\d\d\.$", text, re.MULTILINE
        )
        assert headings(text)[1:] == ["Context", "Decision", "Consequences"]


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found = set()
    for heading in headings(page.read_text("utf-8")):
        plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
        found.add(plain.replace(" ", "-"))
    return found


@cache
def _tests() -> set[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    return {name for path in files for name in _NAMED.findall(path.read_text("utf-8"))}
