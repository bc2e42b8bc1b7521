"""The help room: where to begin, and what the words mean, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest

from accord.base.messages import LANGUAGES
from accord.rules.access import Role
from accord.web.help.pages import TASKS, WORDS
from tests.web.conftest import Person

Client = Callable[..., Person]


@pytest.mark.parametrize("role", get_args(Role))
def test_every_task_that_is_offered_leads_to_a_page_that_opens(client: Client, role: str) -> None:
    person = client(role)
    page = person.get("/help")
    main = page.partition("<main")[2]
    offered = [path for _, _, path in TASKS if f'href="{path}"' in main]
    assert offered
    for path in offered:
        person.get(path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_glossary_says_every_word_in_the_language_of_the_reader(
    client: Client, language: str
) -> None:
    person = client("inspector", language)
    page = person.get("/help/words")
    assert all(f'id="{word}"' in page for word in WORDS)
    assert "help." not in page
    assert "help." not in person.get("/help")


def test_nobody_is_helped_before_signing_in(client: Client) -> None:
    person = client("analyst")
    person.client.cookies.clear()
    for path in ("/help", "/help/words"):
        person.get(path, 303)
