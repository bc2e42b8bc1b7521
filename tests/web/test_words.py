"""The words of the pages: every message can be said in every language with what it is given."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

import accord
from accord.base.messages import LANGUAGES, Message, translate
from accord.web.house import rooms

ROOT = Path(accord.__file__).parent
CATALOGUES = sorted({"web", *(room.name for room in rooms())})
_COUNTED = re.compile(r"""\bt\(\s*["']([a-z]+\.[a-z0-9-]+)["'],[^)]*\bcount=""")


@cache
def entries(language: str, catalogue: str) -> dict[str, tuple[str, ...]]:
    """The forms of every message, by key; more than one where it is a plural entry."""
    path = ROOT / "locale" / language / f"{catalogue}.po"
    found: dict[str, tuple[str, ...]] = {}
    for entry in read_po(path.read_text("utf-8").splitlines(), locale=language):
        key, *_ = entry.id if isinstance(entry.id, tuple | list) else (entry.id,)
        forms = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
        if key:
            found[key] = tuple(form or "" for form in forms)
    return found


def needed(forms: tuple[str, ...]) -> set[str]:
    return {name for form in forms for _, name, _, _ in Formatter().parse(form) if name}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_every_message_of_the_pages_can_be_said(catalogue: str, language: str) -> None:
    unsaid = []
    for key in entries(language, catalogue):
        names = needed(entries("en", catalogue)[key])
        for count in (0, 1, 2, 5, 21, 1000):
            args: dict[str, str | int] = dict.fromkeys(names, "Meridia")
            if "count" in names:
                args["count"] = count
            said = translate(Message(key, args), language)
            if key in said or "{" in said or not said.strip():
                unsaid.append((key, count, said))
    assert unsaid == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_a_page_gives_a_count_has_forms_for_it(language: str) -> None:
    counted = {
        (match[1], path.name)
        for path in ROOT.glob("web/**/*.html")
        for match in _COUNTED.finditer(path.read_text("utf-8"))
    }
    assert counted
    without = [
        (key, where)
        for key, where in sorted(counted)
        if translate(
            Message(key, dict.fromkeys(_names(key), "x") | {"count": 2}), language
        ).startswith(key)
    ]
    assert without == []


def _names(key: str) -> set[str]:
    catalogue = key.partition(".")[0]
    return needed(entries("en", catalogue)[key])
