"""A roster probed from outside: through counts, errors, references, search and what comes back."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from accord.base.errors import NotFoundError
from accord.base.messages import Message
from accord.ledger.envelope import GROUP_VERSION, reread_envelope
from accord.ledger.opening import ROUTINE, GrantedOpening
from accord.node import collections, councils, evidence, groups, receiving, showing
from accord.node.answering import answer_recalls
from accord.node.auditing import export_record
from accord.node.indexing import catch_up
from accord.node.listing import EVERYTHING, collection_uuid
from accord.node.node import Node
from accord.node.notices import send_notices
from accord.node.prepare import Order as Publishing
from accord.node.publish import NotReleasable, preview_release
from accord.node.recalling import Order, find_entries, recall_entries, recall_tables
from accord.node.searching import Question, search
from accord.node.serving import Cursor
from accord.node.tokens import Reader, add_token, reader_of
from accord.node.waiting import list_refused, list_waiting
from tests.attacks.dishonest import append_as, envelope_for
from tests.groups.support import Council, knows_nothing
from tests.node.support import (
    entries_of,
    follow,
    give,
    holds,
    indicator,
    object_id,
    row_of,
)

NOWHERE = "accord-group--00000000-0000-4000-8000-000000000000"


def reader(node: Node, *circles: str, name: str = "tool") -> Reader:
    made = add_token(node, name, role="analyst", circles=circles)
    found = reader_of(node, made.token)
    assert found is not None
    return found


def push(author: Node, to: Node, raw: bytes, under: str, group: str, roster: str) -> None:
    """A liar sends what no rule lets it send: an entry to a group, at a state of its invention."""
    item = author.checker.check(raw).object
    lie = envelope_for(author, item, under, accord=GROUP_VERSION, audience=(group,), roster=roster)
    opening = append_as(author, item, lie)
    follow(to, author)
    row = row_of(to, author)
    cursor = Cursor(row.urgent_cursor, row.routine_cursor)
    receiving.receive(to, row, [GrantedOpening(1, ROUTINE, opening)], cursor)


def waiting(node: Node) -> list[Sequence[Message]]:
    return [row.reasons for row in list_waiting(node)]


def test_a_member_is_not_told_from_one_that_is_none_by_what_it_answers(council: Council) -> None:
    """What an outsider sends to a group waits, for the same reason, inside and outside of it."""
    group = council.authorise("Alfa", "Bravo")
    state = groups.group(council["Alfa"], group).state
    answers = []
    for number, (to, named, roster) in enumerate(
        [("Alfa", group, state), ("Charlie", group, state), ("Alfa", group, "00" * 32),
         ("Bravo", NOWHERE, state), ("Charlie", NOWHERE, "00" * 32)]
    ):  # fmt: skip
        node, raw = council[to], indicator(number)
        before = len(waiting(node))
        push(council["Delta"], node, raw, council.agreement.id, named, roster)
        answers.append(waiting(node)[before:])
        assert not holds(node, raw)
        assert not list_refused(node)
        assert not send_notices(node)
    first, *others = answers
    assert [[each.key for each in reasons] for reasons in first] == [["rules.group-unknown"]]
    assert all(other == first for other in others)


def test_nothing_outside_tells_of_a_group_but_what_the_council_decided(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo")
    council.admit(group, "Alfa", "Charlie")
    give(council["Alfa"], [indicator(1)], council.agreement.id, audience=(group,))
    council.community.settle()
    delta = council["Delta"]
    assert knows_nothing(delta)
    for name in ("Alfa", "Bravo", "Charlie"):
        for row in entries_of(delta, council[name].member):
            assert reread_envelope(row.envelope).group is None
    assert group not in {each.body for each in councils.motions(delta)}
    assert group not in {view.body for view in councils.community(delta).bodies}
    assert group.encode() not in b"".join(export_record(delta))


def test_a_roster_probed_through_errors(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo")
    give(council["Alfa"], [indicator(1)], council.agreement.id, audience=(group,))
    council.community.settle()
    outside = reader(council["Alfa"])
    texts = set()
    for name in (group, collection_uuid(council["Alfa"].member, group), NOWHERE):
        with pytest.raises(NotFoundError) as refused:
            collections.find_collection(council["Alfa"], outside, name)
        texts.add(refused.value.message.key)
    for name in (group, NOWHERE):
        with pytest.raises(NotFoundError) as refused:
            groups.group(council["Delta"], name)
        texts.add(refused.value.message.key)
    assert texts == {"node.collection-unknown", "node.group-unknown"}
    entry = entries_of(council["Alfa"], council["Alfa"].member)[-1]
    peer = row_of(council["Alfa"], council["Delta"])
    keys = set()
    for index in (entry.number, entry.number + 1000):
        with pytest.raises(NotFoundError) as refused:
            evidence.evidence_for_peer(council["Alfa"], peer, council["Alfa"].origin, index)
        keys.add(refused.value.message.key)
    assert keys == {"node.entry-unknown"}


def test_a_roster_probed_through_counts_and_search(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo")
    alfa = council["Alfa"]
    outside = reader(alfa, name="outside")
    give(alfa, [indicator(1, name="Heron")], council.agreement.id)
    before = _counted(alfa, outside)
    give(alfa, [indicator(2, name="Heron")], council.agreement.id, audience=(group,))
    council.community.settle()
    assert _counted(alfa, outside) == before
    inside = reader(alfa, group, name="inside")
    listed, found = _counted(alfa, inside)
    assert group in listed
    assert found == 2
    assert group in {each.alias for each in collections.collections_for(alfa, inside)}
    own = collections.find_collection(alfa, inside, group)
    page, _ = collections.read_page(alfa, inside, own, collections.Query())
    assert object_id(indicator(2)) in {each.object_id for each in page}
    assert not own.can_write


def _counted(node: Node, by: Reader) -> tuple[set[str], int]:
    catch_up(node)
    shown = {each.alias for each in collections.collections_for(node, by)}
    everything = collections.find_collection(node, by, EVERYTHING)
    page, _ = collections.read_page(node, by, everything, collections.Query())
    assert len({each.object_id for each in page}) == len(page)
    return shown, search(node, by, Question(text="Heron")).total


def test_a_roster_probed_through_references(council: Council) -> None:
    """What parties get may not lead to a cyber-observable that only a group has."""
    group = council.authorise("Alfa", "Bravo")
    address = {
        "type": "ipv4-addr",
        "spec_version": "2.1",
        "id": "ipv4-addr--28bb3599-77cd-5a82-a950-b5bcc3caf07c",
        "value": "198.51.100.7",
    }
    give(council["Alfa"], [json.dumps(address).encode()], council.agreement.id, audience=(group,))
    note = {
        "type": "note",
        "spec_version": "2.1",
        "id": "note--11111111-1111-4111-8111-111111111111",
        "created": "2026-03-01T00:00:00.000Z",
        "modified": "2026-03-01T00:00:00.000Z",
        "content": "Seen.",
        "object_refs": [address["id"]],
    }
    order = Publishing(agreement=council.agreement.id, tlp="green")
    judged = preview_release(council["Alfa"], [json.dumps(note).encode()], order)
    released = {member: rows[0].released for member, rows in judged.rows.items()}
    assert released[council["Bravo"].member], "it has the address"
    assert not released[council["Delta"].member]


def test_what_came_within_a_group_is_not_passed_on_to_the_agreement(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo")
    raw = indicator(1)
    give(council["Alfa"], [raw], council.agreement.id, audience=(group,))
    council.community.settle()
    with pytest.raises(NotReleasable) as refused:
        give(council["Bravo"], [raw], council.agreement.id)
    keys = {reason.key for _, why in refused.value.withheld for reason in why}
    assert "rules.onward-group" in keys


def test_a_recall_tells_one_that_left_nothing_of_the_others(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo", "Charlie")
    raw = indicator(1)
    give(council["Alfa"], [raw], council.agreement.id, audience=(group,))
    council.community.settle()
    groups.leave(council["Charlie"], group)
    council.community.settle()
    alfa = council["Alfa"]
    due = council.closing()
    recall_entries(
        alfa, find_entries(alfa, [object_id(raw)]), Order(mode="erase", reason="Wrong.", due=due)
    )
    council.community.settle()
    for name in ("Bravo", "Charlie"):
        answer_recalls(council[name])
    council.community.settle()
    recalls = [row for row in entries_of(alfa, alfa.member) if row.kind == "recall"]
    told = {frozenset(reread_envelope(row.envelope).audience) for row in recalls}
    assert told == {
        frozenset({council["Bravo"].member}),
        frozenset({council["Charlie"].member}),
    }
    for table in recall_tables(alfa):
        assert [row.state for row in table.rows] == ["done"]
    assert not holds(council["Bravo"], raw)
    assert not holds(council["Charlie"], raw)


def test_one_object_for_two_audiences_has_a_marking_for_each(council: Council) -> None:
    group = council.authorise("Alfa", "Bravo")
    raw, alfa = indicator(1), council["Alfa"]
    give(alfa, [raw], council.agreement.id, tlp="amber")
    give(alfa, [raw], council.agreement.id, tlp="green", audience=(group,))
    council.community.settle()
    (view,) = showing.show_object(council["Bravo"], object_id(raw))
    levels = {each.envelope.audience: each.envelope.handling.tlp for each in view.carried}
    assert levels == {("parties",): "amber", (group,): "green"}
    (view,) = showing.show_object(council["Delta"], object_id(raw))
    assert [each.envelope.audience for each in view.carried] == [("parties",)]
    assert give(alfa, [raw], council.agreement.id, tlp="green", audience=(group,)).already == 1
    numbers = find_entries(alfa, [object_id(raw)])
    assert len(numbers) == 2, "each is called back by itself"
