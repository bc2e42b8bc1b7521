"""The page of one object: every view, for every kind of object, and only for who may see it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accord.node.prepare import Order, check_all
from accord.node.private import keep_private
from accord.node.recalling import Order as RecallOrder
from accord.node.recalling import find_entries, recall_entries
from accord.node.replying import Note, Opinion, Sighting, answer_object
from tests.community import Community, id_of, indicator
from tests.web.conftest import Person

Client = Callable[..., Person]
VIEWS = ("", "given", "history", "answers", "raw", "nonsense")


def at(object_id: str, view: str = "", **more: Any) -> str:
    asked = "&".join(f"{name}={value}" for name, value in {"view": view, **more}.items() if value)
    return f"/intelligence/objects/{object_id}" + (f"?{asked}" if asked else "")


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def changed(raw: bytes, moment: str, **fields: Any) -> bytes:
    return json.dumps({**json.loads(raw), "modified": moment, **fields}).encode()


def test_what_an_object_says_and_how_it_may_be_used(community: Community, client: Client) -> None:
    raw = indicator("bad.example", name="Relay", description="First line\nsecond", x_own={"a": 1})
    grade = {"evaluation": None}
    community.publish(
        community["Alfa"], community.agreement, raw, pap="amber", area="cyber", **grade
    )
    text = client().get(at(id_of(raw)))
    said = words(text)
    for part in (
        "Relay",
        "[domain-name:value = &#39;bad.example&#39;]",
        "TLP:GREEN",
        "PAP:AMBER",
        "Agreement",
        "defence",
        "x_own",
        "First line",
    ):
        assert part in said, part
    assert 'href="http' not in text


def test_who_has_it_and_why_others_do_not(community: Community, client: Client) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    raw = indicator()
    community.publish(alfa, community.agreement, raw, audience=(bravo.member,))
    person = client()
    assert "may fetch it" in words(person.get(at(id_of(raw), "given")))
    assert "/live/intelligence-given?about=indicator--" in person.text
    community.sync()
    said = words(person.get(at(id_of(raw), "given")))
    assert "Bravo has it" in said
    assert "Charlie no The author did not address it to this member" in said or "Charlie no" in said


def test_each_member_speaks_for_itself(community: Community, client: Client) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    ours = indicator("one.example", name="Ours")
    theirs = changed(ours, "2026-03-02T11:00:00.000Z", name="Theirs")
    community.publish(alfa, community.agreement, ours)
    community.publish(bravo, community.agreement, theirs)
    community.sync()
    text = client().get(at(id_of(ours)))
    assert "<h1>Ours</h1>" in text
    other = re.search(r"\?holding=(\d+)", text)
    assert other is not None
    text = client().get(at(id_of(ours), holding=other[1]))
    assert "<h1>Theirs</h1>" in text
    assert "another member" in text


def test_history_shows_what_changed_field_by_field(community: Community, client: Client) -> None:
    first = indicator("one.example", name="Old name", labels=["a", "b"])
    second = changed(first, "2026-03-02T11:00:00.000Z", name="New name", labels=["a", "c"])
    for raw in (first, second):
        community.publish(community["Alfa"], community.agreement, raw)
    text = client().get(at(id_of(first), "history"))
    for line in ("Old name", "New name"):
        assert f"<bdi>{line}</bdi>" in text
    assert text.count('class="diff-old"') == 2
    assert text.count('class="diff-same"') == 1


def test_answers_stand_with_the_object(community: Community, client: Client) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    raw = indicator()
    community.publish(alfa, community.agreement, raw)
    community.sync()
    order = Order(agreement="")
    for reply in (Sighting(count=12), Opinion("disagree", "<b>why</b>"), Note("Seen before.")):
        answer_object(bravo, id_of(raw), reply, order)
    community.sync()
    text = client().get(at(id_of(raw), "answers"))
    said = words(text)
    for part in ("Seen 12 times", "Opinion: disagrees", "Seen before."):
        assert part in said
    assert "<b>why</b>" not in text


def test_what_was_called_back_and_erased_says_so(community: Community, client: Client) -> None:
    alfa = community["Alfa"]
    raw = indicator(name="To be gone")
    community.publish(alfa, community.agreement, raw)
    due = alfa.now() + timedelta(days=1)
    order = RecallOrder(mode="erase", reason="wrong", due=due)
    recall_entries(alfa, find_entries(alfa, [id_of(raw)]), order)
    person = client()
    for view in VIEWS:
        said = words(person.get(at(id_of(raw), view)))
        assert "Called back: to be erased" in said
        assert "To be gone" not in said


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_what_is_not_for_a_reader_is_as_if_it_were_not_there(
    community: Community, client: Client, language: str
) -> None:
    alfa = community["Alfa"]
    items, _ = check_all(alfa, [indicator(name="Private")])
    keep_private(alfa, items, "desk")
    amber = indicator(name="Amber")
    community.publish(alfa, community.agreement, amber, tlp="amber")
    bound = client("analyst", language, name="bound", agreements=(community.agreement,))
    low = client("analyst", language, name="low", tlp="green")
    nothing = "indicator--00000000-0000-4000-8000-000000000000"
    for person, hidden in ((bound, items[0].id), (low, id_of(amber))):
        for view in VIEWS:
            refused = person.get(at(hidden, view), 404)
            unknown = person.get(at(nothing, view), 404)
            assert words(refused).replace(hidden, nothing) == words(unknown)
    person = client("analyst", language)
    for view in VIEWS:
        person.get(at(items[0].id, view))


@pytest.mark.parametrize("id_", ["x", "%00", "../../etc/passwd", "a--b", "indicator--%F0%9F"])
def test_odd_addresses_do_no_harm(client: Client, id_: str) -> None:
    person = client()
    assert person.client.get(f"/intelligence/objects/{id_}").status_code == 404


def test_a_holding_of_another_object_is_not_found(community: Community, client: Client) -> None:
    raws = [indicator(), indicator()]
    for raw in raws:
        community.publish(community["Alfa"], community.agreement, raw)
    person = client()
    person.get(at(id_of(raws[0]), holding="99999999"), 404)
    person.get(at(id_of(raws[0]), holding="x"), 400)


HOSTILE = "<img src=x onerror=alert(1)>\u202e\u0000javascript:alert(1) https://evil.example"


def test_hostile_content_in_every_field_stays_text(community: Community, client: Client) -> None:
    hostile = HOSTILE.replace("\u0000", "")
    sources = [{"source_name": hostile, "url": "javascript:alert(1)", "description": hostile}]
    raw = indicator(
        name=hostile, description=hostile * 400, labels=[hostile] * 300,
        external_references=sources, x_any={hostile: [hostile]},
        kill_chain_phases=[{"kill_chain_name": hostile, "phase_name": hostile}],
    )  # fmt: skip
    community.publish(community["Alfa"], community.agreement, raw)
    person = client()
    for view in VIEWS:
        text = person.get(at(id_of(raw), view))
        assert "<img" not in text
        assert 'href="javascript' not in text
        assert "\u202e" not in (re.search(r"<title>(.*?)</title>", text, re.DOTALL) or [""])[0]
    assert len(person.get(at(id_of(raw)))) < 400_000


def test_vocabularies_stand_in_words_with_the_code_beside_them(
    community: Community, client: Client
) -> None:
    raw = indicator(name="Relay", indicator_types=["malicious-activity", "own-word"], lang="ru")
    community.publish(community["Alfa"], community.agreement, raw)
    page = client("analyst", "zh").get(at(id_of(raw)))
    said = words(page)
    assert "恶意活动" in said
    assert 'title="malicious-activity"' in page
    assert "own-word" in said
    assert "俄语" in said
