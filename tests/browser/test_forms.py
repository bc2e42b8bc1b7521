"""What a script adds to forms."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn

pytestmark = pytest.mark.browser


def test_many_choices_are_narrowed_by_what_is_typed_and_what_is_ticked_stays(
    signed_in: SignIn,
) -> None:
    looker = signed_in("delegate", "en")
    looker.open("/style")
    choices = looker.page.locator('.tick:has([name="many"])')
    expect(choices.filter(visible=True)).to_have_count(24)
    looker.page.locator("[data-narrow]").fill(" 24 ")
    expect(choices.filter(visible=True)).to_have_count(2)  # the third is ticked
    looker.page.locator("[data-narrow]").fill("")
    expect(choices.filter(visible=True)).to_have_count(24)
    looker.page.locator("[data-narrow]").press("Enter")
    expect(looker.page).to_have_url(f"{looker.site.url}/style")
    assert looker.errors == []


def test_without_scripts_all_choices_stand_there_and_no_field_that_does_nothing(
    signed_in: SignIn,
) -> None:
    looker = signed_in("delegate", "en", scripts=False)
    looker.open("/style")
    expect(looker.page.locator('.tick:has([name="many"])').filter(visible=True)).to_have_count(24)
    expect(looker.page.locator("[data-narrow]")).to_be_hidden()
