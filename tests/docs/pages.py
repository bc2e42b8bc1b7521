"""The documents as tests read them: pages, their headings, tables and code blocks."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import ROOT

_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$")
_FENCE = re.compile(r"^(```|~~~)(\S*)")
_CELL = re.compile(r"(?<!\\)\|")


def all_pages() -> list[Path]:
    """Every document of the repository."""
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def text_of(page: str) -> str:
    """The text of a page, named from the root of the repository."""
    return (ROOT / page).read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next heading of the same or a higher level."""
    found: list[str] = []
    level = 0
    for line in text_of(page).splitlines():
        match = _HEADING.match(line)
        if match and level and len(match[1]) <= level:
            break
        if level:
            found.append(line)
        elif match and match[2] == heading:
            level = len(match[1])
    if not level:
        raise LookupError(f"{page} has no heading “{heading}”")
    return "\n".join(found)


def table(text: str) -> list[tuple[str, ...]]:
    """The cells of the first table in `text`, without its head; code marks are taken off."""
    rows: list[tuple[str, ...]] = []
    for line in text.splitlines():
        if line.startswith("|"):
            cells = _CELL.split(line.strip().strip("|"))
            rows.append(tuple(_plain(cell) for cell in cells))
        elif rows:
            break
    return rows[2:]


def headings(text: str) -> list[str]:
    """The headings of a page, those inside code blocks left out."""
    inside, found = False, []
    for line in text.splitlines():
        if _FENCE.match(line):
            inside = not inside
        elif not inside and (match := _HEADING.match(line)):
            found.append(match[2])
    return found


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a language."""
    found: list[str] = []
    current: list[str] | None = None
    inside = False
    for line in text.splitlines():
        fence = _FENCE.match(line)
        if fence and not inside:
            inside = True
            current = [] if fence[2] == language else None
        elif fence:
            inside = False
            if current is not None:
                found.append("\n".join(current) + "\n")
            current = None
        elif current is not None:
            current.append(line)
    return found


def _plain(cell: str) -> str:
    return cell.strip().replace("\\|", "|").replace("`", "")
