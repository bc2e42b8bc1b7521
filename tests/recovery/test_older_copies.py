"""A store put back by hand is noticed where it can be, and waits as a restored one does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from accord.base.errors import MachineFault
from accord.node.history import COUNTER
from accord.node.node import Node
from accord.node.recovering import waits
from accord.peers.recovery import look_back, recover_once
from tests.community import Community, held, id_of, indicator, ledger_of
from tests.recovery.support import all_holds


@pytest.fixture
def older(community: Community, tmp_path: Path) -> tuple[Path, bytes]:
    """Alfa's store as it was before Alfa published this object, which the others hold."""
    home = community["Alfa"].home.folder
    community["Alfa"].close()
    shutil.copytree(home, tmp_path / "older")
    alfa = community.open(home)
    community.publish(alfa, community.agreement, raw := indicator())
    community.sync()
    alfa.close()
    return tmp_path / "older", raw


def _put_back(older: Path, home: Path, *names: str) -> None:
    for name in names:
        (home / name).unlink(missing_ok=True)
        if (older / name).exists():
            shutil.copy2(older / name, home / name)


def _whole_again(community: Community, alfa: Node, raw: bytes) -> None:
    with pytest.raises(MachineFault) as fault:
        community.publish(alfa, community.agreement)
    assert fault.value.message.key == "node.older-copy"
    assert recover_once(alfa, (), community.connect).done is not None
    community.publish(alfa, community.agreement, late := indicator())
    community.sync()
    assert held(alfa, id_of(raw)) == [raw]
    for node in community:
        assert held(node, id_of(late)) == [late]
        all_holds(node)


def test_an_older_store_is_noticed_when_it_is_opened(
    community: Community, older: tuple[Path, bytes]
) -> None:
    folder, raw = older
    home = community["Alfa"].home.folder
    _put_back(folder, home, "accord.db", "accord.db-wal", "accord.db-shm")
    alfa = community.open(home)
    assert waits(alfa) is not None
    _whole_again(community, alfa, raw)
    alfa.close()
    assert waits(community.open(home)) is None


def test_a_machine_led_back_as_a_whole_is_noticed_by_asking_at_the_start(
    community: Community, older: tuple[Path, bytes]
) -> None:
    folder, raw = older
    home = community["Alfa"].home.folder
    _put_back(folder, home, "accord.db", "accord.db-wal", "accord.db-shm", COUNTER)
    alfa = community.open(home)
    assert waits(alfa) is None  # nothing on this machine says so
    community.network.down.add(community["Bravo"].settings.url)
    look_back(alfa, community.connect)  # Charlie is enough
    assert waits(alfa) is not None
    assert community.ask(community["Charlie"], alfa, "/log/checkpoint").status_code == 503
    community.network.down.clear()
    _whole_again(community, alfa, raw)


def test_looking_back_leaves_a_store_that_is_whole_alone(community: Community) -> None:
    community.publish(community["Alfa"], community.agreement)
    community.sync()
    look_back(community["Alfa"], community.connect)
    assert waits(community["Alfa"]) is None
    community.network.down.update(node.settings.url for node in community)
    look_back(community["Alfa"], community.connect)
    assert waits(community["Alfa"]) is None


def test_what_stands_beside_the_store_is_never_ahead_of_it(community: Community) -> None:
    alfa = community["Alfa"]
    for _ in range(3):
        community.publish(alfa, community.agreement)
        alfa.write(lambda tx: None)  # by now the last commit is told
        assert alfa.counter.read() == ledger_of(alfa, alfa).size

    def fails(tx: object) -> None:
        alfa.counter.appended()
        raise RuntimeError("after it was told that something is appended")

    with pytest.raises(RuntimeError):
        alfa.write(fails)
    for _ in range(2):
        alfa.write(lambda tx: None)
    assert alfa.counter.read() == ledger_of(alfa, alfa).size


def test_entries_that_nobody_saw_leave_no_trace_and_no_second_alarm(
    community: Community, tmp_path: Path
) -> None:
    """What was signed and never fetched can be signed anew: nobody can hold it against us."""
    home = community["Alfa"].home.folder
    community["Alfa"].close()
    shutil.copytree(home, tmp_path / "older")
    alfa = community.open(home)
    community.publish(alfa, community.agreement, unseen := indicator())
    alfa.close()
    _put_back(tmp_path / "older", home, "accord.db", "accord.db-wal", "accord.db-shm")
    alfa = community.open(home)
    assert waits(alfa) is not None
    assert recover_once(alfa, (), community.connect).done is not None
    alfa.close()
    alfa = community.open(home)
    assert waits(alfa) is None
    assert held(alfa, id_of(unseen)) == []
    community.publish(alfa, community.agreement, late := indicator())
    community.sync()
    assert held(community["Bravo"], id_of(late)) == [late]
    for node in community:
        all_holds(node)
