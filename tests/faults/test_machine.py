"""Faults of the machine under a node: a clear message, no damage, and on it goes afterwards.

What the store alone does about them is in `tests/store/faults`.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from accord.base.errors import AccordError, InputError, MachineFault
from accord.node.cosignatures import take_cosignature
from accord.node.home import Home
from accord.node.node import Node, open_node
from accord.node.receiving import receive
from accord.node.waiting import list_refused
from accord.node.witnessing import witnessed_checkpoint
from accord.store.sqlite import SqliteEngine
from accord.store.store import Store
from tests.faults.conftest import Scenes
from tests.faults.engine import node_on_disk
from tests.faults.steps import only_agreement, published, settle_again
from tests.faults.steps import publish as publish_all
from tests.node.support import (
    Community,
    HandClock,
    assert_sound,
    follow,
    found,
    give,
    holds,
    indicator,
    page_of,
    reasons,
    row_of,
    sync,
    witness,
)


@pytest.fixture
def agreed(scenes: Scenes, tmp_path: Path) -> Iterator[Community]:
    """Alfa and Bravo with an agreement in force."""
    community = scenes.copy("append", tmp_path)
    yield community
    community.close()


def _goes_on(community: Community) -> None:
    """After the fault is gone: the same call succeeds and both come to the same."""
    publish_all(community)
    assert published(community)
    settle_again(community)
    assert_sound(*community)


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (apsw.FullError, "store.disk-full"),
        (apsw.IOError, "store.disk-fault"),
        (apsw.ReadOnlyError, "store.read-only"),
    ],
)
@pytest.mark.parametrize("moment", ["write", "sync"])
def test_a_disk_that_takes_no_more_refuses_and_goes_on_when_it_does(
    agreed: Community, error: type[Exception], key: str, moment: str
) -> None:
    agreed["Alfa"].close()
    agreed.nodes["Alfa"], disk = node_on_disk(agreed.folder / "Alfa", agreed.clock)
    disk.failing, disk.fail_on = error, moment
    with pytest.raises(MachineFault) as fault:
        publish_all(agreed)
    assert fault.value.message.key == key
    assert_sound(agreed["Alfa"])
    disk.failing = None
    _goes_on(agreed)


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineFault) as fault:
        found(tmp_path / "file" / "home", "Alfa", HandClock())
    assert fault.value.message.key == "node.home-unwritable"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
@pytest.mark.parametrize("name", ["ledger", "witness", "transport", "token"])
def test_a_key_that_others_can_reach_keeps_the_node_shut(
    agreed: Community, name: str, mode: int
) -> None:
    agreed["Alfa"].close()
    folder = agreed.folder / "Alfa"
    key = folder / "keys" / f"{name}.key"
    key.chmod(mode)
    with pytest.raises(InputError) as refused:
        open_node(folder)
    assert refused.value.message.key == "node.key-loose"
    assert refused.value.message.args["path"] == str(key)
    assert Home(folder).loose_keys() == [key]
    key.chmod(0o600)
    agreed.nodes["Alfa"] = open_node(folder, agreed.clock)
    assert Home(folder).loose_keys() == []


def test_a_witness_whose_clock_went_back_does_not_break_its_word(agreed: Community) -> None:
    alfa, bravo = agreed["Alfa"], agreed["Bravo"]
    settle_again(agreed)
    before = witnessed_checkpoint(bravo, alfa.origin)
    give(alfa, [indicator(1)], only_agreement(agreed))
    agreed.clock.advance(days=-2)
    with pytest.raises(MachineFault) as fault:
        follow(bravo, alfa)
    assert fault.value.message.key == "ledger.witness-clock"
    assert witnessed_checkpoint(bravo, alfa.origin) == before
    assert_sound(bravo)
    agreed.clock.advance(days=2)
    sync(bravo, alfa)
    assert holds(bravo, indicator(1))
    witness(alfa, by=bravo, taker=alfa)
    _goes_on(agreed)


def test_what_an_author_issues_two_days_ahead_is_refused_and_the_author_told(
    agreed: Community,
) -> None:
    alfa, bravo = agreed["Alfa"], agreed["Bravo"]
    agreed.clock.advance(days=2)
    give(alfa, [indicator(1)], only_agreement(agreed))
    page, cursor = page_of(bravo, alfa)
    row = alfa.read(lambda tx: tx.ledgers.get(1))
    assert row is not None
    agreed.clock.advance(days=-2)
    follow(bravo, alfa)
    outcome, _ = receive(bravo, row_of(bravo, alfa), page.openings, cursor)
    assert (outcome.kept, outcome.refused) == (0, 1)
    (refusal,) = list_refused(bravo)
    assert "rules.issued-in-future" in reasons(refusal.reasons)
    assert not holds(bravo, indicator(1))
    assert_sound(*agreed)


def test_a_witness_two_days_ahead_is_not_believed(agreed: Community) -> None:
    alfa, bravo = agreed["Alfa"], agreed["Bravo"]
    give(alfa, [indicator(1)], only_agreement(agreed))
    agreed.clock.advance(days=2)
    follow(bravo, alfa)
    note = witnessed_checkpoint(bravo, alfa.origin)
    agreed.clock.advance(days=-2)
    with pytest.raises(AccordError) as fault:
        take_cosignature(alfa, row_of(alfa, bravo), alfa.origin, note)
    assert fault.value.message.key == "ledger.cosignature-future"
    kept = alfa.read(lambda tx: tx.ledgers.cosignatures(1))
    assert note not in {each.note for each in kept}


def test_a_witness_two_days_behind_makes_nobody_refuse_what_is_in_order(
    trio_behind: Community,
) -> None:
    """Its early word would date the entries before the agreement that they cite."""
    alfa, bravo, charlie = trio_behind
    agreement = trio_behind.agree()
    give(alfa, [indicator(1)], agreement.id)
    now = trio_behind.clock.moment
    slow = HandClock(now)
    slow.advance(days=-2)
    bravo.clock = slow
    bravo.write(lambda tx: _forget_cosignatures(tx))
    follow(bravo, alfa)
    follow(charlie, alfa)
    witness(alfa, by=bravo, taker=charlie)
    outcome = sync(charlie, alfa)
    assert (outcome.refused, outcome.held) == (0, 0)
    assert holds(charlie, indicator(1))


@pytest.fixture
def trio_behind(tmp_path: Path) -> Iterator[Community]:
    community = Community.new(tmp_path, "Alfa", "Bravo", "Charlie")
    yield community
    community.close()


def _forget_cosignatures(tx: object) -> None:
    """Bravo was never in time: it has given no word that its clock would now contradict."""
    from sqlalchemy import delete

    from accord.store.tables import cosignatures

    tx._connection.execute(delete(cosignatures))  # type: ignore[attr-defined]


def _impatient(community: Community, name: str) -> Node:
    """The node on an engine that waits but a moment for its turn."""
    community[name].close()
    folder = community.folder / name
    home = Home(folder)
    store = Store(SqliteEngine(folder / "accord.db", lock_seconds=0.05))
    community.nodes[name] = Node(home, home.settings(), home.keys(), store, community.clock)
    return community[name]


def test_a_store_that_another_keeps_locked_is_told_and_used_again(agreed: Community) -> None:
    _impatient(agreed, "Alfa")
    with (agreed.folder / "Alfa" / "accord.db.lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(MachineFault) as fault:
            publish_all(agreed)
    assert fault.value.message.key == "store.locked"
    _goes_on(agreed)


def test_a_store_that_is_gone_is_told_and_used_again_when_it_is_back(agreed: Community) -> None:
    _impatient(agreed, "Alfa")
    folder = agreed.folder / "Alfa"
    shutil.move(folder / "accord.db", folder / "away")
    with pytest.raises(MachineFault) as fault:
        publish_all(agreed)
    assert fault.value.message.key == "store.cannot-open"
    with pytest.raises(MachineFault):
        agreed["Alfa"].store.change_number()
    assert not (folder / "accord.db").exists(), "nothing is put in its place"
    shutil.move(folder / "away", folder / "accord.db")
    _goes_on(agreed)


def test_a_store_that_was_replaced_is_not_written_to(agreed: Community, tmp_path: Path) -> None:
    """An old copy put in its place would fork the ledger."""
    folder = agreed.folder / "Alfa"
    copy = tmp_path / "old.db"
    agreed["Alfa"].close()
    shutil.copy(folder / "accord.db", copy)
    agreed.nodes["Alfa"] = open_node(folder, agreed.clock)
    give(agreed["Alfa"], [indicator(50)], only_agreement(agreed))
    copy.replace(folder / "accord.db")
    with pytest.raises(MachineFault) as fault:
        give(agreed["Alfa"], [indicator(51)], only_agreement(agreed))
    assert fault.value.message.key == "store.replaced"
