"""The day of an operator, in each language: from the code that `accord serve` prints to members
that are confirmed, accounts, and what waits in quarantine."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from accord.base.messages import LANGUAGES
from accord.ledger.keys import fingerprint_hex, fingerprint_words
from accord.node.founding import found_node
from accord.node.home import HomeSettings
from accord.node.members import find_peer
from accord.node.node import open_node
from tests.browser.conftest import Walk
from tests.browser.seeding import Story
from tests.browser.served import PASSWORD, Site, free_urls, online
from tests.browser.walking import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = {"en": "english", "ru": "russian", "zh": "chinese_simplified"}  # of BIP-39
_CODE = re.compile(r"^\s+([A-Z0-9a-z]{4}(?:-[A-Z0-9a-z]{4})+)\s*$", re.MULTILINE)


@pytest.fixture
def fresh_site(tmp_path: Path) -> Iterator[Site]:
    """A node that was founded a moment ago, and served; nobody has an account."""
    (url,) = free_urls(["fresh"]).values()
    found_node(tmp_path / "fresh", HomeSettings(name="Fresh desk", url=url))
    node = open_node(tmp_path / "fresh")
    site = Site("fresh", node)
    with online([site]):
        yield site
    node.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_day_of_an_operator(
    browser: Browser, fresh_site: Site, walker: Walk, story: Story, language: str
) -> None:
    who = Walker(browser, fresh_site, language)
    set_up(who)
    look_after_the_node(who)
    get_acquainted(who, story["meridia"].settings.url, story, "meridia", by_words=True)
    get_acquainted(who, story["severia"].settings.url, story, "severia", by_words=False)
    make_accounts(who)
    who.at_ease()
    who.context.close()
    try_again_what_waits(walker(language))


def set_up(who: Walker) -> None:
    """The first account, with the code that was printed where the node runs."""
    who.page.goto("/")
    who.follow("people.to-set-up")
    printed = _CODE.search(who.site.said)
    assert printed is not None, who.site.said
    who.fill("people.set-up-code", printed[1])
    who.fill("people.name", "chief")
    who.fill("people.password", PASSWORD)
    who.fill("people.again", PASSWORD)
    who.press("people.set-up-go")
    who.reads("situation.waits")


def look_after_the_node(who: Walker) -> None:
    who.menu("upkeep.menu-health")
    who.reads("upkeep.subject")
    who.follow("upkeep.about-title")
    who.menu("upkeep.menu-settings")


def get_acquainted(who: Walker, url: str, story: Story, slug: str, *, by_words: bool) -> None:
    """The other's card is fetched, and its fingerprint typed as it was heard."""
    card = story[slug].read_card()
    who.menu("members.menu-members")
    who.follow("members.add")
    who.fill("members.url", url)
    who.press("members.do-fetch")
    who.reads(who.word("members.added", name=card.name), who.page.locator("body"))
    ours = who.site.node.read_card()
    spoken = fingerprint_words(ours.fingerprint, WORDS[who.language])
    assert all(word in who.main.inner_text() for word in spoken), "what we read aloud"
    words = fingerprint_words(card.fingerprint, WORDS[who.language])
    heard = " ".join(words) if by_words else fingerprint_hex(card.fingerprint)
    who.fill("members.heard", heard)
    who.press("members.do-confirm")
    who.reads("members.state-confirmed")
    row = who.site.node.read(lambda tx: find_peer(tx, card.member))
    assert row.state == "confirmed"


def make_accounts(who: Walker) -> None:
    """A colleague gets a password that is shown once, a tool its token."""
    who.menu("people.menu-accounts")
    who.follow("people.account-add")
    who.fill("people.name", "lin")
    who.main.locator("select[name=language]").select_option(who.language)
    who.tick(who.word("web.role-analyst"))
    who.press("people.account-add")
    password = who.main.locator("pre").inner_text().strip()
    assert len(password) >= who.site.node.limits.password_characters
    who.menu("people.menu-tokens")
    who.follow("people.token-add")
    who.fill("people.token-name", "import-tool")
    who.tick(who.word("web.role-analyst"))
    who.press("people.token-add")
    assert who.main.locator("pre").inner_text().strip()
    new = Walker(who.page.context.browser, who.site, who.language)  # type: ignore[arg-type]
    new.page.goto("/")
    new.sign_on("lin", password)
    own = f"own {uuid.uuid4().hex}"
    new.fill("people.old-password", password)
    new.fill("people.new-password", own)
    new.fill("people.again", own)
    new.press("people.change-password")
    new.menu("situation.menu-home")
    new.at_ease()
    new.context.close()


def try_again_what_waits(who: Walker) -> None:
    """Where something waits in quarantine: the reasons, and another look."""
    who.enter("operator")
    who.menu("upkeep.menu-quarantine")
    rows = who.main.locator("table.list tbody tr")
    assert rows.count() == 3
    who.press("upkeep.retry", rows.first)
    who.reads_heading()
    who.at_ease()
