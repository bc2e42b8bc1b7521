"""The start page: what waits for whom, what came, what flows; and nothing beyond one's scope."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import get_args

import pytest

from accord.base.clock import utc_now
from accord.base.messages import LANGUAGES
from accord.node import agreements
from accord.node.answering import answer_recalls
from accord.node.legal_holds import place_hold
from accord.node.permissions import ask_permission
from accord.node.places import set_place
from accord.node.prepare import Order as Publishing
from accord.node.recalling import Order, find_entries, recall_entries
from accord.node.replying import Sighting, answer_object
from accord.rules.access import Role
from tests.community import Community, id_of, indicator
from tests.node.support import terms_text
from tests.web.conftest import Person

Client = Callable[..., Person]


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def todo(page: str) -> str:
    """What waits."""
    return page.partition('class="todo"')[2].partition("</ul>")[0]


@pytest.mark.parametrize("role", get_args(Role))
def test_every_role_begins_on_it_in_each_language(client: Client, role: str) -> None:
    for language in LANGUAGES:
        page = client(role, language).get("/")
        assert "situation." not in page
        reads = role not in ("operator", "inspector")
        assert ("/looked" in page) == reads, "who reads no content is told of none"


def test_nothing_waits_and_nothing_is_new_for_a_fresh_node(
    community: Community, client: Client
) -> None:
    said = words(client("analyst releaser delegate").get("/"))
    assert "Nothing waits for you." in said
    assert "What comes appears here by itself." in said


def test_what_came_is_named_and_no_longer_new_once_it_was_looked_at(
    community: Community, client: Client
) -> None:
    raw = indicator("relay.example", name="Relay in the harbour")
    community.publish(community["Bravo"], community.agreement, raw)
    community.sync()
    answer_object(community["Charlie"], id_of(raw), Sighting(count=4), Publishing(agreement=""))
    community.sync()
    person = client()
    said = words(person.get("/"))
    assert "2 new objects" in said
    assert "Seen: Relay in the harbour" in said
    assert "sighting--" not in said
    shown = re.search(r'name="shown" form="looked" value="(\d+)"', person.text)
    assert shown is not None
    community.publish(community["Bravo"], community.agreement, indicator(name="Later"))
    community.sync()
    said = words(person.follow(person.post("/looked", shown=shown[1])))
    assert "One new object" in said
    assert "Relay in the harbour" not in said
    assert "Relay in the harbour" in client("analyst", "ru").get("/"), "others have not looked yet"
    assert "Later" in said
    shown = re.search(r'name="shown" form="looked" value="(\d+)"', person.text)
    assert shown is not None
    assert "Nothing new." in words(person.follow(person.post("/looked", shown=shown[1])))
    person.follow(person.post("/looked", shown="9" * 40))  # somebody's idea of a place


def test_names_that_members_chose_stay_words(community: Community, client: Client) -> None:
    raw = indicator(name="<script>alert(1)</script>")
    community.publish(community["Bravo"], community.agreement, raw)
    community.sync()
    page = client("analyst").get("/")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_text_to_sign_waits_for_those_who_may_sign_it(
    community: Community, client: Client
) -> None:
    parties = [node.member for node in community]
    view = agreements.propose(community["Bravo"], terms_text(parties, name="River text"))
    community.sync()
    assert f"/agreements/{view.id}" in client("delegate").get("/")
    assert todo(client("inspector").get("/")) == ""
    limited = client("delegate", name="limited", agreements=(community.agreement,)).get("/")
    assert view.id not in limited


def test_a_draft_waits_for_releasers_alone_and_not_for_its_author(
    community: Community, client: Client
) -> None:
    author = client("analyst releaser", name="author")
    given = {"agreement": community.agreement, "objects": indicator().decode(), "whom": "all"}
    author.post("/publish/draft", **given, tlp="amber")
    waits = "One draft waits for a releaser"
    assert waits not in words(author.get("/"))
    assert waits in words(client("releaser", name="other").get("/"))
    assert waits not in words(client("analyst", name="third").get("/"))


def test_requests_and_recalls_are_counted_within_the_agreements_of_an_account(
    community: Community, client: Client
) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    raw = indicator(name="Asked about")
    community.publish(alfa, community.agreement, raw)
    community.sync()
    ask_permission(bravo, id_of(raw), [community["Charlie"].member], "defence", "They are next.")
    due = alfa.now() + timedelta(days=1)
    order = Order(mode="retract", reason="It was wrong.", due=due)
    recall_entries(alfa, find_entries(alfa, [id_of(raw)]), order)
    community.sync_one(alfa, bravo)
    alfa.clock = lambda: utc_now() + timedelta(days=2)
    said = words(client("releaser").get("/"))
    assert "One member asks whether something may be passed on" in said
    assert "One recall of ours is not answered in time" in said
    other = client("releaser", name="elsewhere", agreements=("accord-agreement--other",))
    assert "Nothing waits for you." in words(other.get("/"))


def test_a_recall_that_was_refused_waits_for_the_releaser(
    community: Community, client: Client
) -> None:
    alfa, bravo, raw = community["Alfa"], community["Bravo"], indicator()
    (number,) = community.publish(alfa, community.agreement, raw).numbers
    community.sync()
    place_hold(bravo, id_of(raw), "A court asked for it.")
    due = alfa.now() + timedelta(days=3)
    order = Order(mode="erase", reason="A source asked", due=due)
    recall_entries(alfa, [number], order)
    assert '"/recalls"' not in todo(client("releaser").get("/"))
    for _ in range(2):
        community.sync()
        answer_recalls(bravo)
    community.sync()
    assert '"/recalls"' in todo(client("releaser").get("/"))
    assert '"/recalls"' not in todo(client("analyst").get("/"))


def test_the_map_and_the_table_say_the_same_in_words_of_the_reader(
    community: Community, client: Client
) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    set_place(alfa, bravo.member, "KZ")
    page = client("delegate", "ru").get("/")
    assert "Казахстан" in words(page)
    assert page.count('class="them') == 1
    assert "<title>Bravo</title>" in page
