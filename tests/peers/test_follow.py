"""Following: resumable at any point, new keys taken up, two processes at once, quotas of a day."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import msgspec
import pytest

from accord.ledger.keys import RecoveryKey
from accord.node import members
from accord.node.contacts import taken_from
from accord.node.founding import found_node, renew_own_card
from accord.node.home import HomeSettings
from accord.node.keychange import change_keys
from accord.node.node import open_node
from accord.node.overview import peer_overview
from accord.node.verifying import verify_ledgers
from accord.peers.follow import Follower, Stopped
from tests.community import Community, answer_with, held, id_of, indicator, ledger_of


def test_a_follower_may_be_cut_off_at_every_request_and_loses_nothing(
    community: Community,
) -> None:
    alfa, bravo, _ = community
    community.limit(bravo, openings_page=100)
    raws = [indicator() for _ in range(520)]
    community.publish(alfa, community.agreement, *raws)
    left = [0]

    def cut(request: httpx.Request, _honest: httpx.Response) -> httpx.Response | None:
        left[0] -= 1
        return answer_with(b"", 503) if left[0] < 0 else None

    with community.network.tampered(alfa.settings.url, "/", cut):
        for allowed in range(4, 14):  # so many requests go through, then the line is dead
            left[0] = allowed
            (report,) = community.sync_one(bravo, alfa)
            if report.fault is None:
                break
    (report,) = community.sync_one(bravo, alfa)

    assert report.converged
    assert all(held(bravo, id_of(raw)) == [raw] for raw in raws)
    assert bravo.read(lambda tx: tx.entries.count(ledger_of(bravo, alfa).id)) >= 520
    assert [found.faults for found in verify_ledgers(bravo)] == [(), (), ()]


def test_what_did_not_change_is_not_fetched_again(community: Community) -> None:
    alfa, bravo, _ = community
    community.publish(alfa, community.agreement)
    community.sync_one(bravo, alfa)
    community.network.seen.clear()
    community.sync_one(bravo, alfa)
    paths = [request.url.path for request in community.network.seen]
    assert not [path for path in paths if path.startswith("/log/tile")]
    assert len(paths) <= 4


def test_two_processes_may_follow_one_peer_at_once(community: Community) -> None:
    alfa, bravo, _ = community
    raws = [indicator() for _ in range(300)]
    community.publish(alfa, community.agreement, *raws)

    async def story() -> None:
        clients = [community.connect(bravo, alfa.settings.url) for _ in range(3)]
        await asyncio.gather(*[Follower(bravo, alfa.member, c).catch_up() for c in clients])
        for each in clients:
            await each.close()

    asyncio.run(story())
    assert all(held(bravo, id_of(raw)) == [raw] for raw in raws)
    assert bravo.read(lambda tx: tx.ledgers.convictions()) == []


def test_a_peer_that_is_not_confirmed_is_not_followed(community: Community) -> None:
    alfa, bravo, _ = community
    members.suspend_peer(bravo, alfa.member)
    community.network.seen.clear()

    async def story() -> None:
        client = community.connect(bravo, alfa.settings.url)
        try:
            await Follower(bravo, alfa.member, client).catch_up()
        finally:
            await client.close()

    with pytest.raises(Stopped):
        asyncio.run(story())
    assert community.network.seen == []


def test_new_keys_announced_by_the_recovery_key_are_taken_up(tmp_path: Path) -> None:
    community = Community(tmp_path, ("Alfa",))
    url = "http://127.0.0.1:18150"
    founded = found_node(tmp_path / "Bravo", HomeSettings(name="Bravo", url=url))
    bravo = community.open(tmp_path / "Bravo")
    alfa = community["Alfa"]
    community.meet()
    agreement = community.agree()
    assert RecoveryKey.from_words(" ".join(founded.recovery_words))

    bravo.close()
    bravo = open_node(tmp_path / "Bravo")
    change_keys(bravo, " ".join(founded.recovery_words))
    bravo.close()
    bravo = community.open(tmp_path / "Bravo")
    raw = indicator()
    community.publish(bravo, agreement, raw)
    (report,) = community.sync_one(alfa, bravo)

    assert report.fault is None
    assert held(alfa, id_of(raw)) == [raw]
    assert [found.faults for found in verify_ledgers(alfa)] == [(), ()]
    assert community.sync_one(bravo, alfa)[0].converged  # and its new transport key is known
    community.close()


def test_what_was_taken_is_counted_by_day(community: Community) -> None:
    alfa, bravo, _ = community
    row = bravo.read(lambda tx: tx.peers.get(alfa.member))
    assert row is not None
    before = bravo.read(lambda tx: taken_from(tx, row, bravo.now()))
    community.publish(alfa, community.agreement, *[indicator() for _ in range(30)])
    community.sync_one(bravo, alfa)
    after = bravo.read(lambda tx: taken_from(tx, row, bravo.now()))
    assert after.entries - before.entries == 30
    assert after.bytes - before.bytes > 30 * 300
    assert after.on("2999-01-01").entries == 0


def test_a_new_name_on_the_card_of_a_peer_is_taken_up(community: Community) -> None:
    alfa, bravo, _ = community
    bravo.settings = msgspec.structs.replace(bravo.settings, name="Bravo by its new name")
    assert renew_own_card(bravo)
    assert community.sync_one(alfa, bravo)[0].fault is None
    row = alfa.read(lambda tx: tx.peers.get(bravo.member))
    assert row is not None
    assert (row.name, row.card) == ("Bravo by its new name", bravo.card_bytes())


def test_a_card_that_does_not_continue_the_confirmed_one_changes_nothing(
    community: Community,
) -> None:
    alfa, bravo, charlie = community
    community.publish(bravo, community.agreement)

    def others(_request: httpx.Request, _honest: httpx.Response) -> httpx.Response:
        return answer_with(charlie.card_bytes())

    with community.network.tampered(bravo.settings.url, "/.well-known", others):
        assert community.sync_one(alfa, bravo)[0].fault is None
    row = alfa.read(lambda tx: tx.peers.get(bravo.member))
    assert row is not None
    assert row.card == bravo.card_bytes()


def test_lag_is_told_while_what_was_signed_cannot_be_fetched(community: Community) -> None:
    alfa, bravo, _ = community
    community.sync()
    community.publish(bravo, community.agreement, indicator(), indicator())

    def cut(_request: httpx.Request, _honest: httpx.Response) -> httpx.Response:
        return answer_with(b"", 503)

    with community.network.tampered(bravo.settings.url, "/log/tile", cut):
        assert community.sync_one(alfa, bravo)[0].fault is not None
        (seen, _) = peer_overview(alfa)
        assert seen.lag == 2
    community.sync_one(alfa, bravo)
    (seen, _) = peer_overview(alfa)
    assert (seen.lag, seen.last_fault) == (0, None)
