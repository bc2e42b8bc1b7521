"""Recalls, holds and requests on the page: by the names of objects, within one's agreements."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from accord.node.legal_holds import list_holds
from accord.node.permissions import ask_permission, list_permissions
from accord.node.recalling import Order, find_entries, recall_entries
from tests.community import Community, id_of, indicator
from tests.web.conftest import Person

Client = Callable[..., Person]
ELSEWHERE = {"name": "elsewhere", "agreements": ("accord-agreement--other",)}


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def recalled(community: Community, person: Person, raw: bytes, mode: str) -> str:
    """Recall what Alfa gave; the address of the table of receipts."""
    community.publish(community["Alfa"], community.agreement, raw)
    community.sync()
    wanted = {"objects": id_of(raw), "mode": mode, "reason": "A hospital has it now."}
    due = (community["Alfa"].now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    answer = person.post("/recalls/order", **wanted, due=due)
    return answer.headers["location"]


def test_the_table_of_receipts_names_the_object_and_adds_up(
    community: Community, client: Client
) -> None:
    raw, person = indicator(name="Relay in the harbour"), client("releaser")
    where = recalled(community, person, raw, "retract")
    said = words(person.get(where))
    assert said.count("Relay in the harbour") == 2  # a row for Bravo and one for Charlie
    assert "A hospital has it now." in said
    community.sync()
    assert "done" in words(person.get(where))
    assert 'notice-bad"' in person.get(f"/intelligence/objects/{id_of(raw)}")
    assert f'href="{where}"' in person.text


def test_what_was_erased_is_named_by_its_kind(community: Community, client: Client) -> None:
    raw, person = indicator(name="Relay in the harbour"), client("releaser", "ru")
    said = words(person.get(recalled(community, person, raw, "erase")))
    assert "Relay" not in said
    assert f"индикатор …\N{WORD JOINER}{id_of(raw)[-8:]}" in said


def test_a_recall_under_another_agreement_is_unknown(community: Community, client: Client) -> None:
    where = recalled(community, client("releaser"), indicator(), "retract")
    other = client("releaser", **ELSEWHERE)
    other.get(where, 404)
    assert where not in other.get("/recalls")


def test_recalls_and_holds_under_another_agreement_are_unknown(
    community: Community, client: Client
) -> None:
    alfa, bravo, raw = community["Alfa"], community["Bravo"], indicator(name="Given by Bravo")
    community.publish(bravo, community.agreement, raw)
    community.sync()
    person, within = client("releaser"), {"name": "within", "agreements": (community.agreement,)}
    other = client("releaser", **ELSEWHERE)
    other.post("/recalls/holds/place", 400, object=id_of(raw), reason="Case 7")
    person.post("/recalls/holds/place", object=id_of(raw), reason="Case 7")
    (hold,) = list_holds(alfa)
    order = Order(mode="retract", reason="Wrong.", due=bravo.now() + timedelta(days=3))
    recall_entries(bravo, find_entries(bravo, [id_of(raw)]), order)
    community.sync()
    for page in ("/recalls/holds", "/recalls/others"):
        for knows in (person, client("releaser", **within)):
            assert "<table" in knows.get(page)
        assert "<table" not in other.get(page)
    other.post(f"/recalls/holds/{hold.number}/lift", 404)
    assert [each.lifted for each in list_holds(alfa)] == [None]
    assert "<table" not in person.get("/recalls/others?after=1"), "a part behind the first"


def test_what_is_published_elsewhere_is_not_recalled(community: Community, client: Client) -> None:
    raw = indicator()
    community.publish(community["Alfa"], community.agreement, raw)
    due = (community["Alfa"].now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    wanted = {"objects": id_of(raw), "mode": "retract", "reason": "Not mine.", "due": due}
    client("releaser", **ELSEWHERE).post("/recalls/order", 400, **wanted)
    assert "<table" not in client("releaser").get("/recalls")


def test_a_hold_names_its_object_and_a_faulty_one_keeps_what_was_typed(
    community: Community, client: Client
) -> None:
    raw, person = indicator(name="Kept for a court"), client("releaser")
    community.publish(community["Bravo"], community.agreement, raw)
    community.sync()
    person.post("/recalls/holds/place", object=id_of(raw), reason="Case 7")
    assert "Kept for a court" in words(person.get("/recalls/holds"))
    faulty = person.post("/recalls/holds/place", 400, object=id_of(raw), reason="x" * 201)
    assert id_of(raw) in faulty.text
    assert "Kept for a court" in words(faulty.text)


def test_a_request_is_answered_by_who_may_know_of_it(community: Community, client: Client) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    raw = indicator(name="Asked about")
    community.publish(alfa, community.agreement, raw)
    community.sync()
    ask_permission(bravo, id_of(raw), [community["Charlie"].member], "defence", "They are next.")
    community.sync()
    (asked,) = list_permissions(alfa)
    other = client("releaser", **ELSEWHERE)
    assert "Asked about" not in other.get("/permissions")
    other.post(f"/permissions/{asked.id}/answer", 404, answer="granted")
    person = client("releaser", "zh")
    said = words(person.get("/permissions"))
    assert "Asked about" in said
    assert "防御" in said
    person.post(f"/permissions/{asked.id}/answer", answer="granted")
    assert [view.state for view in list_permissions(alfa)] == ["granted"]
    assert "Asked about" in words(person.get("/permissions"))
    assert "Asked about" not in words(person.get(f"/permissions?after={asked.id}"))
