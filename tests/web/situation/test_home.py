"""The start page: what waits for whom, what came, what flows; and nothing beyond one's scope."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from accord.base.clock import utc_now
from accord.node.permissions import ask_permission
from accord.node.places import set_place
from accord.node.prepare import Order as Publishing
from accord.node.recalling import Order, find_entries, recall_entries
from accord.node.replying import Sighting, answer_object
from tests.community import Community, id_of, indicator
from tests.web.conftest import Person

Client = Callable[..., Person]


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


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
    assert "Later" in said
    shown = re.search(r'name="shown" form="looked" value="(\d+)"', person.text)
    assert shown is not None
    assert "Nothing new." in words(person.follow(person.post("/looked", shown=shown[1])))
    person.follow(person.post("/looked", shown="9" * 40))  # somebody's idea of a place


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


def test_the_map_and_the_table_say_the_same_in_words_of_the_reader(
    community: Community, client: Client
) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    set_place(alfa, bravo.member, "KZ")
    page = client("delegate", "ru").get("/")
    assert "Казахстан" in words(page)
    assert page.count('class="them') == 1
    assert "<title>Bravo</title>" in page
