"""Help: only what one may do, every word explained, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from accord.base.messages import LANGUAGES
from accord.web.help.pages import TASKS, WORDS
from tests.community import Community
from tests.web.conftest import Person

Client = Callable[..., Person]


@pytest.mark.parametrize(
    ("role", "missing"), [("inspector", "/publish"), ("operator", "/recalls/new")]
)
def test_help_names_no_task_that_the_reader_may_not_do(
    community: Community, client: Client, role: str, missing: str
) -> None:
    page = client(role).get("/help")
    assert f'<dt><a href="{missing}">' not in page
    assert "<dt><a href=" in page


def test_every_task_leads_to_a_page(community: Community, client: Client) -> None:
    everybody = client("duty analyst releaser delegate operator inspector")
    page = everybody.get("/help")
    for _, _, path in TASKS:
        assert f'href="{path}"' in page
        everybody.get(path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_word_stands_once_with_what_it_means(
    community: Community, client: Client, language: str
) -> None:
    page = client("inspector", language).get("/help/words")
    assert sorted(re.findall(r'<dt id="([a-z-]+)">', page)) == sorted(WORDS)
    assert "help." not in re.sub(r"<[^>]*>", "", page)
