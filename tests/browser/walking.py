"""Somebody who knows no address: from the first page on they go only where words of a page lead.

Every step names the words by their key in the catalogue, so the same walk is made in each language,
and proves that what one needs is on the page in words one can read.
"""

from __future__ import annotations

import re
import uuid
from http import HTTPStatus
from typing import Any

import msgspec
from playwright.sync_api import Browser, Locator, Response, expect

from accord.base.messages import Arg, Message, translate
from accord.node.accounts import NewAccount, account_row, put_account
from tests.browser.looking import Looker
from tests.browser.served import PASSWORD, Site

_LOOKS, _PAUSE = 40, 1_000.0  # times, milliseconds between them
SECONDS = 60_000.0  # milliseconds of patience; how fast pages are stands in the benchmarks


class Walker(Looker):
    """One person at one member, who reads one language."""

    def __init__(self, browser: Browser, site: Site, language: str, **how: Any) -> None:
        super().__init__(browser, site, language=language, **how)
        self.language = language
        self.page.set_default_timeout(SECONDS)
        self.refused: list[str] = []
        self.page.on("response", self._answered)

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def word(self, key: str, /, **args: Arg) -> str:
        """What the page says for a key."""
        return translate(Message(key, args), self.language)

    def enter(self, *roles: str) -> str:
        """Begin at the front door with a new account of these roles; its name."""
        name = f"{roles[0]}-{uuid.uuid4().hex[:8]}"
        wanted = NewAccount(name=name, roles=roles, tlp="red", password=PASSWORD, must_change=False)
        row = account_row(self.site.node, wanted)[0]
        row = msgspec.structs.replace(row, language=self.language, zone="UTC")
        self.site.node.write(lambda tx: put_account(tx, row))
        self.page.goto("/")
        self.sign_on(name)
        return name

    def sign_on(self, name: str, password: str = PASSWORD) -> None:
        """Fill in the page where one signs in."""
        self.fill("people.name", name)
        self.fill("people.password", password)
        self.press("people.sign-in")

    def menu(self, key: str) -> None:
        """Follow an entry of the menu."""
        name = self.word(key)
        self.page.locator("nav.menu").get_by_role("link", name=name, exact=True).click()
        self.reads_heading()

    def follow(self, words: str, within: Locator | None = None) -> None:
        """Follow the first link that says so: a key, or the words themselves."""
        (within or self.main).get_by_role("link", name=self._said(words)).first.click()
        self.page.wait_for_load_state()

    def press(self, key: str, within: Locator | None = None, **args: Arg) -> None:
        """Press the first button that says so; what comes of it is waited for."""
        name = self.word(key, **args)
        button = (within or self.main).get_by_role("button", name=name, exact=True).first
        button.click()
        self.page.wait_for_load_state()

    def unfold(self, key: str) -> Locator:
        """Open what is folded under these words, and be in it."""
        details = self.main.locator("details", has=self.page.locator("summary")).filter(
            has=self.page.get_by_text(self.word(key), exact=True)
        )
        folded = details.first
        if folded.get_attribute("open") is None:
            folded.locator("summary").first.click()
        return folded

    def fill(self, key: str, text: str, within: Locator | None = None) -> None:
        """Type into the field with this label."""
        self._field(key, within).fill(text)

    def choose(self, key: str, option: str, within: Locator | None = None) -> None:
        """One of a list, by its words."""
        self._field(key, within).select_option(label=option)

    def tick(self, words: str, within: Locator | None = None) -> None:
        """A box or one of several, by what stands beside it."""
        (within or self.main).locator("label.tick", has_text=words).first.locator("input").check()

    def reads(self, words: str, within: Locator | None = None) -> None:
        """Wait until it stands there: a key, or the words themselves."""
        found = (within or self.main).get_by_text(self._said(words)).locator("visible=true")
        expect(found.first).to_be_visible(timeout=SECONDS)

    def reads_in_time(self, words: str, within: Locator | None = None) -> None:
        """Look again, as one does, until it stands there."""
        found = (within or self.main).get_by_text(self._said(words))
        for _ in range(_LOOKS):
            if found.first.is_visible():
                return
            self.page.wait_for_timeout(_PAUSE)
            self.page.reload()
        self.reads(words, within)

    def comes(self, found: Locator, count: int) -> None:
        """Wait until so many are there, without loading the page again."""
        expect(found).to_have_count(count, timeout=SECONDS)

    def reads_heading(self) -> str:
        """The page has come, and is no page of an error."""
        heading = self.main.get_by_role("heading", level=1)
        expect(heading).to_be_visible(timeout=SECONDS)
        return heading.inner_text()

    def at_ease(self) -> None:
        """Nothing went wrong behind their back."""
        assert (self.refused, self.errors) == ([], [])
        assert self.strangers == []

    def _answered(self, answer: Response) -> None:
        if answer.status >= HTTPStatus.BAD_REQUEST:
            self.refused.append(f"{answer.status} {answer.request.method} {answer.url}")

    def _field(self, key: str, within: Locator | None) -> Locator:
        label = re.compile(rf"^{re.escape(self.word(key))}(\s|$)")
        return (within or self.main).get_by_label(label).first

    def _said(self, words: str) -> str:
        is_key = re.fullmatch(r"[a-z]+\.[a-z0-9_+-]+", words) is not None
        return self.word(words) if is_key else words
