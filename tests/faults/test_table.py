"""The fault table: {every durable step} x {failed, failed-but-done, lost unsynced writes}.

Each fault on both stores; what is lost with the power is tried on a simulated disk under SQLite,
and a PostgreSQL server is killed. After each fault the node is opened anew, as after a crash. Every
ledger must verify; what was acknowledged must be there; and when the step is run again, everybody
comes to the same state as if nothing had happened, with nothing twice.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import get_args

import pytest

from accord.base.errors import MachineFault
from accord.ledger import witness as witness_rules
from accord.ledger.checkpoint import Checkpoint
from accord.node.node import Node
from accord.node.tokens import add_token
from tests.faults.conftest import Databases, Scenes
from tests.faults.engine import FILES, Fault, faulty_node, move_store, node_on_disk
from tests.faults.steps import RAWS, STEPS, settle_again
from tests.node.support import Community, assert_sound, entries_of, ledger_of
from tests.workers.servers import Death, Server

SECOND = 1_000_000
SLOW = pytest.mark.slow
SAID = {"sqlite": "store.disk-fault", "postgresql": "store.unreachable"}


FAILURES: list[tuple[str, str, Fault]] = [
    (kind, name, fault) for kind in SAID for name in STEPS for fault in get_args(Fault)
]


@pytest.mark.parametrize(
    ("databases", "name", "fault"),
    [
        pytest.param(*each, marks=SLOW if each[::2] == ("postgresql", "failed") else ())
        for each in FAILURES
    ],
    indirect=["databases"],
)
def test_a_step_whose_commit_fails_is_whole_or_not_there_and_runs_again(
    scenes: Scenes, databases: Databases, tmp_path: Path, name: str, fault: Fault
) -> None:
    """Each commit of the step in turn, until the step has no more of them."""
    step = STEPS[name]
    for number in range(20):
        community = scenes.copy(name, tmp_path / str(number))
        folder = databases.put(community, step.who)
        community.nodes[step.who], engine = faulty_node(folder, community.clock)
        engine.arm(fault, number)
        try:
            step.act(community)
        except MachineFault as error:
            if error.message.key != SAID[databases.kind]:
                raise
        if not engine.fired:
            assert number > 0, "the step has no commit"
            community.close()
            return
        _converges(community, name)
    pytest.fail("the step never ends")


@pytest.mark.parametrize("name", list(STEPS))
def test_when_the_power_goes_nothing_acknowledged_is_lost(
    scenes: Scenes, tmp_path: Path, name: str
) -> None:
    """The power goes at moments in the middle of the step, and right after it was acknowledged."""
    step = STEPS[name]
    community = scenes.copy(name, tmp_path / "run")
    community[step.who].close()
    folder = community.folder / step.who
    for other in community.nodes:
        shutil.copytree(community.folder / other, tmp_path / "homes" / other)
    community.nodes[step.who], disk = node_on_disk(folder, community.clock)
    start = len(disk.record)
    step.act(community)
    end = len(disk.record)
    community.close()
    assert end > start, "nothing was written"
    chance = random.Random(name)
    moments = [(end, True), *((at, False) for at in chance.sample(range(start, end), 2))]
    for at, acknowledged in moments:
        after = tmp_path / f"cut-{at}"
        shutil.copytree(tmp_path / "homes", after)
        for file in FILES:
            (after / step.who / file).unlink(missing_ok=True)
        cut = disk.after_power_cut(at, tmp_path / f"disk-{at}", chance)
        for file in FILES:
            if (cut.parent / file).exists():
                shutil.copy(cut.parent / file, after / step.who / file)
        reopened = community.at(after)
        if acknowledged:
            assert step.done(reopened)
        _converges(reopened, name)
    disk.unregister()


ENDS: list[tuple[Fault | None, Death]] = [
    (None, "kill -9"),
    ("failed", "kill -9"),
    ("failed-but-done", "immediate"),
]


@pytest.mark.parametrize(
    ("name", "fault", "death"),
    [
        pytest.param(name, *end, marks=() if (name, end[0]) == ("append", None) else SLOW)
        for name in STEPS
        for end in ENDS
    ],
)
def test_when_the_server_is_killed_nothing_acknowledged_is_lost(
    scenes: Scenes, mortal: Server, tmp_path: Path, name: str, fault: Fault | None, death: Death
) -> None:
    """It dies when a step was acknowledged, before its first commit, or right after that."""
    step = STEPS[name]
    community = scenes.copy(name, tmp_path)
    community[step.who].close()
    folder = community.folder / step.who
    with mortal.empty_schema() as url:
        move_store(folder, url)
        node, engine = faulty_node(folder, community.clock, cut=lambda: mortal.die(death))
        community.nodes[step.who] = node
        if fault is None:
            step.act(community)
            mortal.die(death)
        else:
            engine.arm(fault, 0)
            with suppress(MachineFault):  # some steps take up by themselves what failed
                step.act(community)
            assert engine.fired
        mortal.start()
        community.reopen(step.who)
        assert fault is not None or step.done(community)
        _converges(community, name)


def _converges(community: Community, name: str) -> None:
    step = STEPS[name]
    community.reopen(step.who)
    assert_sound(*community)
    community.clock.advance(seconds=5)
    step.act(community)
    assert step.done(community)
    settle_again(community)
    assert_sound(*community)
    _assert_nothing_twice(community, name)
    _assert_nothing_left(community)
    add_token(community["Alfa"], "still-writes", role="analyst")
    community.close()


def _assert_nothing_twice(community: Community, name: str) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    sizes = {ledger_of(node, alfa.member).size for node in community}
    assert len(sizes) == 1, "both know the same history of Alfa"
    expected = {"state": 2}.get(name, 2 + len(RAWS))  # the proposal, a signature, the objects
    assert sizes == {expected}
    for node in community:
        rows = entries_of(node, alfa.member)
        assert max(Counter(row.number for row in rows).values()) == 1
        assert max(Counter(row.holding for row in rows).values()) == 1
    _assert_witness_kept_its_word(alfa, bravo)


def _assert_witness_kept_its_word(alfa: Node, bravo: Node) -> None:
    """All that Bravo ever co-signed of Alfa agrees with itself."""
    row = ledger_of(bravo, alfa.member)
    said = [
        witness_rules.Cosignature(
            bravo.witness_signer.verifier,
            Checkpoint(alfa.origin, each.size, each.root),
            each.at // SECOND,
        )
        for each in bravo.read(lambda tx: tx.ledgers.cosignatures(row.id))
        if each.witness == bravo.member
    ]
    assert said
    for place, each in enumerate(said):
        witness_rules.check_record(said[:place], each)


def _assert_nothing_left(community: Community) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    peer = bravo.read(lambda tx: tx.peers.get(alfa.member))
    there = alfa.read(lambda tx: tx.peers.get(bravo.member))
    assert peer is not None
    assert there is not None
    cursors = (peer.urgent_cursor, peer.routine_cursor)
    assert alfa.read(lambda tx: tx.grants.pending({there.id: cursors})) == {there.id: 0}
    for node in community:
        assert node.read(lambda tx: tx.quarantine.page()) == []
        assert node.read(lambda tx: tx.ledgers.convictions()) == []
