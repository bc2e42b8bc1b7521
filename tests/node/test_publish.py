"""Publishing and granting: judged as a whole, appended in batches, granted as facts come."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from accord.base.errors import ConflictError, InputError, NotFoundError
from accord.ledger.envelope import decode_envelope
from accord.node import agreements, members
from accord.node.prepare import Order, Rejected
from accord.node.publish import NotReleasable, preview_release, publish
from accord.store.grants import ROUTINE, URGENT
from accord.store.tables import OWN_LEDGER
from tests.node.support import (
    START,
    Community,
    assert_sound,
    entries_of,
    fields_of,
    follow,
    give,
    holds,
    indicator,
    indicators,
    meet,
    object_id,
    openings_granted,
    row_of,
    sync,
)

DAY = "2026-01-01T00:00:00.000Z"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"  # TLP 2.0


def _size(community: Community, name: str) -> int:
    row = community[name].read(lambda tx: tx.ledgers.get(OWN_LEDGER))
    assert row is not None
    return row.size


def test_the_entitled_get_exactly_what_was_published_and_nobody_else_anything(
    trio: Community,
) -> None:
    agreement = trio.agree("Alfa", "Bravo")
    raws = indicators(5)
    given = give(trio["Alfa"], raws, agreement.id)
    trio.settle()
    assert (given.published, given.already) == (5, 0)
    assert given.granted == {trio["Bravo"].member: 5}
    assert all(holds(trio["Bravo"], raw) for raw in raws)
    assert not any(holds(trio["Charlie"], raw) for raw in raws)
    assert_sound(*trio)


def test_the_same_set_again_publishes_nothing_twice(pair: Community) -> None:
    agreement = pair.agree()
    give(pair["Alfa"], indicators(3), agreement.id)
    size = _size(pair, "Alfa")
    again = give(pair["Alfa"], indicators(5), agreement.id)
    assert (again.published, again.already) == (2, 3)
    assert _size(pair, "Alfa") == size + 2


def test_one_object_twice_in_a_set_is_one_entry(pair: Community) -> None:
    agreement = pair.agree()
    size = _size(pair, "Alfa")
    give(pair["Alfa"], [indicator(1), indicator(1)], agreement.id)
    assert _size(pair, "Alfa") == size + 1


def test_one_version_with_two_contents_is_refused_whole(pair: Community) -> None:
    agreement = pair.agree()
    with pytest.raises(ConflictError):
        give(pair["Alfa"], [indicator(1), indicator(1, name="other")], agreement.id)
    give(pair["Alfa"], [indicator(1)], agreement.id)
    size = _size(pair, "Alfa")
    with pytest.raises(ConflictError):
        give(pair["Alfa"], [indicator(2), indicator(1, name="other")], agreement.id)
    assert _size(pair, "Alfa") == size


def test_every_fault_of_a_set_is_told_at_once_and_nothing_is_published(pair: Community) -> None:
    agreement = pair.agree()
    size = _size(pair, "Alfa")
    bad = [indicator(7, created="2026-02-30T00:00:00Z"), indicator(8, pattern="[")]
    with pytest.raises(Rejected) as refused:
        give(pair["Alfa"], [indicator(1), *bad], agreement.id)
    assert {fault.object_id for fault in refused.value.faults} == {object_id(raw) for raw in bad}
    assert _size(pair, "Alfa") == size


def test_what_would_reach_nobody_stops_the_whole_set_with_the_reasons(pair: Community) -> None:
    agreement = pair.agree(tlp_ceiling="green")
    size = _size(pair, "Alfa")
    red = indicator(2, object_marking_refs=[RED])
    with pytest.raises(NotReleasable) as refused:
        give(pair["Alfa"], [indicator(1), red], agreement.id)
    ((withheld, why),) = refused.value.withheld
    assert withheld == object_id(red)
    assert "rules.tlp-above" in {message.key for message in why}
    assert _size(pair, "Alfa") == size


def test_the_envelope_is_never_looser_than_the_object(pair: Community) -> None:
    amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
    agreement = pair.agree()
    raw = indicator(1, object_marking_refs=[amber])
    (number,) = give(pair["Alfa"], [raw], agreement.id, tlp="green").numbers
    entry = pair["Alfa"].read(lambda tx: tx.entries.get(OWN_LEDGER, number))
    assert entry is not None
    assert decode_envelope(entry.envelope).handling.tlp == "amber"


def test_without_any_handling_nothing_is_releasable(pair: Community) -> None:
    agreement = pair.agree()
    with pytest.raises(NotReleasable):
        give(pair["Alfa"], [indicator(1)], agreement.id, tlp=None)


def test_an_empty_set_and_an_unknown_agreement_are_named(pair: Community) -> None:
    with pytest.raises(InputError):
        give(pair["Alfa"], [], "accord-agreement--00000000-0000-4000-8000-000000000000")
    with pytest.raises(NotFoundError):
        give(pair["Alfa"], [indicator()], "accord-agreement--00000000-0000-4000-8000-000000000000")


def test_the_preview_says_the_same_and_writes_nothing(trio: Community) -> None:
    agreement = trio.agree()
    size = _size(trio, "Alfa")
    order = Order(agreement=agreement.id, tlp="green", audience=(trio["Bravo"].member,))
    judged = preview_release(trio["Alfa"], indicators(2), order)
    bravo, charlie = trio["Bravo"].member, trio["Charlie"].member
    assert [row.released for row in judged.rows[bravo]] == [True, True]
    assert [row.released for row in judged.rows[charlie]] == [False, False]
    assert _size(trio, "Alfa") == size
    given = give(trio["Alfa"], indicators(2), agreement.id, audience=(bravo,))
    assert given.granted == {bravo: 2, charlie: 0}


def test_a_reference_to_a_withheld_observable_blocks_the_object(pair: Community) -> None:
    """Its UUIDv5 would give the address away to a dictionary."""
    agreement = pair.agree()
    address = {
        "type": "ipv4-addr",
        "spec_version": "2.1",
        "id": "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd",
        "value": "198.51.100.3",
    }
    observed = {
        "type": "observed-data",
        "spec_version": "2.1",
        "id": "observed-data--11111111-1111-4111-8111-111111111111",
        "created": DAY,
        "modified": DAY,
        "first_observed": DAY,
        "last_observed": DAY,
        "number_observed": 1,
        "object_refs": [address["id"]],
    }
    raws = [json.dumps(each).encode() for each in (observed, address)]
    with pytest.raises(NotReleasable) as refused:
        give(pair["Alfa"], raws[:1], agreement.id)
    assert "rules.reference-reveals" in {m.key for _, why in refused.value.withheld for m in why}
    assert give(pair["Alfa"], raws, agreement.id).published == 2


def test_batches_are_whole_and_in_order(tmp_path: Path) -> None:
    pair = Community.new(tmp_path, "Alfa", "Bravo", append_batch=20)
    agreement = pair.agree()
    done: list[int] = []
    order = Order(agreement=agreement.id, tlp="green")
    given = publish(pair["Alfa"], indicators(50), order, done.append)
    assert [count for count in done if count] == [20, 20, 10]
    assert list(given.numbers) == list(range(given.numbers[0], given.numbers[0] + 50))
    assert sync(pair["Bravo"], pair["Alfa"]).kept == 50
    assert_sound(*pair)
    pair.close()


def test_an_urgent_entry_is_served_before_a_bulk_load(pair: Community) -> None:
    agreement = pair.agree()
    give(pair["Alfa"], indicators(40), agreement.id)
    give(pair["Alfa"], [indicator(99)], agreement.id, urgent=True)
    follow(pair["Bravo"], pair["Alfa"])
    first = openings_granted(pair["Bravo"], pair["Alfa"])[0]
    assert first.opening.object == indicator(99)


def test_the_last_signature_releases_what_was_published_to_others_before(trio: Community) -> None:
    """Two agreements: a set under one is not released by a signature under the other."""
    first = trio.agree("Alfa", "Bravo")
    second = trio.proposed("Alfa", "Charlie")
    give(trio["Alfa"], [indicator(1)], first.id)
    for name in ("Alfa", "Charlie"):
        agreements.sign(trio[name], second.id, sha256=None, person="P", office="O")
    trio.settle()
    assert not holds(trio["Charlie"], indicator(1))


def test_a_member_confirmed_late_gets_what_it_is_entitled_to(trio: Community) -> None:
    """Alfa had removed Charlie when it published; confirming it again grants the older entries."""
    alfa, charlie = trio["Alfa"], trio["Charlie"]
    agreement = trio.agree()
    members.remove_peer(alfa, charlie.member)
    given = give(alfa, indicators(4), agreement.id)
    assert given.granted.get(charlie.member, 0) == 0
    meet(alfa, charlie)
    peer = row_of(alfa, charlie).id
    assert alfa.read(lambda tx: tx.grants.pending({peer: (0, 0)}))[peer] >= 4
    trio.settle()
    assert all(holds(charlie, raw) for raw in indicators(4))


def test_an_entry_is_granted_once_however_often_facts_change(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    agreement = pair.agree()
    give(alfa, indicators(4), agreement.id)
    for _ in range(3):
        members.suspend_peer(alfa, bravo.member)
        members.resume_peer(alfa, bravo.member)
    peer = row_of(alfa, bravo)
    lanes = [
        alfa.read(lambda tx: tx.grants.page(peer.id, URGENT, 0, 99)),
        alfa.read(lambda tx: tx.grants.page(peer.id, ROUTINE, 0, 99)),
    ]
    entries = [granted.entry.seq for lane in lanes for granted in lane]
    assert len(entries) == len(set(entries))


def test_what_expired_is_not_served(pair: Community) -> None:
    agreement = pair.agree()
    give(pair["Alfa"], [indicator(1)], agreement.id, expires=START + timedelta(hours=2))
    pair.clock.advance(hours=3)
    sync(pair["Bravo"], pair["Alfa"])
    assert not holds(pair["Bravo"], indicator(1))


def test_definitions_and_identities_come_before_what_refers_to_them(pair: Community) -> None:
    agreement = pair.agree()
    author = {
        "type": "identity",
        "spec_version": "2.1",
        "id": "identity--11111111-1111-4111-8111-111111111111",
        "created": DAY,
        "modified": DAY,
        "name": "A bank",
        "identity_class": "organization",
    }
    raws = [indicator(1, created_by_ref=author["id"]), json.dumps(author).encode()]
    given = give(pair["Alfa"], raws, agreement.id)
    entries = entries_of(pair["Alfa"], pair["Alfa"].member)[given.numbers[0] :]
    types = [decode_envelope(each.envelope).object.type for each in entries]
    assert types == ["identity", "indicator"]
    sync(pair["Bravo"], pair["Alfa"])
    assert holds(pair["Bravo"], raws[1])


def test_a_natural_person_is_not_released_by_default(pair: Community) -> None:
    agreement = pair.agree()
    person = {
        "type": "identity",
        "spec_version": "2.1",
        "id": "identity--22222222-2222-4222-8222-222222222222",
        "created": DAY,
        "modified": DAY,
        "name": "Ivan Ivanov",
        "identity_class": "individual",
    }
    with pytest.raises(NotReleasable) as refused:
        give(pair["Alfa"], [json.dumps(person).encode()], agreement.id)
    assert "rules.personal-not-allowed" in {m.key for _, w in refused.value.withheld for m in w}


def test_the_bytes_are_published_as_they_were_given(pair: Community) -> None:
    agreement = pair.agree()
    odd = json.dumps(fields_of(indicator(1)) | {"x_custom": "é"}, indent=3).encode()
    give(pair["Alfa"], [odd], agreement.id)
    sync(pair["Bravo"], pair["Alfa"])
    assert holds(pair["Bravo"], odd)


def test_two_who_publish_the_same_set_at_once_publish_it_once(pair: Community) -> None:
    agreement = pair.agree()
    size = _size(pair, "Alfa")
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(give, pair["Alfa"], indicators(8), agreement.id) for _ in range(4)]
        published = [job.result().published for job in jobs]
    assert sum(published) == 8
    assert _size(pair, "Alfa") == size + 8
    assert sync(pair["Bravo"], pair["Alfa"]).kept == 8
