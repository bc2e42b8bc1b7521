"""What changes is seen at several members without anybody loading a page again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from accord.node import deciding, recalling
from accord.node.publish import publish
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.motion_file import Moving
from tests.browser.happening import fresh
from tests.browser.looking import Looker
from tests.browser.seeding import Story, order_under

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
