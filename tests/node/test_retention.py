"""Retention: a clock is started with the entry, asks, hides, and erases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accord.ledger.envelope import reread_envelope
from accord.node.collections import Query, find_collection, read_page
from accord.node.legal_holds import lift_hold, place_hold
from accord.node.node import Node
from accord.node.retention import Round, list_retained, run_clocks
from accord.node.tokens import add_token, reader_of
from tests.node.support import Community, assert_sound, give, holds, indicator, object_id


@pytest.fixture
def kept_ten_days(pair: Community) -> tuple[Community, str]:
    return pair, pair.agree(retention_days=10, review_days=8).id


def shown(node: Node, agreement: str) -> int:
    known = {row.name for row in node.read(lambda tx: tx.tokens.all())}
    token = add_token(node, f"desk{len(known)}", role="analyst").token
    reader = reader_of(node, token)
    assert reader is not None
    collection = find_collection(node, reader, agreement)
    page, _ = read_page(node, reader, collection, Query(types=("indicator",)))
    return len(page)


def test_an_entry_is_looked_at_hidden_and_erased_in_time(
    kept_ten_days: tuple[Community, str],
) -> None:
    pair, agreement = kept_ten_days
    alfa, _ = pair
    raw = indicator(1)
    give(alfa, [raw], agreement)
    pair.settle()
    for node in pair:
        assert run_clocks(node) == Round()
        assert list_retained(node) == []
        assert [each.object_id for each in list_retained(node, days=9)] == [object_id(raw)]
    pair.clock.advance(days=11)
    for node in pair:
        assert run_clocks(node) == Round(hidden=1)
        assert shown(node, agreement) == 0
        assert holds(node, raw)
        (row,) = list_retained(node)
        assert row.state == "hidden"
    pair.clock.advance(days=30)
    for node in pair:
        assert run_clocks(node) == Round(erased=1)
        assert not holds(node, raw)
        assert run_clocks(node) == Round()
        assert list_retained(node) == []
    assert_sound(*pair)


def test_what_a_hold_keeps_goes_when_it_is_lifted(kept_ten_days: tuple[Community, str]) -> None:
    pair, agreement = kept_ten_days
    alfa, bravo = pair
    raw = indicator(1)
    give(alfa, [raw], agreement)
    pair.settle()
    hold = place_hold(bravo, object_id(raw), "Evidence in a case.")
    pair.clock.advance(days=50)
    assert run_clocks(bravo) == Round(hidden=1, held=1)
    assert holds(bravo, raw)
    (row,) = list_retained(bravo)
    assert row.held == "Evidence in a case."
    lift_hold(bravo, hold)
    assert run_clocks(bravo) == Round(erased=1)
    assert not holds(bravo, raw)
    del alfa


def test_what_nothing_limits_has_no_clock(pair: Community) -> None:
    alfa, _ = pair
    give(alfa, [indicator(1)], pair.agree().id)
    pair.clock.advance(days=10_000)
    assert run_clocks(alfa) == Round()


def test_the_time_in_the_envelope_counts_where_it_is_earlier(
    kept_ten_days: tuple[Community, str],
) -> None:
    pair, agreement = kept_ten_days
    alfa, _ = pair
    give(alfa, [indicator(1)], agreement, expires=alfa.now() + timedelta(days=2))
    pair.clock.advance(days=3)
    assert run_clocks(alfa).hidden == 1


def test_what_has_ended_goes_to_nobody_new(kept_ten_days: tuple[Community, str]) -> None:
    pair, agreement = kept_ten_days
    alfa, bravo = pair
    raw = indicator(1)
    give(alfa, [raw], agreement)
    pair.clock.advance(days=11)
    run_clocks(alfa)
    pair.settle()
    assert not holds(bravo, raw)


def test_a_version_that_was_erased_in_time_may_come_again(
    kept_ten_days: tuple[Community, str],
) -> None:
    pair, agreement = kept_ten_days
    alfa, _ = pair
    give(alfa, [indicator(1)], agreement)
    pair.clock.advance(days=50)
    run_clocks(alfa)
    give(alfa, [indicator(1, version=4)], agreement)
    entries = alfa.read(lambda tx: list(tx.entries.every(1)))
    assert [reread_envelope(row.envelope).object.id for row in entries if row.salt_o][-1] == (
        object_id(indicator(1))
    )
