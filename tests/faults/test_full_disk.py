"""A disk that is really full: under the store, its index, a backup, and a PostgreSQL server.

The disk is a small file system in memory, filled up with ballast. Where nobody may mount one these
tests are skipped; what a simulated disk shows is in `test_machine.py`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from accord.base.errors import MachineFault
from accord.node.backup import backups_of, check_backup, take_backup
from accord.node.indexing import catch_up, lag
from accord.node.node import Node, open_node
from accord.node.restoring import restore
from accord.node.searching import Question, search
from tests.faults.conftest import Scenes
from tests.faults.engine import move_store
from tests.faults.steps import only_agreement
from tests.node.support import Community, assert_sound, give, holds, indicator
from tests.workers.conftest import eventually
from tests.workers.servers import Server

MEGABYTE = 1 << 20
MOST_FILES = 2000


class SmallDisk:
    """A file system of so many bytes, and what takes up the room on it."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"
        room = f"size={size},nr_inodes={MOST_FILES}"
        words = ["mount", "-t", "tmpfs", "-o", room, "none", str(folder)]
        if shutil.which("mount") is None:
            pytest.skip("no file system may be mounted here")
        done = subprocess.run(words, capture_output=True, check=False)
        if done.returncode:
            pytest.skip(f"no file system may be mounted here: {done.stderr.decode().strip()}")

    def fill(self, room: int = 0, *, files: bool = False) -> None:
        """Leave `room` bytes, about; with `files`, no further file can be made either."""
        self._ballast.mkdir()
        found = os.statvfs(self.folder)
        size = found.f_bavail * found.f_frsize - room
        if size > 0:
            with (self._ballast / "bytes").open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, size)
        with suppress(OSError):
            for number in range(MOST_FILES if files else 0):
                (self._ballast / str(number)).touch()

    def make_room(self) -> None:
        shutil.rmtree(self._ballast)

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


@contextmanager
def _small_disk(size: int) -> Iterator[SmallDisk]:
    with tempfile.TemporaryDirectory(prefix="accord-small-") as folder:
        disk = SmallDisk(Path(folder), size)
        try:
            yield disk
        finally:
            disk.close()


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with _small_disk(16 * MEGABYTE) as made:
        yield made


@pytest.fixture
def agreed(scenes: Scenes, tmp_path: Path) -> Iterator[Community]:
    community = scenes.copy("append", tmp_path / "homes")
    yield community
    community.close()


@pytest.fixture
def squeezed(agreed: Community, disk: SmallDisk) -> Node:
    """Alfa, whose home is on the small disk."""
    agreed["Alfa"].close()
    home = shutil.copytree(agreed.folder / "Alfa", disk.folder / "Alfa")
    agreed.nodes["Alfa"] = open_node(home, agreed.clock)
    return agreed["Alfa"]


def large(number: int) -> bytes:
    return indicator(number, description="x" * 20_000)


def _publish_until(node: Node, agreement: str, first: int) -> tuple[int, MachineFault]:
    """Publish one after the other; returns the first that was refused, and why."""
    for number in range(first, first + 2000):
        try:
            give(node, [large(number)], agreement)
        except MachineFault as fault:
            return number, fault
    raise AssertionError("there is always room")


def test_where_the_log_cannot_grow_a_publish_is_refused_and_nothing_else(
    agreed: Community, squeezed: Node, disk: SmallDisk
) -> None:
    agreement, number = only_agreement(agreed), 0
    for room in (100_000, 30_000, 0):
        disk.fill(room)
        refused, fault = _publish_until(squeezed, agreement, number)
        assert fault.message.key == "store.disk-full"
        assert not holds(squeezed, large(refused))
        assert all(holds(squeezed, large(each)) for each in range(refused))
        assert_sound(squeezed)
        disk.make_room()
        give(squeezed, [large(refused)], agreement)
        number = refused + 1
    home = squeezed.home.folder
    disk.fill(files=True)
    squeezed.close()
    agreed.nodes["Alfa"] = open_node(home, agreed.clock)  # it opens, and reads, without room
    assert all(holds(agreed["Alfa"], large(each)) for each in range(number))
    disk.make_room()
    give(agreed["Alfa"], [large(number)], agreement)
    assert_sound(agreed["Alfa"])


def _found(node: Node) -> int:
    return search(node, None, Question(text="indicator")).total


