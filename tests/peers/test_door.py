"""The federation door over HTTP: who is let in, what is answered, and how it says no."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from accord.ledger.card import decode_card
from accord.ledger.evidence import check_evidence
from accord.ledger.opening import read_openings
from accord.ledger.tiles import decode_bundle
from accord.node import members
from accord.node.serving import Cursor
from accord.peers.bell import Bell
from tests.community import Community, indicator, ledger_of


def test_anyone_may_see_the_card(community: Community) -> None:
    alfa, bravo, _ = community
    answer = community.ask(bravo, alfa, "/.well-known/accord", headers={})
    assert decode_card(answer.content, alfa.limits).member == alfa.member


@pytest.mark.parametrize(
    "path",
    [
        "/log/checkpoint",
        "/log/tile/entries/000.p/1",
        "/log/openings?after=0.0&limit=10",
        "/log/wait?after=0.0&size=0",
        "/log/evidence/" + "0" * 40 + "/0",
        "/witness/" + "0" * 40 + "/checkpoint",
    ],
)
def test_nothing_else_is_for_strangers(community: Community, path: str) -> None:
    alfa, bravo, _ = community
    answer = community.ask(bravo, alfa, path, headers={})
    assert answer.status_code == 401
    assert answer.json()["key"] == "peers.signature-missing"


def test_a_peer_that_was_only_added_is_a_stranger(community: Community) -> None:
    alfa, bravo, _ = community
    members.remove_peer(alfa, bravo.member)
    members.add_peer(alfa, bravo.settings.url, bravo.card_bytes())
    assert community.ask(bravo, alfa, "/log/checkpoint").status_code == 401


def test_a_suspended_peer_is_refused_at_once_and_a_resumed_one_is_not(
    community: Community,
) -> None:
    alfa, bravo, _ = community
    assert community.ask(bravo, alfa, "/log/checkpoint").status_code == 200
    members.suspend_peer(alfa, bravo.member)
    answer = community.ask(bravo, alfa, "/log/checkpoint")
    assert (answer.status_code, answer.json()["args"]["state"]) == (403, "suspended")
    members.resume_peer(alfa, bravo.member)
    assert community.ask(bravo, alfa, "/log/checkpoint").status_code == 200


def test_tiles_are_served_as_wide_as_asked_and_full_ones_may_be_kept(community: Community) -> None:
    alfa, bravo, _ = community
    community.publish(alfa, community.agreement, *[indicator() for _ in range(300)])

    full = community.ask(bravo, alfa, "/log/tile/entries/000")
    part = community.ask(bravo, alfa, "/log/tile/entries/000.p/7")
    level = community.ask(bravo, alfa, "/log/tile/1/000.p/1")

    assert len(decode_bundle(full.content)) == 256
    assert decode_bundle(part.content) == decode_bundle(full.content)[:7]
    assert len(level.content) == 32
    assert "immutable" in full.headers["cache-control"]
    assert part.headers["cache-control"] == "no-store"
    for path in ("entries/001", "entries/001.p/200", "0/009", "entries/1", "x", "0/000.p/256"):
        answer = community.ask(bravo, alfa, f"/log/tile/{path}")
        assert answer.status_code in (400, 404)


def test_openings_come_urgent_first_in_pages_and_compressed(community: Community) -> None:
    alfa, bravo, _ = community
    agreement = community.agreement
    community.publish(alfa, agreement, *[indicator() for _ in range(9)])
    community.publish(alfa, agreement, urgent=True)
    path = "/log/openings?after=0.0&limit=5"

    first = community.ask(bravo, alfa, path)

    assert first.headers["accord-more"] == "1"
    assert first.headers["content-encoding"] == "zstd"
    page = read_openings(first.content, alfa.limits)
    lanes = [each.lane for each in page]
    assert lanes == sorted(lanes)
    assert lanes[0] == 0
    assert len(page) == 5


@pytest.mark.parametrize(
    "path",
    [
        "/log/openings?after=0&limit=10",
        "/log/openings?after=-1.0&limit=10",
        "/log/openings?after=99999999999999999999.0&limit=1",
        "/log/openings?after=0.0&limit=ten",
        "/log/openings",
        "/log/wait?after=0.0&size=x",
        "/log/evidence/zz/0",
        "/witness/accord/checkpoint",
    ],
)
def test_what_is_not_understood_is_a_small_document(community: Community, path: str) -> None:
    alfa, bravo, _ = community
    answer = community.ask(bravo, alfa, path)
    assert answer.status_code == 400
    assert answer.json().keys() == {"key", "args", "text"}


def test_a_request_with_a_body_is_refused(community: Community) -> None:
    alfa, bravo, _ = community
    answer = community.ask(bravo, alfa, "/log/checkpoint", headers={"content-length": "5"})
    assert answer.status_code == 400


def test_more_requests_than_the_quota_are_told_when_to_come_again(community: Community) -> None:
    alfa, bravo, charlie = community
    community.limit(alfa, peer_requests_per_minute=3)
    answers = [community.ask(bravo, alfa, "/log/checkpoint") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert community.ask(charlie, alfa, "/log/checkpoint").status_code == 200


def test_evidence_is_for_the_audience_also_from_another_holder(community: Community) -> None:
    alfa, bravo, charlie = community
    agreement = community.agree(alfa, bravo)
    (number,) = community.publish(alfa, agreement).numbers
    community.sync()
    path = f"/log/evidence/{alfa.origin.removeprefix('accord/')}/{number}"

    proof = check_evidence(
        community.ask(alfa, bravo, path).content, bravo.limits, now=int(time.time())
    )

    assert proof.author.member == alfa.member
    assert proof.opening.index == number
    assert bravo.member in [card.member for card in proof.witnesses]
    assert community.ask(charlie, alfa, path).status_code == 404
    assert community.ask(charlie, bravo, path).status_code == 404


def test_what_is_handed_on_as_evidence_is_on_record(community: Community) -> None:
    alfa, bravo, _ = community
    (number,) = community.publish(alfa, community.agreement).numbers
    community.ask(bravo, alfa, f"/log/evidence/{alfa.origin.removeprefix('accord/')}/{number}")
    lines = alfa.read(lambda tx: tx.transfers.of_entry(1, number))
    assert [line.direction for _, line in lines] == ["out"]


def test_a_witness_shows_what_it_co_signed_and_nothing_it_did_not_follow(
    community: Community,
) -> None:
    alfa, bravo, charlie = community
    community.publish(alfa, community.agreement)
    community.sync()
    seen = community.ask(
        charlie, bravo, f"/witness/{alfa.origin.removeprefix('accord/')}/checkpoint"
    )
    assert f"{bravo.origin}/witness" in seen.text
    assert community.ask(charlie, bravo, f"/witness/{'0' * 40}/checkpoint").status_code == 404


def test_whoever_waits_is_told_of_a_grant_at_once_and_others_keep_waiting(
    community: Community,
) -> None:
    alfa, bravo, charlie = community
    agreement = community.agree(alfa, bravo)
    first_row, second_row = (
        alfa.read(lambda tx: tx.peers.get(bravo.member)),
        alfa.read(lambda tx: tx.peers.get(charlie.member)),
    )
    assert first_row is not None
    assert second_row is not None
    newest = alfa.read(lambda tx: tx.grants.newest(first_row.id))

    async def story() -> tuple[bool, bool, float]:
        bell = Bell(alfa)
        first = asyncio.create_task(bell.wait(first_row, 10**9, Cursor(*newest), 5.0))
        second = asyncio.create_task(bell.wait(second_row, 10**9, Cursor(9**9, 9**9), 0.6))
        await asyncio.sleep(0.2)
        began = time.monotonic()
        await asyncio.to_thread(community.publish, alfa, agreement)
        told = await first
        return told, await second, time.monotonic() - began

    told, other, _ = asyncio.run(story())
    assert told
    assert not other


def test_two_hundred_may_wait_and_all_are_told(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accord.peers.bell._WAITING_EACH", 200)
    alfa, bravo, _ = community
    row = alfa.read(lambda tx: tx.peers.get(bravo.member))
    assert row is not None
    size = ledger_of(alfa, alfa).size

    async def story() -> tuple[bool, list[bool]]:
        bell = Bell(alfa)
        far = Cursor(9**9, 9**9)
        waits = [asyncio.create_task(bell.wait(row, size, far, 5.0)) for _ in range(200)]
        await asyncio.sleep(0.2)
        early = any(wait.done() for wait in waits)
        await asyncio.to_thread(community.publish, alfa, community.agreement)
        return early, await asyncio.gather(*waits)

    early, told = asyncio.run(story())
    assert not early
    assert all(told)


def test_one_peer_cannot_fill_the_waiting_room(community: Community) -> None:
    alfa, bravo, _ = community
    row = alfa.read(lambda tx: tx.peers.get(bravo.member))
    assert row is not None

    async def story() -> list[bool]:
        bell = Bell(alfa)
        far = Cursor(9**9, 9**9)
        waits = [asyncio.create_task(bell.wait(row, 10**9, far, 0.5)) for _ in range(6)]
        await asyncio.sleep(0.1)
        done = [wait.done() for wait in waits]
        await asyncio.gather(*waits)
        return done

    assert asyncio.run(story()) == [True, True, False, False, False, False]


def test_a_peer_that_was_suspended_while_it_waited_is_told_so(community: Community) -> None:
    alfa, bravo, _ = community
    row = alfa.read(lambda tx: tx.peers.get(bravo.member))
    assert row is not None

    async def story() -> bool:
        bell = Bell(alfa)
        wait = asyncio.create_task(bell.wait(row, 10**9, Cursor(9**9, 9**9), 5.0))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(members.suspend_peer, alfa, bravo.member)
        return await wait

    assert asyncio.run(story())


def test_an_error_document_says_key_arguments_and_text(community: Community) -> None:
    alfa, bravo, _ = community
    document = json.loads(community.ask(bravo, alfa, "/log/tile/0/999").content)
    assert document["key"] == "peers.tile-unknown"
    assert "/log/tile/0/999" in document["text"]
