"""The accessibility checker finds what is wrong, so that finding nothing means something."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser import axe

pytestmark = pytest.mark.browser


def test_the_checker_names_rule_and_place(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        "<html lang='en'><title>Page</title><main><h1>Page</h1>"
        "<img id='bare' src='data:,'><p style='color: #ddd'>pale</p></main></html>"
    )
    found = axe.violations(page)
    page.close()
    assert {line.split(":")[0] for line in found} == {"image-alt", "color-contrast"}
    assert any("#bare" in line for line in found)
