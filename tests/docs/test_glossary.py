"""The words of the glossary are the words of the messages."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from tests.docs.pages import table, text_of

ROWS = table(text_of("docs/glossary.md"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
@pytest.mark.parametrize("column, language", [(1, "zh"), (2, "ru")])
def test_a_word_of_the_glossary_is_used_in_the_messages(
    row: tuple[str, ...], column: int, language: str
) -> None:
    said = _messages(language)
    for word in re.findall(r"\w+", row[column]):
        stem = word if language == "zh" else word[: max(3, len(word) - 3)]
        assert stem.lower() in said, f"{word} is not in the {language} catalogues"


def test_no_word_is_there_twice() -> None:
    for column in range(3):
        words = [row[column] for row in ROWS]
        assert len(words) == len(set(words))


def _messages(language: str) -> str:
    catalogues = sorted((ROOT / "src/accord/locale" / language).glob("*.po"))
    return "\n".join(path.read_text("utf-8") for path in catalogues).lower()
