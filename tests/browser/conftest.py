"""Fixtures: the seeded community, its pages online, and people in front of a browser.

Each module has a browser of its own: while Playwright runs, no other test of the process could
start an event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser import axe, chromium, texts
from tests.browser.looking import Looker
from tests.browser.seeding import TRIO, Story, seed
from tests.browser.served import EVERYTHING, Site, free_urls, online
from tests.browser.walking import Walker
from tests.conftest import IN_CI

SignIn = Callable[..., Looker]
Walk = Callable[..., Walker]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test of a process waits for the community too, and for its servers."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(900))


def _without(problem: str) -> None:
    """Browser tests are skipped where there is no browser, but never in CI."""
    if IN_CI:
        pytest.fail(problem)
    pytest.skip(problem)


@pytest.fixture(scope="package")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Two weeks of a community; its nodes open, and their clocks those of the machine."""
    made = seed(tmp_path_factory.mktemp("story"), free_urls(list(texts.MEMBERS)))
    made.to_the_present()
    yield made
    made.close()


@pytest.fixture(scope="package")
def members_online(story: Story) -> Iterator[dict[str, Site]]:
    """All members, served; at each but Harbour an account for each role and language."""
    sites = {slug: Site(slug, story[slug]) for slug in texts.MEMBERS}
    for slug in TRIO:
        sites[slug].add_people()
    with online(list(sites.values())):
        yield sites


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium of the machine."""
    path = chromium.find()
    if path is None:
        _without("there is no Chromium (python -m tests.browser.chromium installs one)")
        raise AssertionError
    if not axe.FILE.is_file():
        _without("axe-core is missing (make setup installs it where there is Node.js)")
    with chromium.launched(path) as launched:
        yield launched


@pytest.fixture
def signed_in(browser: Browser, members_online: dict[str, Site]) -> Iterator[SignIn]:
    """`signed_in("analyst", "zh", at="severia", width=390)`: somebody in front of a browser."""
    contexts: list[BrowserContext] = []

    def sign_in(
        role: str = EVERYTHING, language: str = "en", *, at: str = "meridia", **how: Any
    ) -> Looker:
        looker = Looker(browser, members_online[at], **how)
        looker.sign_in(role, language)
        contexts.append(looker.context)
        return looker

    yield sign_in
    for context in contexts:
        context.close()


@pytest.fixture
def walker(browser: Browser, members_online: dict[str, Site]) -> Iterator[Walk]:
    """`walker("zh", at="severia")`: somebody at the front door, who knows no address."""
    contexts: list[BrowserContext] = []

    def come(language: str = "en", *, at: str = "meridia", **how: Any) -> Walker:
        who = Walker(browser, members_online[at], language, **how)
        contexts.append(who.context)
        return who

    yield come
    for context in contexts:
        context.close()


@pytest.fixture
def check_accessible() -> Callable[[Looker], None]:
    """Assert that the page it shows breaks no rule of the accessibility checker."""

    def check(looker: Looker) -> None:
        assert axe.violations(looker.page) == []

    return check
