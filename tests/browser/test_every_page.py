"""What holds of every page that is declared: it can be used by all, fits, and keeps to itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from typing import Any

import pytest
from playwright.sync_api import Browser

from accord.base.messages import LANGUAGES
from tests.browser.looking import WIDE, Looker
from tests.browser.pages import PageExample, address, all_pages, examples
from tests.browser.seeding import Story
from tests.browser.served import EVERYTHING, Site

pytestmark = pytest.mark.browser

SMALLEST = 360  # CSS pixels of the narrowest window
PAGES = [pytest.param(page, id=f"{page.room}-{page.name}") for page in all_pages()]
IN_TURN = [  # each page in one language; the slow tests open it in all three
    pytest.param(page, language, id=f"{page.room}-{page.name}-{language}")
    for page, language in zip(all_pages(), cycle(LANGUAGES), strict=False)
]

Visitors = Callable[..., Looker]


@pytest.fixture(scope="module")
def known(story: Story) -> dict[str, tuple[str, ...]]:
    return examples(story)


@pytest.fixture(scope="module")
def visitors(browser: Browser, members_online: Mapping[str, Site]) -> Iterator[Visitors]:
    """One window for each way of looking, kept for all pages: `visitors(page, width=360)`."""
    made: dict[object, Looker] = {}

    def window(page: PageExample, language: str = "en", **how: Any) -> Looker:
        key = (page.at, page.anonymous, language, *sorted(how.items()))
        if key not in made:
            made[key] = Looker(browser, members_online[page.at], language=language, **how)
            if not page.anonymous:
                made[key].sign_in(EVERYTHING, language)
        looker = made[key]
        looker.resize(how.get("width", WIDE))
        looker.errors.clear()
        looker.strangers.clear()
        return looker

    yield window
    for looker in made.values():
        looker.context.close()


def opened(looker: Looker, page: PageExample, known: Mapping[str, tuple[str, ...]]) -> Looker:
    """The page, as it was meant to be shown."""
    status = looker.open(address(page, known))
    assert status == 200, looker.page.inner_text("body")[:500]
    return looker


@pytest.mark.parametrize("page, language", IN_TURN)
def test_a_page_is_accessible_fits_every_window_and_asks_nobody_else_for_anything(
    page: PageExample,
    language: str,
    known: Mapping[str, tuple[str, ...]],
    visitors: Visitors,
    check_accessible: Callable[[Looker], None],
) -> None:
    """A window of 1280 at 200 % has 640 CSS pixels (WCAG 2.2, 1.4.4 and 1.4.10)."""
    looker = opened(visitors(page, language), page, known)
    check_accessible(looker)
    for width in (640, SMALLEST):
        looker.resize(width)
        assert looker.overflow <= 0, f"{looker.overflow} pixels too wide at {width}: {wide(looker)}"
    assert looker.errors == []
    assert looker.strangers == []


def wide(looker: Looker) -> str:
    """What sticks out, to be mended."""
    found: str = looker.page.evaluate(
        """() => [...document.querySelectorAll('body *')]
        .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join('\\n')"""
    )
    return found


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_a_telephone_in_each_language_and_is_accessible_in_the_dark(
    page: PageExample,
    known: Mapping[str, tuple[str, ...]],
    visitors: Visitors,
    check_accessible: Callable[[Looker], None],
) -> None:
    for language in LANGUAGES:  # words differ in length; colours and structure do not
        looker = opened(visitors(page, language, theme="dark", width=390), page, known)
        assert looker.overflow <= 0, wide(looker)
        assert looker.page.get_attribute("html", "lang") in (language, f"{language}-Hans", "zh-CN")
        assert looker.errors == []
    check_accessible(looker)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_the_same_without_scripts(
    page: PageExample, known: Mapping[str, tuple[str, ...]], visitors: Visitors
) -> None:
    plain = opened(visitors(page, scripts=False), page, known)
    heading = plain.page.inner_text("main h1")
    scripted = opened(visitors(page), page, known)
    assert scripted.page.inner_text("main h1") == heading
