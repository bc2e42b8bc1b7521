"""How well the right text is found, on the shared texts, in figures; the same on both databases.

Known items: a write-up is stored without its title and sought by that title. The floors stand a
little under what was measured (docs/reference/search.md).
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opencc import OpenCC

from accord.store.opening import open_store
from accord.store.search import Page
from accord.store.store import Store
from tests.store.builders import furnish, holding, publish
from tests.store.conftest import empty_database
from tests.store.test_search import find, index_all

_CVE = re.compile(r"[（(]?CVE-[\d-]+[）)]?")
_LONG_WORD = re.compile(r"[а-яё]{7,}")
Finder = Callable[[str], list[str]]


def lines(folder: Path, name: str) -> list[Any]:
    with gzip.open(folder / "text" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def titled(case: Any, language: str) -> tuple[str, str]:
    """The title of a write-up without its CVE, and the rest of it."""
    title, _, rest = case[language].partition("\n")
    return _CVE.sub("", title.strip("# ")).strip(), rest


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]
)
def finder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared_data: Path
) -> Iterator[Finder]:
    """Gives the ids of the first ten hits in a store of all shared texts."""
    with empty_database(request, tmp_path_factory.mktemp("texts")) as url:
        store = open_store(url, create=True)
        store.write(furnish)
        texts = list(_texts(shared_data))
        store.write(lambda tx: publish(tx, [_holding(*each) for each in texts]))
        index_all(store)
        yield lambda question: _first_ten(store, question)
        store.close()


def _texts(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, case in enumerate(lines(folder, "vulhub-zh-en-a")):
        for language in ("zh", "en"):
            yield f"vulnerability--{language}-{number}", {"description": titled(case, language)[1]}
    for number, rule in enumerate(lines(folder, "xp-rules-ru-en-a")):
        cases = " ".join(rule["ru_usecases"] or [])
        yield f"note--ru-{number}", {"description": f"{rule['ru']} {cases}"}
    for number, report in enumerate(lines(folder, "hunters-ledger-reports-a")):
        yield f"report--{number}", {"description": report["text"]}


def _holding(name: str, fields: dict[str, Any]) -> Any:
    return holding(name, body=json.dumps({"type": "report", **fields}).encode())


def _first_ten(store: Store, question: str) -> list[str]:
    hits = find(store, question, Page(10)).hits
    contents = store.read(lambda tx: tx.search.contents([match.holding for match in hits]))
    return [contents[hit.holding][0] for hit in hits]


def recall(finder: Finder, cases: list[tuple[str, str]]) -> float:
    """The share of questions whose text is among the first ten hits."""
    return sum(wanted in finder(question) for question, wanted in cases) / len(cases)


@pytest.mark.parametrize("language, floor", [("zh", 0.97), ("en", 0.97)])
def test_a_write_up_is_found_by_a_title_that_it_does_not_have(
    finder: Finder, shared_data: Path, language: str, floor: float
) -> None:
    cases = [
        (titled(case, language)[0], f"vulnerability--{language}-{number}")
        for number, case in enumerate(lines(shared_data, "vulhub-zh-en-a"))
    ]
    assert recall(finder, cases) >= floor


def test_traditional_characters_find_what_simplified_ones_find(
    finder: Finder, shared_data: Path
) -> None:
    traditional = OpenCC("s2t").convert
    for case in lines(shared_data, "vulhub-zh-en-a")[:40]:
        title = titled(case, "zh")[0]
        assert finder(traditional(title)) == finder(title)


def test_a_russian_text_is_found_by_other_forms_of_its_words(
    finder: Finder, shared_data: Path
) -> None:
    rules = lines(shared_data, "xp-rules-ru-en-a")
    known = sorted({word for rule in rules for word in _LONG_WORD.findall(rule["ru"].lower())})
    cases = []
    for number, rule in enumerate(rules):
        words = sorted(_LONG_WORD.findall(rule["ru"].lower()), key=len)[-4:]
        cases.append((" ".join(_other_form(word, known) for word in words), f"note--ru-{number}"))
    assert recall(finder, cases) >= 0.92


def _other_form(word: str, known: list[str]) -> str:
    """Another word that begins like this one and differs in its ending; else the same."""
    start = word[: max(6, len(word) - 2)]
    near = (each for each in known if each.startswith(start) and abs(len(each) - len(word)) < 4)
    return next((each for each in near if each != word), word)


def test_an_address_or_hash_finds_the_report_that_has_it(finder: Finder, shared_data: Path) -> None:
    cases = [
        (value["value"], f"report--{number}")
        for number, report in enumerate(lines(shared_data, "hunters-ledger-reports-a"))
        for value in report["stix_indicator_values"] or []
        if value["in_text"]
    ]
    assert len(cases) > 150
    assert recall(finder, cases) >= 0.96
