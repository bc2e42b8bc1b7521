"""Somebody in front of a browser: what they see, and what went wrong behind their back."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.browser.served import Site

WIDE, NARROW, HEIGHT = 1280, 390, 900
LOCALES = {"en": "en-GB", "ru": "ru-RU", "zh": "zh-CN"}


class Looker:
    """One browser context with one page, at one member. Nobody is signed in at first."""

    def __init__(
        self,
        browser: Browser,
        site: Site,
        *,
        width: int = WIDE,
        height: int = HEIGHT,
        theme: str = "light",
        language: str = "en",
        scripts: bool = True,
    ) -> None:
        how: dict[str, Any] = {
            "base_url": site.url,
            "viewport": {"width": width, "height": height},
            "color_scheme": theme,
            "locale": LOCALES[language],
            "java_script_enabled": scripts,
            "reduced_motion": "reduce",
        }
        self.site = site
        self.context = browser.new_context(**how)
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.strangers: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._asked)

    def sign_in(self, role: str, language: str) -> None:
        """Be somebody with this role, without the page where one signs in."""
        secret = self.site.cookie(role, language)
        self.context.add_cookies(
            [{"name": self.site.session, "value": secret, "url": self.site.url}]
        )

    def open(self, path: str) -> int:
        """Go to a page of the member; the status of its answer."""
        answer = self.page.goto(path, wait_until="load")
        assert answer is not None
        return answer.status

    def resize(self, width: int = WIDE) -> None:
        """Make the window this wide; the page stays."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})

    @property
    def overflow(self) -> int:
        """By how many CSS pixels the page is wider than the window."""
        wider: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wider

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site.url}/", "data:", "blob:")):
            self.strangers.append(request.url)
