"""What a script adds to the room of intelligence: answers while one types, and the picture."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.seeding import Story

pytestmark = pytest.mark.browser


def test_what_is_typed_is_found_without_a_button(signed_in: SignIn) -> None:
    looker = signed_in("analyst", "zh")
    looker.open("/intelligence/search")
    looker.page.fill("#q", "control serv")
    expect(looker.page.locator("#found .hits li").first).to_be_visible()
    expect(looker.page).to_have_url(f"{looker.site.url}/intelligence/search?q=control+serv")
    looker.page.fill("#q", "qqzzxx")
    expect(looker.page.locator("#found .empty")).to_be_visible()
    assert looker.errors == []


def test_the_picture_is_drawn_and_says_what_the_list_says(signed_in: SignIn, story: Story) -> None:
    looker = signed_in("analyst", "en")
    path = f"/intelligence/objects/{story.made.objects['campaign']}?view=links"
    looker.open(path)
    expect(looker.page.locator(".graph canvas").first).to_be_visible(timeout=30_000)
    assert looker.page.locator("section.card table.list tbody tr").count() > 5
    assert looker.errors == []
    assert looker.strangers == []


def test_without_scripts_the_list_of_links_is_there_and_no_empty_frame(
    signed_in: SignIn, story: Story
) -> None:
    looker = signed_in("analyst", "ru", scripts=False)
    looker.open(f"/intelligence/objects/{story.made.objects['campaign']}?view=links")
    assert looker.page.locator("section.card table.list tbody tr").count() > 5
    assert not looker.page.locator(".graph-card").is_visible()
