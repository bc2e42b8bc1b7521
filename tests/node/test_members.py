"""Adding, confirming, suspending, resuming and removing other members."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.base.errors import ConflictError, InputError, NotFoundError
from accord.ledger.keys import fingerprint_words
from accord.node import members, serving
from accord.node.node import open_node
from accord.node.publish import NotReleasable
from accord.node.serving import Cursor
from tests.node.support import (
    Community,
    HandClock,
    found,
    give,
    holds,
    indicator,
    indicators,
    meet,
    row_of,
    sync,
)


def test_a_member_that_was_added_gets_nothing_before_it_is_confirmed(tmp_path: Path) -> None:
    clock = HandClock()
    for name in ("one", "two"):
        found(tmp_path / name, name, clock)
    one, two = open_node(tmp_path / "one", clock), open_node(tmp_path / "two", clock)
    try:
        members.add_peer(one, "http://127.0.0.1:1", two.card_bytes())
        assert row_of(one, two).state == "added"
        page = serving.openings_for(one, row_of(one, two), Cursor(), 100)
        assert page.openings == ()
        assert two.member not in one.facts_now().members
    finally:
        one.close()
        two.close()


def test_a_wrong_fingerprint_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    clock = HandClock()
    for name in ("one", "two"):
        found(tmp_path / name, name, clock)
    one, two = open_node(tmp_path / "one", clock), open_node(tmp_path / "two", clock)
    try:
        card = members.add_peer(one, "http://127.0.0.1:1", two.card_bytes())
        wrong = bytes([card.fingerprint[0] ^ 1]) + card.fingerprint[1:]
        with pytest.raises(InputError) as refused:
            members.confirm_peer(one, card.member, wrong.hex())
        assert refused.value.message.key == "node.fingerprint-other"
        assert row_of(one, two).state == "added"
        words = " ".join(fingerprint_words(card.fingerprint))
        assert members.confirm_peer(one, card.member, words).state == "confirmed"
    finally:
        one.close()
        two.close()


def test_a_part_of_the_fingerprint_is_not_enough(pair: Community, tmp_path: Path) -> None:
    found(tmp_path / "extra", "Extra", pair.clock)
    extra = open_node(tmp_path / "extra", pair.clock)
    card = members.add_peer(pair["Alfa"], "http://127.0.0.1:1", extra.card_bytes())
    with pytest.raises(InputError):
        members.confirm_peer(pair["Alfa"], card.member, card.fingerprint.hex()[:16])
    extra.close()


def test_nobody_is_its_own_peer(pair: Community) -> None:
    with pytest.raises(InputError) as refused:
        members.add_peer(pair["Alfa"], "http://127.0.0.1:1", pair["Alfa"].card_bytes())
    assert refused.value.message.key == "node.peer-is-self"


def test_a_confirmed_member_is_not_replaced_by_adding_it_again(pair: Community) -> None:
    with pytest.raises(ConflictError):
        members.add_peer(pair["Alfa"], "http://127.0.0.1:9", pair["Bravo"].card_bytes())
    assert row_of(pair["Alfa"], pair["Bravo"]).url == pair["Bravo"].settings.url


def test_a_suspension_stops_what_was_granted_before(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    agreement = pair.agree()
    give(alfa, [indicator(1)], agreement.id)
    members.suspend_peer(alfa, bravo.member)
    page = serving.openings_for(alfa, row_of(alfa, bravo), Cursor(), 100)
    assert page.openings == ()
    with pytest.raises(NotReleasable):
        give(alfa, [indicator(2)], agreement.id)


def test_a_suspension_stops_what_comes_in_and_resuming_lets_it_in(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    agreement = pair.agree()
    raw = indicator(1)
    give(alfa, [raw], agreement.id)
    members.suspend_peer(bravo, alfa.member)
    assert not holds(bravo, raw)
    members.resume_peer(bravo, alfa.member)
    pair.settle()
    assert holds(bravo, raw)


def test_after_resuming_what_was_held_back_is_granted_without_a_rescan(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    agreement = pair.agree()
    raws = indicators(3)
    give(alfa, raws, agreement.id)
    members.suspend_peer(alfa, bravo.member)
    # The peer asks while it is suspended: its grants are withdrawn.
    serving.openings_for(alfa, row_of(alfa, bravo), Cursor(), 100)
    members.resume_peer(alfa, bravo.member)
    sync(bravo, alfa)
    assert all(holds(bravo, raw) for raw in raws)


def test_a_removed_member_gets_nothing_and_may_be_confirmed_again(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    agreement = pair.agree()
    raw = indicator(1)
    give(alfa, [raw], agreement.id)
    members.remove_peer(alfa, bravo.member)
    page = serving.openings_for(alfa, row_of(alfa, bravo), Cursor(), 100)
    assert page.openings == ()
    meet(alfa, bravo)
    sync(bravo, alfa)
    assert holds(bravo, raw)


def test_a_step_that_does_not_follow_from_the_state_is_refused(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    with pytest.raises(ConflictError):
        members.resume_peer(alfa, bravo.member)
    members.remove_peer(alfa, bravo.member)
    for step in (members.suspend_peer, members.resume_peer, members.remove_peer):
        with pytest.raises(ConflictError):
            step(alfa, bravo.member)


def test_a_member_is_found_by_name_if_only_one_bears_it(tmp_path: Path) -> None:
    community = Community.new(tmp_path, "Alfa", "Bravo", "Bravo2")
    alfa = community["Alfa"]
    assert alfa.read(lambda tx: members.find_peer(tx, "Bravo")).member == community["Bravo"].member
    with pytest.raises(NotFoundError):
        alfa.read(lambda tx: members.find_peer(tx, "Nobody"))
    community.close()
