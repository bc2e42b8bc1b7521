"""`/metrics` answers what an operator asks, and says no more than that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accord.base.messages import say
from accord.node import agreements
from accord.node.contacts import Taken, note_contact, note_fault
from accord.node.members import suspend_peer
from accord.node.tokens import add_token
from tests.node.support import Community, give, indicators, row_of, sync

from .conftest import Door


def test_lag_contact_and_what_is_pending_are_told_for_each_peer(trio: Community) -> None:
    alfa, bravo = trio["Alfa"], trio["Bravo"]
    agreement = trio.agree()
    give(alfa, indicators(5), agreement.id)
    row = row_of(alfa, bravo)
    note_contact(alfa, row, remote_size=100, taken=Taken("2026-03-03"))
    trio.clock.advance(seconds=90)
    found = Door(alfa).metrics()
    peer = f'{{member="{bravo.member}"}}'
    known = found[f"accord_ledger_entries{peer}"]
    assert found[f"accord_peer_lag_entries{peer}"] == 100 - known
    assert 90 <= found[f"accord_peer_contact_age_seconds{peer}"] < 91
    assert found[f"accord_peer_pending_grants{peer}"] >= 5
    assert found[f'accord_peer_state{{member="{bravo.member}",state="confirmed"}}'] == 1
    assert found[f"accord_peer_stopped{peer}"] == 0
    assert (
        found["accord_entries_appended_total"]
        == found[f'accord_ledger_entries{{member="{alfa.member}"}}']
    )


def test_a_peer_at_fault_is_told_with_the_key_of_the_reason(trio: Community) -> None:
    alfa, bravo = trio["Alfa"], trio["Bravo"]
    note_fault(alfa, row_of(alfa, bravo), say("peers.unreachable", problem="a secret host name"))
    text = Door(alfa).get("/metrics").text
    assert f'accord_peer_fault{{member="{bravo.member}",reason="peers.unreachable"}} 1' in text
    assert "secret" not in text


def test_why_entries_were_not_kept_is_counted_by_reason(trio: Community) -> None:
    alfa, bravo = trio["Alfa"], trio["Bravo"]
    agreement = trio.agree()
    door = Door(bravo)
    agreements.withdraw(bravo, agreement.id, reason="over")
    give(alfa, indicators(3), agreement.id)
    sync(bravo, alfa)
    found = door.metrics()
    denied = {name: n for name, n in found.items() if name.startswith("accord_verdicts_denied")}
    assert denied
    assert all('reason="rules.' in name for name in denied)
    refused = found['accord_transfers_total{direction="refused"}']
    held = found['accord_transfers_total{direction="held"}']
    assert refused + held == 3
    assert found["accord_refusals_total"] == refused


def test_what_was_on_record_before_the_start_is_not_counted_again(trio: Community) -> None:
    alfa, bravo = trio["Alfa"], trio["Bravo"]
    give(alfa, indicators(2), trio.agree().id)
    sync(bravo, alfa)
    assert Door(bravo).metrics()['accord_transfers_total{direction="in"}'] == 0


def test_entries_that_are_received_and_served_are_counted(trio: Community) -> None:
    alfa, bravo = trio["Alfa"], trio["Bravo"]
    agreement = trio.agree()
    doors = Door(alfa), Door(bravo)
    give(alfa, indicators(4), agreement.id)
    sync(bravo, alfa)
    assert doors[1].metrics()['accord_transfers_total{direction="in"}'] == 4
    assert doors[0].metrics()['accord_transfers_total{direction="out"}'] == 4


def test_commits_and_requests_are_timed(trio: Community) -> None:
    door = Door(trio["Alfa"])
    assert door.get("/readyz").status_code == 200
    assert door.get("/taxii2/").status_code == 401
    assert door.get("/log/checkpoint").status_code == 401
    found = door.metrics()
    assert found["accord_commit_seconds_count"] == 1
    assert found['accord_commit_seconds_bucket{le="+Inf"}'] == 1
    assert found['accord_request_seconds_count{door="taxii",status="4xx"}'] == 1
    assert found['accord_requests_denied_total{door="taxii",status="401"}'] == 1
    assert found['accord_requests_denied_total{door="peers",status="401"}'] == 1
    assert found["process_resident_memory_bytes"] > 1e6


def test_neither_names_nor_content_stand_in_the_metrics(trio: Community) -> None:
    alfa, bravo = trio["Alfa"], trio["Bravo"]
    give(alfa, indicators(2), trio.agree().id)
    sync(bravo, alfa)
    suspend_peer(alfa, trio["Charlie"].member)
    text = Door(bravo).get("/metrics").text + Door(alfa).get("/metrics").text
    for marker in ("Alfa", "Bravo", "Charlie", "indicator", "192.0.2", "Rivers", "127.0.0.1"):
        assert marker not in text


def test_other_machines_see_nothing_without_a_token_that_may(trio: Community) -> None:
    node = trio["Alfa"]
    door = Door(node)
    assert door.get("/metrics").status_code == 200
    assert door.get("/metrics", host="192.0.2.7").status_code == 401
    assert door.get("/metrics", name="evil.example").status_code == 401
    assert door.get("/metrics", **{"x-forwarded-for": "192.0.2.7"}).status_code == 401
    for role, status in (("operator", 200), ("inspector", 200), ("analyst", 401)):
        token = add_token(node, role, role=role).token
        bearer = door.get("/metrics", host="192.0.2.7", authorization=f"Bearer {token}")
        assert bearer.status_code == status
    wrong = door.get("/metrics", host="192.0.2.7", authorization="Bearer accord_x")
    assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, "Bearer")


def test_the_audience_can_be_narrowed_and_opened(trio: Community) -> None:
    node = trio["Alfa"]
    assert Door(node, "token").get("/metrics").status_code == 401
    assert Door(node, "anyone").get("/metrics", host="192.0.2.7").status_code == 200


@pytest.mark.parametrize("form", ["Basic !", "Basic " + "eA==", "Bearer", "Digest x", ""])
def test_what_is_no_token_opens_nothing(trio: Community, form: str) -> None:
    answer = Door(trio["Alfa"], "token").get("/metrics", authorization=form)
    assert answer.status_code == 401


def test_a_scrape_is_told_when_the_store_is_gone(trio: Community) -> None:
    door = Door(trio["Alfa"])
    trio["Alfa"].home.folder.joinpath("accord.db").rename(trio.folder / "elsewhere")
    trio["Alfa"].store._engine.engine.dispose()
    assert door.get("/metrics").status_code == 503


def test_seconds_since_contact_are_never_negative(trio: Community) -> None:
    alfa, bravo = trio["Alfa"], trio["Bravo"]
    trio.clock.advance(hours=1)
    note_contact(alfa, row_of(alfa, bravo), remote_size=0, taken=Taken("2026-03-03"))
    trio.clock.moment -= timedelta(hours=2)
    name = f'accord_peer_contact_age_seconds{{member="{bravo.member}"}}'
    assert Door(alfa).metrics()[name] == 0
