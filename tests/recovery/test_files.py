"""Every single file of a home lost in turn: work goes on, or a sentence says what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from accord.base.errors import AccordError
from accord.node import indexing
from accord.node.backup import take_backup
from accord.node.home import SECRETS
from accord.node.restoring import restore
from accord.peers.recovery import recover_once
from tests.community import Community, held, id_of, indicator, ledger_of
from tests.recovery.support import all_holds

GOES_ON = ""

# What a node that is opened without this file says, and whether the file is there after a kill.
FILES = {
    "accord.toml": "node.home-missing",
    "accord.db": "store.absent",
    "accord.db-wal": "node.older-copy",  # what was not yet moved to the file is gone with it
    "accord.db-shm": GOES_ON,
    "accord.db.turn": GOES_ON,
    "accord.db.lock": GOES_ON,
    "ledger-size": GOES_ON,
    "keys/ledger.key": "node.key-unreadable",
    "keys/witness.key": "node.key-unreadable",
    "keys/transport.key": "node.key-unreadable",
    "keys/token.key": "node.key-unreadable",
    "keys/source-feed.key": GOES_ON,
}


@pytest.fixture(scope="session")
def lived(
    made_community: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str, Path, list[bytes]]:
    """Homes as a kill leaves them, Alfa's with all the files a home can have; and a backup."""
    folder = tmp_path_factory.mktemp("lived")
    shutil.copytree(made_community[0], folder / "homes")
    community = Community(folder / "homes")
    alfa = community["Alfa"]
    alfa.home.write_secret(f"{SECRETS}feed", "a secret")
    community.publish(alfa, made_community[1], first := indicator())
    community.sync()
    backup = take_backup(alfa, folder / "backup").folder
    community.publish(alfa, made_community[1], second := indicator())
    community.sync()
    indexing.catch_up(alfa)
    shutil.copytree(folder / "homes", folder / "killed")
    community.close()
    return folder / "killed", made_community[1], backup, [first, second]


@pytest.fixture
def killed(lived: tuple[Path, str, Path, list[bytes]], tmp_path: Path) -> tuple[Path, Path]:
    shutil.copytree(lived[0], tmp_path / "homes")
    return tmp_path / "homes", tmp_path


def _files(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


def test_all_files_of_a_home_are_tried(lived: tuple[Path, str, Path, list[bytes]]) -> None:
    found = {name for name in _files(lived[0] / "Alfa") if "search" not in name}
    assert found == set(FILES)


@pytest.mark.parametrize("name", [*FILES, "search"])
def test_a_home_without_this_file(
    name: str,
    killed: tuple[Path, Path],
    lived: tuple[Path, str, Path, list[bytes]],
) -> None:
    homes, folder = killed
    _, agreement, backup, raws = lived
    lost = [each for each in _files(homes / "Alfa") if each == name or name in each.split(".")]
    assert lost or name == "search"
    for each in lost:
        (homes / "Alfa" / each).unlink()
    community = None
    try:
        community = Community(homes, ("Bravo", "Charlie"))
        community.open(homes / "Alfa")
        community.publish(community["Alfa"], agreement, indicator())
        said = GOES_ON
    except AccordError as error:
        said = error.message.key
    assert community is not None
    assert said == FILES.get(name, GOES_ON)
    if said == "node.older-copy":  # the store itself says what to do: ask the peers
        assert recover_once(community["Alfa"], (), community.connect).done is not None
    elif said != GOES_ON:
        shutil.rmtree(homes / "Alfa")
        restore(backup, folder / "restored")
        community.open(folder / "restored")
        assert recover_once(community["Alfa"], (), community.connect).done is not None
    alfa = community["Alfa"]
    community.publish(alfa, agreement, late := indicator())
    community.sync()
    for node in community:
        assert [held(node, id_of(raw)) for raw in (*raws, late)] == [[raw] for raw in (*raws, late)]
        assert ledger_of(node, alfa).root == ledger_of(alfa, alfa).root
        all_holds(node)
    community.close()