def test_where_the_index_cannot_grow_it_stands_still_and_goes_on(
    agreed: Community, squeezed: Node, disk: SmallDisk
) -> None:
    agreement = only_agreement(agreed)
    give(squeezed, [large(0)], agreement)
    catch_up(squeezed)
    serving = squeezed.store.indexes.state().serving
    give(squeezed, [large(each) for each in range(1, 60)], agreement)
    disk.fill()
    with pytest.raises(MachineFault) as fault:
        catch_up(squeezed)
    assert fault.value.message.key == "store.disk-full"
    assert _found(squeezed) == 1, "it answers with what it has"
    assert lag(squeezed) == 59
    disk.make_room()
    assert catch_up(squeezed) == 0
    assert squeezed.store.indexes.state().serving == serving, "it was not thrown away"
    assert _found(squeezed) == 60


@pytest.mark.parametrize("files", [False, True], ids=["bytes", "files"])
def test_an_index_that_cannot_be_begun_is_begun_when_there_is_room(
    agreed: Community, squeezed: Node, disk: SmallDisk, files: bool
) -> None:
    give(squeezed, [large(0)], only_agreement(agreed))
    disk.fill(files=files)
    with pytest.raises(MachineFault) as fault:
        catch_up(squeezed)
    assert fault.value.message.key == "store.disk-full"
    disk.make_room()
    catch_up(squeezed)
    assert _found(squeezed) == 1


def test_a_backup_that_finds_no_room_leaves_nothing_and_says_so(
    agreed: Community, disk: SmallDisk
) -> None:
    alfa = agreed["Alfa"]
    give(alfa, [large(each) for each in range(20)], only_agreement(agreed))
    keys: set[str] = set()
    for room in (0, 4_000, 12_000, 50_000, 200_000, 500_000):
        disk.fill(room, files=not room)
        with pytest.raises(MachineFault) as fault:
            take_backup(alfa, disk.folder / "backup")
        keys.add(fault.value.message.key)
        assert [each.name for each in disk.folder.iterdir()] == ["ballast"]
        assert alfa.read(backups_of) == []
        disk.make_room()
    assert keys == {"node.backup-unwritable", "store.disk-full"}
    check_backup(take_backup(alfa, disk.folder / "backup").folder)


def test_a_restore_that_finds_no_room_leaves_nothing_and_says_so(
    agreed: Community, disk: SmallDisk, tmp_path: Path
) -> None:
    alfa = agreed["Alfa"]
    give(alfa, [large(each) for each in range(20)], only_agreement(agreed))
    backup = take_backup(alfa, tmp_path / "backup").folder
    for room in (0, 50_000, 700_000):
        disk.fill(room)
        with pytest.raises(MachineFault) as fault:
            restore(backup, disk.folder / "home", clock=agreed.clock)
        assert fault.value.message.key in {"node.home-unwritable", "store.disk-full"}
        assert [each.name for each in disk.folder.iterdir()] == ["ballast"]
        disk.make_room()
    restore(backup, disk.folder / "home", clock=agreed.clock)
    restored = open_node(disk.folder / "home", agreed.clock)
    assert_sound(restored)
    restored.close()


@pytest.mark.slow
@pytest.mark.parametrize("full", ["data", "journal"])
def test_a_server_without_room_refuses_and_goes_on_when_there_is(
    agreed: Community, full: str, tmp_path: Path
) -> None:
    alfa, agreement = agreed["Alfa"], only_agreement(agreed)
    alfa.close()
    size = 256 if full == "data" else 96
    with _small_disk(size * MEGABYTE) as disk, tempfile.TemporaryDirectory() as other:
        Path(other).chmod(0o777)
        disk.folder.chmod(0o777)
        server = _server_on(disk, Path(other), full)
        with server.empty_schema() as url:
            move_store(alfa.home.folder, url)
            node = agreed.nodes["Alfa"] = open_node(alfa.home.folder, agreed.clock)
            give(node, [large(0)], agreement)
            disk.fill(2 * MEGABYTE)
            refused, fault = _publish_until(node, agreement, 1)
            assert fault.message.key == "store.disk-full"
            disk.make_room()
            eventually(lambda: _can_read(node))
            held = [holds(node, large(each)) for each in range(refused)]
            assert all(held)
            give(node, [large(refused)], agreement)
            assert_sound(node)
            node.close()
        server.stop()


def _can_read(node: Node) -> bool:
    try:
        node.read_card()
    except MachineFault:
        return False
    return True


def _server_on(disk: SmallDisk, other: Path, full: str) -> Server:
    """A server of whose folders one is on the disk."""
    if full == "data":
        (disk.folder / "server").mkdir()
        return Server.fresh(disk.folder / "server", "--waldir", other / "journal")
    (other / "server").mkdir()
    return Server.fresh(other / "server", "--waldir", disk.folder / "journal")
