"""Agreement collections: reading, publishing with the stated handling, drafts and releasers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest

from accord.base.errors import DeniedError, NotFoundError
from accord.ledger.envelope import Envelope, decode_envelope
from accord.node import agreements
from accord.node.drafts import Addition, discard_draft, list_drafts, release_draft, show_draft
from accord.node.node import Node
from accord.node.publish import NotReleasable
from accord.node.tokens import Reader, add_token, reader_of
from accord.stix.check import Checked
from accord.stix.markings import tlp_marking_id
from accord.store.tables import OWN_LEDGER
from tests.node.support import (
    Community,
    fields_of,
    give,
    holds,
    indicator,
    indicators,
    terms_text,
)
from tests.taxii.support import PRIVATE, Tool, ids_of, tool_of

PERSONS = """
[personal_data]
allowed = true
purposes = ["defence"]
max_days = 30
"""


def person(number: int = 0) -> bytes:
    fields = {
        "type": "identity",
        "spec_version": "2.1",
        "id": f"identity--{uuid.UUID(int=(4 << 76) | (8 << 60) | number)}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": "Somebody",
        "identity_class": "individual",
    }
    return json.dumps(fields).encode()


def red(number: int) -> bytes:
    return indicator(number, object_marking_refs=[tlp_marking_id("red")])


def place_of(agreement: str) -> str:
    return f"/api/collections/{agreement}/"


def envelopes(node: Node) -> dict[str, Envelope]:
    """Our own entries by the object they carry."""
    rows = node.read(lambda tx: list(tx.entries.every(OWN_LEDGER)))
    found = [decode_envelope(row.envelope) for row in rows]
    return {each.object.id: each for each in found}


def releaser(node: Node, name: str = "boss", role: str = "releaser", **token: Any) -> Reader:
    made = add_token(node, name, role=role, **token)
    reader = reader_of(node, made.token)
    assert reader is not None
    return reader


def agreed_on_persons(community: Community) -> str:
    """An agreement with a personal-data clause, in force between all."""
    text = terms_text([node.member for node in community]) + PERSONS
    agreement = agreements.propose(community["Alfa"], text).id
    community.settle(rounds=1)
    for node in community:
        agreements.sign(node, agreement, sha256=None, person="P. Erson", office="Desk")
    community.settle()
    return agreement


def test_what_is_written_is_published_and_read_at_the_other_member(allied: Community) -> None:
    agreement = allied.agree().id
    raws = indicators(3)
    with tool_of(allied["Alfa"]) as alfa, tool_of(allied["Bravo"]) as bravo:
        status = alfa.put(raws, place_of(agreement))
        assert (status["status"], status["success_count"]) == ("complete", 3)
        allied.settle()
        for tool in (alfa, bravo):
            body = tool.get(f"{place_of(agreement)}objects/").content
            assert all(raw in body for raw in raws)
        assert bravo.get(f"{PRIVATE}objects/").json() == {}
        assert set(ids_of(raws)) <= set(bravo.ids("/api/collections/everything/"))


def test_the_description_states_the_handling_and_writing_gives_it(allied: Community) -> None:
    agreement = allied.agree(areas=["cyber", "sea"], purposes=["defence", "search"]).id
    own = indicator(2, object_marking_refs=[tlp_marking_id("green")])
    with tool_of(allied["Alfa"]) as tool:
        described = tool.get(place_of(agreement)).json()
        assert described["can_write"]
        for word in ("cyber", "defence", "TLP:AMBER"):
            assert word in described["description"]
        tool.put([indicator(1), own], place_of(agreement))
    found = envelopes(allied["Alfa"])
    unmarked, marked = (found[each].handling for each in ids_of([indicator(1), own]))
    assert (unmarked.tlp, unmarked.area, unmarked.purpose) == ("amber", "cyber", "defence")
    assert marked.tlp == "green"


def test_what_the_agreement_forbids_fails_with_the_reason_and_the_rest_goes(
    allied: Community,
) -> None:
    agreement = allied.agree(tlp_ceiling="green", object_types=["indicator"]).id
    above = indicator(1, object_marking_refs=[tlp_marking_id("amber")])
    other = json.dumps(
        dict(fields_of(indicator(2))) | {"type": "tool", "id": f"tool--{uuid.uuid4()}"}
    )
    with tool_of(allied["Alfa"]) as tool:
        status = tool.put([indicator(0), above, other.encode()], place_of(agreement))
        assert [each["id"] for each in status["successes"]] == ids_of([indicator(0)])
        why = {each["id"]: each["message"] for each in status["failures"]}
        assert "AMBER" in why[ids_of([above])[0]]
        assert status["pending_count"] == 0
        assert set(tool.ids(place_of(agreement))) >= set(ids_of([indicator(0)]))
        assert ids_of([above])[0] not in tool.ids("/api/collections/everything/")


def test_duplicates_under_an_agreement_succeed_and_the_first_content_stands(
    allied: Community,
) -> None:
    agreement = allied.agree().id
    other = indicator(1, name="Another content of the same version")
    with tool_of(allied["Alfa"]) as tool:
        tool.put([indicator(1)], place_of(agreement))
        entries = len(envelopes(allied["Alfa"]))
        for raws in ([indicator(1)], [other], [other, indicator(1)]):
            assert tool.put(raws, place_of(agreement))["success_count"] == len(raws)
        assert indicator(1) in tool.get(f"{place_of(agreement)}objects/").content
    assert len(envelopes(allied["Alfa"])) == entries


def test_what_is_held_in_private_otherwise_cannot_be_published_under_its_version(
    allied: Community,
) -> None:
    agreement = allied.agree().id
    with tool_of(allied["Alfa"]) as tool:
        tool.put([indicator(1)])
        other = indicator(1, name="Another content of the same version")
        assert tool.put([other], place_of(agreement))["failure_count"] == 1
        assert tool.put([indicator(1)], place_of(agreement))["success_count"] == 1


def test_nothing_can_be_written_before_the_agreement_is_in_force_or_by_a_stranger(
    allied: Community,
) -> None:
    agreement = allied.agree().id
    with tool_of(allied["Alfa"], "elsewhere", agreements=()) as tool:
        assert tool.post(indicators(1), place_of(agreement)).status_code == 404
        assert tool.get("/api/collections/").json()["collections"][0]["alias"] == "everything"
        assert tool.get("/api/collections/everything/objects/").json() == {}
    allied.clock.advance(days=3650)
    later = allied.proposed(name="Later")
    with tool_of(allied["Alfa"], "delegate", role="delegate") as tool:
        assert tool.post(indicators(1), place_of(agreement)).status_code == 403
        assert tool.get(place_of(later.id)).status_code == 404


def test_delete_under_an_agreement_points_to_recall(allied: Community) -> None:
    agreement = allied.agree().id
    with tool_of(allied["Alfa"]) as tool:
        tool.put(indicators(1), place_of(agreement))
        answer = tool.request("DELETE", f"{place_of(agreement)}objects/{ids_of(indicators(1))[0]}/")
        assert answer.status_code == 403
        assert "recall" in answer.json()["description"]


def waiting(tool: Tool, agreement: str, *raws: bytes) -> dict[str, Any]:
    """Hand in what needs a releaser; the status, which is pending."""
    status = tool.put(raws, place_of(agreement))
    assert (status["status"], status["pending_count"]) == ("pending", len(raws)), status
    return status


def test_a_person_waits_for_a_second_person_and_then_goes(allied: Community) -> None:
    agreement, node = agreed_on_persons(allied), allied["Alfa"]
    with tool_of(node) as tool:
        status = waiting(tool, agreement, person())
        assert person() not in tool.get("/api/collections/everything/objects/").content
        (draft,) = list_drafts(node)
        assert (draft.id, draft.author, draft.objects) == (status["id"], "tool", (person(),))
        assert draft.reasons
        release_draft(node, draft.id, releaser(node))
        settled = tool.get(f"/api/status/{status['id']}/").json()
        assert (settled["status"], settled["success_count"]) == ("complete", 1)
        assert "pendings" not in settled
    personal = envelopes(node)[ids_of([person()])[0]].handling.personal
    assert personal is not None
    assert set(personal.approvals) == {"tool", "boss"}
    assert list_drafts(node) == []
    allied.settle()
    assert holds(allied["Bravo"], person())


def test_nobody_releases_their_own_draft_and_only_a_releaser_any(allied: Community) -> None:
    agreement, node = agreed_on_persons(allied), allied["Alfa"]
    with tool_of(node, "author", role="releaser") as tool:
        draft = waiting(tool, agreement, person())["id"]
        author = reader_of(node, tool.token)
    assert author is not None
    for reader in (author, releaser(node, "analyst", role="analyst")):
        with pytest.raises(DeniedError):
            release_draft(node, draft, reader)
    with pytest.raises(NotFoundError):
        release_draft(node, draft, releaser(node, "elsewhere", agreements=()))
    assert len(list_drafts(node)) == 1
    release_draft(node, draft, releaser(node))
    with pytest.raises(NotFoundError):
        show_draft(node, draft)


@pytest.mark.parametrize("decide", [release_draft, discard_draft])
def test_of_two_who_decide_on_one_draft_at_once_one_decides(
    allied: Community, decide: Callable[[Node, str, Reader], object]
) -> None:
    agreement, node = agreed_on_persons(allied), allied["Alfa"]
    bosses = [releaser(node), releaser(node, "deputy")]
    with tool_of(node) as tool:
        draft = waiting(tool, agreement, person())["id"]
    before = node.read(lambda tx: tx.entries.count(OWN_LEDGER))
    with ThreadPoolExecutor() as both:
        first = both.submit(release_draft, node, draft, bosses[0])
        second = both.submit(decide, node, draft, bosses[1])
    failed = [each.exception() for each in (first, second) if each.exception()]
    appended = node.read(lambda tx: tx.entries.count(OWN_LEDGER)) - before
    assert [type(error) for error in failed] == [NotFoundError]
    if decide is release_draft or first.exception() is None:
        assert appended == 1
    assert list_drafts(node) == []


def test_what_is_discarded_while_it_is_being_released_is_not_appended(allied: Community) -> None:
    agreement, node = agreed_on_persons(allied), allied["Alfa"]
    boss = releaser(node)
    with tool_of(node) as tool:
        draft = waiting(tool, agreement, person())["id"]
        before = node.read(lambda tx: tx.entries.count(OWN_LEDGER))
        check = node.checker.check

        def discard_first(raw: bytes) -> Checked:
            discard_draft(node, draft, boss)
            return check(raw)

        with patch.object(node.checker, "check", discard_first), pytest.raises(NotFoundError):
            release_draft(node, draft, boss)
    assert node.read(lambda tx: tx.entries.count(OWN_LEDGER)) == before


def test_red_waits_for_names_and_goes_to_those_who_are_named(allied: Community) -> None:
    agreement, node = allied.agree(tlp_ceiling="red").id, allied["Alfa"]
    with tool_of(node) as tool:
        draft = waiting(tool, agreement, red(1))["id"]
    boss = releaser(node)
    with pytest.raises(NotReleasable):
        release_draft(node, draft, boss)
    release_draft(node, draft, boss, Addition(named=("desk@bravo",)))
    allied.settle()
    handling = envelopes(node)[ids_of([red(1)])[0]].handling
    assert (handling.tlp, handling.named) == ("red", ("desk@bravo",))
    with tool_of(allied["Bravo"], "desk@bravo", tlp="red") as named:
        assert ids_of([red(1)])[0] in named.ids(place_of(agreement))
    with tool_of(allied["Bravo"], "other", tlp="red") as other:
        assert ids_of([red(1)])[0] not in other.ids(place_of(agreement))


def test_what_no_releaser_could_let_go_is_no_draft(allied: Community) -> None:
    agreement = allied.agree().id  # ceiling amber, no clause on persons
    with tool_of(allied["Alfa"]) as tool:
        status = tool.put([red(1), person(), indicator(2)], place_of(agreement))
        assert (status["success_count"], status["failure_count"]) == (1, 2)
        assert all(each["message"] for each in status["failures"])
    assert list_drafts(allied["Alfa"]) == []


def test_a_discarded_draft_fails_in_its_status_and_goes_nowhere(allied: Community) -> None:
    agreement, node = agreed_on_persons(allied), allied["Alfa"]
    with tool_of(node) as tool:
        status = waiting(tool, agreement, person())
        discard_draft(node, status["id"], releaser(node))
        settled = tool.get(f"/api/status/{status['id']}/").json()
        assert (settled["status"], settled["failure_count"]) == ("complete", 1)
        own = waiting(tool, agreement, person(2))["id"]
        author = reader_of(node, tool.token)
        assert author is not None
        discard_draft(node, own, author)
    assert list_drafts(node) == []
    allied.settle()
    assert not holds(allied["Bravo"], person())


def test_what_refers_to_a_waiting_observable_waits_with_it(allied: Community) -> None:
    agreement = allied.agree(tlp_ceiling="red").id
    address = json.dumps(
        {
            "type": "ipv4-addr",
            "spec_version": "2.1",
            "id": "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd",
            "value": "198.51.100.3",
            "object_marking_refs": [tlp_marking_id("red")],
        }
    ).encode()
    seen = {
        "type": "observed-data",
        "spec_version": "2.1",
        "id": f"observed-data--{uuid.uuid4()}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "first_observed": "2026-01-01T00:00:00Z",
        "last_observed": "2026-01-01T00:00:00Z",
        "number_observed": 1,
        "object_refs": ["ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd"],
    }
    with tool_of(allied["Alfa"]) as tool:
        status = tool.put([address, json.dumps(seen).encode(), indicator(1)], place_of(agreement))
    assert (status["success_count"], status["pending_count"]) == (1, 2)
    (draft,) = list_drafts(allied["Alfa"])
    boss = releaser(allied["Alfa"])
    release_draft(allied["Alfa"], draft.id, boss, Addition(named=("desk",)))
    allied.settle()
    assert holds(allied["Bravo"], address)


def test_the_text_in_the_other_languages_stands_beside_the_agreement(allied: Community) -> None:
    agreement, other = allied.agree().id, allied.agree(name="Other").id
    found = []
    for node in (allied["Alfa"], allied["Bravo"]):
        with tool_of(node, "reader") as tool:
            shown = tool.get(f"{place_of(agreement)}objects/").json()["objects"]
            elsewhere = set(tool.ids(place_of(other))) | set(tool.ids(PRIVATE))
        texts = [each for each in shown if each["type"] == "language-content"]
        assert {each["object_ref"] for each in texts} == {agreement}
        assert [list(each["contents"]) for each in texts] == [["zh"], ["ru"]]
        assert not {each["id"] for each in texts} & elsewhere
        found.append(texts)
    assert found[0] == found[1]


def test_a_token_for_one_agreement_sees_only_that_one(allied: Community) -> None:
    first, second = allied.agree(name="First").id, allied.agree(name="Second").id
    for agreement, raw in ((first, indicator(1)), (second, indicator(2))):
        give(allied["Alfa"], [raw], agreement)
    with tool_of(allied["Alfa"], agreements=(first,)) as tool:
        shown = [each["alias"] for each in tool.get("/api/collections/").json()["collections"]]
        assert shown == ["everything", first]
        seen = tool.get("/api/collections/everything/objects/").content
        assert indicator(1) in seen
        assert indicator(2) not in seen
        for name in (second, "private"):
            assert tool.get(f"/api/collections/{name}/objects/").status_code == 404
