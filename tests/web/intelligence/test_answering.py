"""Answers and acknowledgements from the page: done once, by who may, with faults in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from accord.node.answers import answers_to
from accord.node.drafts import list_drafts
from accord.node.indexing import catch_up
from accord.node.prepare import Order
from accord.node.replying import propose_correction
from tests.community import Community, id_of, indicator
from tests.web.conftest import Person
from tests.web.intelligence.test_showing import at, changed, words

Client = Callable[..., Person]


@pytest.fixture
def received(community: Community) -> bytes:
    """What Bravo gave to Alfa and the others."""

    def give() -> bytes:
        raw = indicator(name="From Bravo")
        community.publish(community["Bravo"], community.agreement, raw)
        community.sync()
        return raw

    return community.staged("received", give)


def post(person: Person, object_id: str, status: int = 303, /, **fields: Any) -> None:
    person.get(at(object_id, "answers"))
    answer = person.post(f"/intelligence/objects/{object_id}/answer", status, **fields)
    if status == 303:
        person.follow(answer)


def test_each_kind_of_answer_reaches_the_author(
    community: Community, client: Client, received: bytes
) -> None:
    person, id_ = client(), id_of(received)
    post(person, id_, kind="sighting", count="4", last_seen="2026-03-02T15:00")
    assert "Your answer is published" in person.text
    post(person, id_, kind="opinion", opinion="strongly-disagree", explanation="Почему")
    post(person, id_, kind="note", content="Ours <b>too</b>", to_author="on")
    fixed = changed(received, "2026-03-02T12:00:00.000Z", name="Mended")
    post(person, id_, kind="correction", object=fixed.decode())
    assert "sent to its author" in person.text
    community.sync()
    found = answers_to(community["Bravo"], id_)
    assert sorted(each.kind for each in found) == ["correction", "note", "opinion", "sighting"]
    assert {each.said.count for each in found if each.kind == "sighting"} == {4}
    assert not [each for each in answers_to(community["Charlie"], id_) if each.kind == "note"]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "sighting", "count": "many"},
        {"kind": "sighting", "count": "-1"},
        {"kind": "sighting", "first_seen": "yesterday"},
        {"kind": "opinion", "opinion": "perhaps", "explanation": "typed words"},
        {"kind": "note", "content": "   "},
        {"kind": "note", "content": "x" * 20_001},
        {"kind": "correction", "object": "{not json"},
        {"kind": "correction", "object": "{}"},
    ],
)
def test_a_faulty_answer_is_said_beside_its_form_and_nothing_is_published(
    community: Community, client: Client, received: bytes, fields: dict[str, str]
) -> None:
    person, id_ = client(), id_of(received)
    post(person, id_, 400, **fields)
    assert 'class="notice notice-bad"' in person.text
    if "explanation" in fields:
        assert "typed words" in person.text
    assert answers_to(community["Alfa"], id_) == []


def test_an_unknown_kind_is_refused(client: Client, received: bytes) -> None:
    post(client(), id_of(received), 400, kind="gossip")


def test_our_own_is_answered_by_others(community: Community, client: Client) -> None:
    raw = indicator()
    community.publish(community["Alfa"], community.agreement, raw)
    person = client()
    assert "it is others who answer" in words(person.get(at(id_of(raw), "answers")))
    post(person, id_of(raw), 400, kind="note", content="To ourselves")


def test_who_may_not_answer_sees_no_form(client: Client, received: bytes) -> None:
    delegate = client("delegate")
    assert "/answer" not in delegate.get(at(id_of(received), "answers"))
    delegate.post(f"/intelligence/objects/{id_of(received)}/answer", 403, kind="note", content="x")


def test_what_one_may_not_see_one_cannot_answer(community: Community, client: Client) -> None:
    raw = indicator()
    community.publish(community["Bravo"], community.agreement, raw, tlp="amber")
    community.sync()
    low = client(name="low", tlp="green")
    low.get("/intelligence")
    low.post(f"/intelligence/objects/{id_of(raw)}/answer", 404, kind="note", content="x")


def test_a_restriction_is_acknowledged_before_the_content_is_shown(
    community: Community, client: Client
) -> None:
    raw = indicator(name="Secret name", description="Secret words")
    codes = {
        "codes": ("H3",),
        "restriction": "For the desk in charge only.",
        "approvals": ("one", "two"),
    }
    community.publish(community["Bravo"], community.agreement, raw, **codes)
    community.sync()
    person, id_ = client(), id_of(raw)
    assert id_ not in person.get("/intelligence")
    for view in ("", "given", "history", "answers", "raw", "links"):
        said = words(person.get(at(id_, view)))
        assert "For the desk in charge only." in said
        assert "Secret" not in said
    assert "Secret" not in person.client.get(f"/intelligence/objects/{id_}/export.json").text
    person.get(at(id_))
    answer = person.post(f"/intelligence/objects/{id_}/acknowledge")
    assert "Secret words" in person.follow(answer)
    assert id_ in person.get("/intelligence")
    other = client("duty")
    assert "Secret" not in words(other.get(at(id_)))


def link(one: bytes, two: bytes) -> bytes:
    """A relationship between two objects."""
    moment = json.loads(one)["created"]
    fields = {
        "type": "relationship", "spec_version": "2.1", "created": moment, "modified": moment,
        "id": "relationship--11111111-1111-4111-8111-111111111111",
        "relationship_type": "related-to", "source_ref": id_of(one), "target_ref": id_of(two),
    }  # fmt: skip
    return json.dumps(fields).encode()


def test_a_relationship_is_not_sighted_and_no_form_offers_it(
    community: Community, client: Client, received: bytes
) -> None:
    raw, person = link(received, received), client()
    community.publish(community["Bravo"], community.agreement, raw)
    community.sync()
    page = person.get(at(id_of(raw), "answers"))
    assert 'value="opinion"' in page
    assert 'value="sighting"' not in page
    post(person, id_of(raw), 400, kind="sighting", count="1")
    assert 'value="sighting"' in person.get(at(id_of(received), "answers"))


def test_links_and_their_picture_show_what_one_may_see(
    community: Community, client: Client
) -> None:
    alfa = community["Alfa"]
    one, two = indicator(name="One end"), indicator(name="Other end")
    community.publish(alfa, community.agreement, one, tlp="green")
    community.publish(alfa, community.agreement, two, tlp="amber")
    community.publish(alfa, community.agreement, link(one, two), tlp="green")
    catch_up(alfa, 10.0)
    for start in (one, two):
        said = words(client().get(at(id_of(start), "links")))
        assert "One end indicator is related to Other end indicator" in said
    picture = json.loads(client().get(f"/intelligence/objects/{id_of(one)}/graph.json"))
    assert {each["data"].get("label") for each in picture["elements"]} == {
        "One end", "Other end", "is related to",
    }  # fmt: skip
    low = client(name="low", tlp="green")
    text = low.get(at(id_of(one), "links"))
    assert "Other end" not in text
    assert id_of(two) in text
    low.get(f"/intelligence/objects/{id_of(two)}/graph.json", 404)


def test_a_correction_is_compared_and_taken_over_as_a_draft(
    community: Community, client: Client
) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    raw = indicator(name="With a fault")
    community.publish(alfa, community.agreement, raw)
    community.sync()
    fixed = changed(raw, "2026-03-02T12:00:00.000Z", name="Without a fault")
    propose_correction(bravo, id_of(raw), fixed, Order(agreement=""))
    community.sync()
    person = client("releaser")
    text = person.get(at(id_of(raw), "answers"))
    assert "<bdi>With a fault</bdi>" in text
    assert "<bdi>Without a fault</bdi>" in text
    number = re.search(r'name="number" value="(\d+)"', text)
    assert number is not None
    path = f"/intelligence/objects/{id_of(raw)}/take-over"
    for faulty, status in (({"number": "x"}, 400), ({"number": "99"}, 404), ({"author": "-"}, 404)):
        person.get(at(id_of(raw), "answers"))
        person.post(path, status, **{"author": bravo.member, "number": number[1], **faulty})
    assert list_drafts(alfa) == []
    person.get(at(id_of(raw), "answers"))
    done = person.post(path, author=bravo.member, number=number[1])
    (draft,) = list_drafts(alfa)
    assert done.headers["location"] == f"/drafts/{draft.id}"
