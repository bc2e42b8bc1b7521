"""The days of analyst, releaser and duty officer, from signing in to done, in each language."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pyotp
import pytest

from accord.base.messages import LANGUAGES
from accord.node import agreements, recalling
from accord.node.publish import publish
from accord.rules.areas import area_name
from accord.rules.purposes import purpose_name
from tests.browser.conftest import Walk
from tests.browser.happening import fresh
from tests.browser.seeding import Story, order_under
from tests.browser.served import PASSWORD
from tests.browser.walking import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEP = timedelta(seconds=30)  # for which a code of an authenticator app counts


def name_of(story: Story, slug: str) -> str:
    return story[slug].settings.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_day_of_an_analyst(walker: Walk, story: Story, language: str) -> None:
    who = walker(language)
    secure_the_account(who, who.enter("analyst"))
    search_and_read(who, story)
    answer(who)
    hand_to_a_releaser(who, story, f"Draft {uuid.uuid4().hex[:8]}")
    who.at_ease()


def secure_the_account(who: Walker, name: str) -> None:
    """A second step is taken into use, and asked for when one comes again."""
    who.page.locator("details.who summary").click()
    who.follow("web.my-account", who.page.locator("details.who"))
    who.follow("people.second-step-manage")
    who.fill("people.password-once-more", PASSWORD)
    who.press("people.second-step-begin")
    app = pyotp.TOTP(who.main.locator("pre").inner_text().replace(" ", "").strip())
    who.fill("people.code", app.now())
    who.press("people.app-confirm")
    who.page.locator("details.who summary").click()
    who.press("web.sign-out", who.page.locator("details.who"))
    who.page.goto("/")
    who.sign_on(name)
    who.fill("people.code", app.at(who.site.node.now() + STEP))  # that of before is used up
    who.press("people.go-on")
    who.reads("situation.waits")


def search_and_read(who: Walker, story: Story) -> None:
    """What another desk gave is found, read, and followed along its relationships."""
    who.menu("intelligence.menu-search")
    who.fill("intelligence.search-label", "Slack Tide")
    who.press("intelligence.search-do")
    who.main.locator(".hits a").first.click()
    who.reads("intelligence.what-it-says")
    who.reads("intelligence.how-used")
    who.follow("intelligence.view-links")
    who.reads("intelligence.links-list")
    was = who.page.url
    links = who.main.locator("table.list td a[href*='/intelligence/objects/']")
    links.filter(has_not_text=who.reads_heading()).last.click()
    who.page.wait_for_url(lambda url: url != was)
    who.reads_heading()


def answer(who: Walker) -> None:
    """A sighting and a note, from the object that others gave."""
    who.menu("intelligence.menu-search")
    who.fill("intelligence.search-label", "仿冒登录页面的域名（1）")
    who.press("intelligence.search-do")
    who.main.locator(".hits a").first.click()
    who.reads("intelligence.what-it-says")
    who.follow("intelligence.view-answers")
    sighting = who.unfold("intelligence.say-sighting")
    who.fill("intelligence.field-count", "3", sighting)
    who.press("intelligence.send", sighting)
    who.follow("intelligence.view-answers")
    note = who.unfold("intelligence.say-note")
    said = f"Seen at a gateway: {uuid.uuid4().hex[:8]}"
    who.fill("intelligence.field-content", said, note)
    who.press("intelligence.send", note)
    who.follow("intelligence.view-answers")
    who.reads(said)


def hand_to_a_releaser(who: Walker, story: Story, name: str) -> None:
    """The preview says who will see it and why; then it waits as a draft."""
    who.menu("publishing.menu-publish")
    view = agreements.show(who.site.node, story.made.agreements["in-force"])[0]
    who.follow(view.terms.titles[who.language])
    who.fill("publishing.objects", fresh(who.site.node.now(), name).decode())
    who.tick("PAP:AMBER")
    who.tick(area_name("information-security", who.language))
    who.tick(purpose_name("defence", who.language))
    who.tick(who.word("publishing.whom-some"))
    who.tick(name_of(story, "haichuan"))
    who.press("publishing.do-preview")
    preview = who.main.locator("#preview")
    cells = preview.locator("td", has=who.page.locator(".verdict"))
    assert sorted(cell.locator(".verdict.yes").count() for cell in cells.all()) == [0, 1]
    assert preview.locator(".verdict.no").locator("xpath=..").locator("small").count() > 0, "why"
    who.press("publishing.do-draft")
    who.reads("publishing.why-waits")
    who.reads("publishing.not-by-author")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_day_of_a_releaser(walker: Walk, story: Story, language: str) -> None:
    name = f"Release {uuid.uuid4().hex[:8]}"
    analyst = walker(language)
    analyst.enter("analyst")
    hand_to_a_releaser(analyst, story, name)
    who = walker(language)
    who.enter("releaser")
    let_it_go(who, story, name)
    call_it_back(who, story, name)
    answer_what_others_call_back(who, story)
    who.at_ease()


def let_it_go(who: Walker, story: Story, name: str) -> None:
    """From what waits on the first page to who got it."""
    who.main.locator(".todo a[href='/drafts']").click()
    drafts = who.main.locator("table.list th a")
    for place in range(drafts.count()):
        drafts.nth(place).click()
        who.reads("publishing.why-waits")
        if who.main.get_by_text(name).count():
            break
        who.menu("publishing.menu-drafts")
    who.press("publishing.do-release")
    who.reads(name_of(story, "haichuan"))
    row = who.main.locator("tr", has_text=name_of(story, "haichuan"))
    who.reads_in_time("intelligence.having-taken", row)


def call_it_back(who: Walker, story: Story, name: str) -> None:
    """The receipts come while one looks, and add up."""
    who.follow("intelligence.do-recall")
    who.tick(who.word("publishing.mode-retract"))
    who.fill("publishing.recall-reason", f"Wrong address in {name}.")
    who.press("publishing.do-recall")
    table = who.main.locator("table.list")
    done = table.locator("tr", has_text=who.word("publishing.state-done"))
    who.comes(done, 1)
    figures = who.main.locator(".figure b")
    counts = [int(each) for each in figures.all_inner_texts()]
    assert counts == [1, 1], "done, and all together"
    who.menu("intelligence.menu-listing")
    who.follow(name)
    who.follow("intelligence.to-recall")
    who.reads(f"Wrong address in {name}.")


def answer_what_others_call_back(who: Walker, story: Story) -> None:
    """What became here of another's recall."""
    node = story["severia"]
    raw = fresh(node.now(), f"Theirs {uuid.uuid4().hex[:8]}")
    (number,) = publish(node, [raw], order_under(story)).numbers
    who.menu("situation.menu-home")
    due = node.now() + timedelta(days=1)
    order = recalling.Order(mode="erase", reason="Ours to take back", due=due)
    recalling.recall_entries(node, [number], order)
    who.menu("publishing.menu-recalls")
    who.follow("publishing.recalls-others")
    who.reads_in_time(who.word("web.number", number=number + 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_day_of_a_duty_officer(walker: Walk, story: Story, language: str) -> None:
    """What comes is seen at once; then what waits, who belongs, and how the node is."""
    who = walker(language)
    who.enter("duty")
    who.reads("situation.waits")
    name = f"Urgent {uuid.uuid4().hex[:8]}"
    publish(story["severia"], [fresh(story["severia"].now(), name)], order_under(story))
    who.reads(name)
    who.follow(name)
    who.reads("intelligence.how-used")
    who.menu("situation.menu-home")
    who.press("situation.do-looked")
    who.reads("situation.nothing-new")
    who.menu("upkeep.menu-health")
    who.reads(re.sub(r"\W.*", "", who.word("upkeep.subject")))
    who.menu("members.menu-members")
    who.follow(name_of(story, "haichuan"))
    who.reads("members.fingerprint")
    who.menu("upkeep.menu-quarantine")
    who.press("upkeep.retry-all")
    who.reads_heading()
    who.at_ease()
