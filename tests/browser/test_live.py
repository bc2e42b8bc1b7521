"""What changes is seen at several members without anybody loading a page again."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from accord.base.messages import say, translate
from accord.node import agreements, councils, deciding, recalling
from accord.node.node import Node
from accord.node.publish import publish
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.motion_file import Moving
from tests.browser.happening import fresh
from tests.browser.looking import Looker
from tests.browser.seeding import TRIO, Story, order_under, terms_from
from tests.node.support import holds

pytestmark = pytest.mark.browser

SECONDS = 60.0  # patience; how fast it is stands in the benchmarks
LANGUAGES = {"meridia": "en", "haichuan": "zh"}

SignIn = Callable[..., Looker]


def watching(signed_in: SignIn, path: str) -> list[Looker]:
    """Somebody at Meridia and somebody at Haichuan, with the same page open."""
    lookers = [signed_in(language=LANGUAGES[slug], at=slug) for slug in LANGUAGES]
    for looker in lookers:
        assert looker.open(path) == 200
        looker.page.evaluate("window.sameLoad = true")
    return lookers


def see(looker: Looker, text: str) -> None:
    """Wait until the page shows it; it was not loaded anew meanwhile."""
    looker.page.get_by_text(text).first.wait_for(timeout=SECONDS * 1000)
    assert looker.page.evaluate("window.sameLoad") is True
    assert looker.errors == []


def test_two_members_see_a_publication_of_a_third(story: Story, signed_in: SignIn) -> None:
    lookers = watching(signed_in, "/")
    name = f"Срочно: {uuid.uuid4().hex[:8]}"
    publish(story["severia"], [fresh(story["severia"].now(), name)], order_under(story))
    for looker in lookers:
        see(looker, name)


def test_two_members_see_a_motion_of_a_third(story: Story, signed_in: SignIn) -> None:
    lookers = watching(signed_in, "/council")
    titles = {each: f"{each} {uuid.uuid4().hex[:8]}" for each in ("zh", "ru", "en")}
    closes = story["severia"].now() + timedelta(days=2)
    moved = Moving(titles=titles, texts=titles, effect=Effect(does="declare"), closes=closes)
    deciding.move(story["severia"], moved)
    for looker, language in zip(lookers, LANGUAGES.values(), strict=True):
        see(looker, titles[language])


def test_two_members_see_a_signature_of_a_third(story: Story, signed_in: SignIn) -> None:
    """The register on the page of the agreement, and the state of the whole text."""
    terms = terms_from(story, "agreement", TRIO, personal_data=None)
    view = agreements.propose(story["severia"], terms)
    until(lambda: all(knows(story[slug], view.id) for slug in LANGUAGES))
    lookers = watching(signed_in, f"/agreements/{view.id}")
    person, office = "Ирина Волкова", f"Начальник {uuid.uuid4().hex[:8]}"
    agreements.sign(story["severia"], view.id, sha256=None, person=person, office=office)
    for looker in lookers:
        see(looker, office)
    for slug in LANGUAGES:
        agreements.sign(story[slug], view.id, sha256=None, person=slug, office="Head")
    for looker, language in zip(lookers, LANGUAGES.values(), strict=True):
        see(looker, translate(say("agreements.party-in-force"), language))


def test_two_members_see_a_ballot_of_a_third(story: Story, signed_in: SignIn) -> None:
    """The voices on the page of the motion."""
    titles = {each: f"{each} {uuid.uuid4().hex[:8]}" for each in ("zh", "ru", "en")}
    closes = story["severia"].now() + timedelta(days=2)
    moved = Moving(titles=titles, texts=titles, effect=Effect(does="declare"), closes=closes)
    sha256 = deciding.move(story["severia"], moved)
    until(lambda: all(has_motion(story[slug], sha256) for slug in LANGUAGES))
    lookers = watching(signed_in, f"/council/motions/{sha256}")
    reason = f"Because {uuid.uuid4().hex[:8]}"
    deciding.vote(story["severia"], sha256, "yes", reason={"ru": reason})
    for looker in lookers:
        see(looker, reason)


def test_a_recall_is_seen_where_it_is_answered_and_its_receipts_where_it_was_ordered(
    story: Story, signed_in: SignIn
) -> None:
    """One row for each who had it, and they add up."""
    meridia = story["meridia"]
    raw = fresh(meridia.now(), f"To be called back {uuid.uuid4().hex[:8]}")
    (number,) = publish(meridia, [raw], order_under(story)).numbers
    until(lambda: all(holds(story[slug], raw) for slug in ("haichuan", "severia")))
    due = meridia.now() + timedelta(days=3)
    order = recalling.Order(mode="erase", reason=f"Reason {number}", due=due)
    (recall,) = recalling.recall_entries(meridia, [number], order).numbers
    looker = signed_in(language="ru")
    assert looker.open(f"/recalls/{recall}") == 200
    looker.page.evaluate("window.sameLoad = true")
    done = looker.page.locator("main tr", has_text=translate(say("publishing.state-done"), "ru"))
    expect(done).to_have_count(2, timeout=SECONDS * 1000)
    figures = looker.page.locator("main .figure b").all_inner_texts()
    assert figures == ["2", "2"], "done, and all together"
    assert looker.page.evaluate("window.sameLoad") is True
    assert looker.errors == []
    assert not any(holds(story[slug], raw) for slug in ("haichuan", "severia"))


def until(there: Callable[[], bool]) -> None:
    """Wait for what the nodes do by themselves."""
    ends = time.monotonic() + SECONDS
    while not there():
        assert time.monotonic() < ends
        time.sleep(0.1)


def knows(node: Node, agreement: str) -> bool:
    return agreement in node.facts_now().agreements


def has_motion(node: Node, sha256: str) -> bool:
    return any(each.sha256 == sha256 for each in councils.motions(node))


def test_whoever_called_something_back_sees_the_receipts_come(
    story: Story, signed_in: SignIn
) -> None:
    meridia = story["meridia"]
    raw = fresh(meridia.now(), f"To be called back {uuid.uuid4().hex[:8]}")
    (number,) = publish(meridia, [raw], order_under(story)).numbers
    looker = signed_in(language="en")
    looker.open("/recalls")
    before = looker.page.inner_text("main")
    looker.page.evaluate("window.sameLoad = true")
    due = meridia.now() + timedelta(days=3)
    order = recalling.Order(mode="erase", reason=f"Reason {number}", due=due)
    recalling.recall_entries(meridia, [number], order)
    looker.page.wait_for_function(
        "before => document.querySelector('main').innerText !== before",
        arg=before,
        timeout=SECONDS * 1000,
    )
    assert looker.page.evaluate("window.sameLoad") is True
    assert looker.errors == []
