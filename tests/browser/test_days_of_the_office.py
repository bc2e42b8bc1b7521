"""The days of a delegate and an inspector, from signing in to done, in each language."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest

from accord.base.messages import LANGUAGES
from accord.node import agreements, deciding
from accord.node.councils import motion
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.motion_file import Moving
from tests.browser.conftest import Walk
from tests.browser.seeding import TRIO, Story, terms_from
from tests.browser.walking import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_day_of_a_delegate(walker: Walk, story: Story, language: str) -> None:
    titles = {tongue: f"{tongue} {uuid.uuid4().hex[:8]}" for tongue in LANGUAGES}
    terms = terms_from(story, "agreement", TRIO, titles=titles, personal_data=None)
    proposed = agreements.propose(story["severia"], terms)
    who = walker(language)
    who.enter("delegate")
    compare_an_amendment(who, story)
    sign_with_a_reservation(who, story, proposed.id, titles[language])
    vote(who, story)
    read_the_minutes(who)
    who.at_ease()


def compare_an_amendment(who: Walker, story: Story) -> None:
    """What the proposed text changes in the one in force, and both in three languages."""
    in_force = agreements.show(story["meridia"], story.made.agreements["in-force"])
    who.menu("agreements.menu-agreements")
    who.follow(in_force[-1].terms.titles[who.language])
    who.follow("agreements.tab-changes")
    assert who.main.locator("tr.diff-new").count() > 0
    who.follow("agreements.tab-text")
    for tongue in LANGUAGES:
        spoken = "zh-Hans" if tongue == "zh" else tongue
        assert who.main.locator(f"section[lang='{spoken}']").count() == 1


def sign_with_a_reservation(who: Walker, story: Story, agreement: str, title: str) -> None:
    """Only for defence: that stands in the register for everybody."""
    who.menu("agreements.menu-agreements")
    who.reads_in_time(title)
    who.follow(title)
    who.follow("agreements.sign")
    who.fill("agreements.person", "Amina Okoro")
    who.fill("agreements.office", "Director")
    reserving = who.unfold("agreements.with-reservation")
    who.tick(who.word("agreements.reserve"), reserving)
    reason = "Only for defence."
    who.fill("agreements.reservation-text", reason, reserving)
    purposes = reserving.get_by_role("group", name=who.word("agreements.only-purposes"))
    purposes.locator("input[value='defence']").check()
    who.press("agreements.do-sign")
    who.reads(reason)
    who.reads("agreements.party-signed")
    (view,) = agreements.show(story["meridia"], agreement)
    assert story["meridia"].member in view.standing.signed


def vote(who: Walker, story: Story) -> None:
    """One motion is agreed to; the silence of another is broken, and it says what that means."""
    for choice, says in (("council.yes", "yes"), ("council.break", "no")):
        titles = {tongue: f"{tongue} {uuid.uuid4().hex[:8]}" for tongue in LANGUAGES}
        moved = Moving(
            titles=titles,
            texts=titles,
            effect=Effect(does="declare"),
            closes=story["haichuan"].now() + timedelta(days=2),
        )
        sha256 = deciding.move(story["haichuan"], moved)
        who.menu("council.menu-council")
        who.reads(titles[who.language])
        who.follow(titles[who.language])
        who.reads("council.silence-says")
        who.fill("council.reason", f"Because {says}.")
        who.press(choice)
        who.reads(f"Because {says}.")
        mine = [each for each in motion(story["meridia"], sha256).voices if each.reason]
        assert [(each.member, each.said) for each in mine] == [(story["meridia"].member, says)]


def read_the_minutes(who: Walker) -> None:
    who.menu("council.menu-council")
    who.follow("council.sessions")
    who.main.locator("table.list th a").last.click()
    who.reads("council.agenda")
    who.reads("council.attendance")
    who.follow("council.minutes")
    who.reads_heading()
    who.menu("council.menu-groups")
    who.main.locator("a[href*='/groups/accord-group']").first.click()
    who.reads("council.roster")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_day_of_an_inspector(walker: Walk, story: Story, language: str) -> None:
    """Whether the rules were kept, and not one word of content."""
    who = walker(language)
    who.enter("inspector")
    who.menu("inspection.menu-record")
    who.choose("inspection.member", story["haichuan"].settings.name)
    who.press("inspection.filter")
    rows = who.main.locator("table.list tbody tr")
    assert rows.filter(has_text=story["severia"].settings.name).count() == 0
    rows.first.locator("th a").click()
    who.reads("inspection.as-known-then")
    who.reads("inspection.as-known-now")
    who.reads("inspection.commitment")
    who.menu("inspection.menu-ledgers")
    who.press("inspection.do-verify")
    who.reads("inspection.all-holds")
    who.menu("inspection.menu-record")
    with who.page.expect_download() as saving:
        who.main.get_by_role("link", name=who.word("inspection.export")).click()
    record = saving.value.path().read_text("utf-8")
    assert record.count("\n") > 100
    title = "Slack Tide"
    assert title not in record
    menu = who.page.locator("nav.menu").inner_text()
    assert who.word("intelligence.menu-search") not in re.split(r"\n", menu)
    assert who.page.locator("form.quick").count() == 0
    for word in ("situation.menu-home", "agreements.menu-agreements", "members.menu-members"):
        who.menu(word)
        assert title not in who.page.content()
    who.at_ease()
