"""One who has never seen it publishes an object to the right members, sees who got it and why,
signs an agreement, and calls the object back, with no help but the page."""

from __future__ import annotations

import uuid

import pytest

from accord.base.messages import LANGUAGES
from accord.node import agreements
from accord.rules.areas import area_name
from accord.rules.purposes import purpose_name
from tests.browser.conftest import Walk
from tests.browser.happening import fresh
from tests.browser.seeding import TRIO, Story, terms_from
from tests.browser.walking import Walker

pytestmark = pytest.mark.browser

OTHERS = [pytest.param(tongue, marks=pytest.mark.slow) for tongue in ("ru", "zh")]


def title_of(story: Story, agreement: str, language: str) -> str:
    """What an agreement is called on the pages."""
    return agreements.show(story["meridia"], agreement)[-1].terms.titles[language]


@pytest.mark.parametrize("language", ["en", *OTHERS])
def test_a_newcomer_publishes_sees_who_got_it_signs_and_calls_it_back(
    walker: Walk, story: Story, language: str
) -> None:
    who = walker(language)
    who.enter("analyst", "releaser", "delegate")
    name = f"Newcomer {uuid.uuid4().hex[:8]}"
    publish(who, story, name)
    see_who_got_it(who, story)
    sign(who, story)
    call_back(who, name)
    who.at_ease()


def publish(who: Walker, story: Story, name: str) -> None:
    who.menu("publishing.menu-publish")
    who.follow(title_of(story, story.made.agreements["in-force"], who.language))
    who.fill("publishing.objects", fresh(story["meridia"].now(), name).decode())
    who.reads(who.word("publishing.valid", count=1))
    who.tick("PAP:AMBER")
    who.tick(area_name("information-security", who.language))
    who.tick(purpose_name("defence", who.language))
    who.press("publishing.do-preview")
    preview = who.main.locator("#preview")
    for slug in TRIO[1:]:
        who.reads(story[slug].settings.name, preview)
    assert preview.locator(".verdict.yes").count() == 2
    assert preview.locator(".verdict.no").count() == 0
    who.press("publishing.do-send", count=1)


def see_who_got_it(who: Walker, story: Story) -> None:
    """The page after it says so, and says more as the others fetch it."""
    who.reads(who.word("intelligence.view-given"))
    for slug in TRIO[1:]:
        who.reads(story[slug].settings.name)
    row = who.main.locator("tr", has_text=story["haichuan"].settings.name)
    who.reads_in_time("intelligence.having-taken", row)


def sign(who: Walker, story: Story) -> None:
    """An agreement that another has just proposed."""
    titles = {tongue: f"{tongue} {uuid.uuid4().hex[:8]}" for tongue in LANGUAGES}
    terms = terms_from(story, "agreement", TRIO, titles=titles)
    view = agreements.propose(story["severia"], terms)
    who.menu("agreements.menu-agreements")
    who.reads_in_time(titles[who.language])
    who.follow(titles[who.language])
    who.reads("agreements.ours-to-sign")
    who.follow("agreements.sign")
    who.fill("agreements.person", "Amina Okoro")
    who.fill("agreements.office", "Director")
    who.press("agreements.do-sign")
    who.reads("Amina Okoro")
    signed = agreements.show(story["meridia"], view.id)[0].standing.signed
    assert story["meridia"].member in signed


def call_back(who: Walker, name: str) -> None:
    """From the list to the object, and from there to its recall and the receipts."""
    reason = f"The source asked for it ({name})."
    who.menu("intelligence.menu-listing")
    who.follow(name)
    who.follow("intelligence.do-recall")
    who.fill("publishing.recall-reason", reason)
    who.press("publishing.do-recall")
    who.reads("publishing.receipts")
    done = who.main.locator("tr", has_text=who.word("publishing.state-done"))
    who.comes(done, 2)
    who.menu("publishing.menu-recalls")
    row = who.main.locator("tr", has_text=reason)
    who.reads(f"{who.word('publishing.state-done')} 2", row)
