"""Backups: whole or not there, consistent while others write, and found out when altered."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from accord.base.errors import AccordError, ConflictError, InputError, MachineFault
from accord.node.backup import MANIFEST, Manifest, backups_of, check_backup, take_backup
from accord.node.node import open_node
from accord.node.restoring import restore
from accord.node.verifying import verify_ledgers
from accord.store import copying
from tests.community import Community, indicator, ledger_of
from tests.recovery.support import Site


@pytest.fixture(scope="session")
def whole(made_community: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup, to be copied by who changes it."""
    node = open_node(made_community[0] / "Bravo")
    taken = take_backup(node, tmp_path_factory.mktemp("whole") / "backup")
    node.close()
    return taken.folder


def test_a_backup_taken_while_others_publish_is_one_state(site: Site) -> None:
    """Each batch is one commit, so a state between two has a multiple of its size."""
    stop, community = threading.Event(), site.community
    before = ledger_of(site.alfa, site.alfa).size

    def publish() -> None:
        while not stop.is_set():
            community.publish(site.alfa, community.agreement, *[indicator() for _ in range(20)])

    writing = threading.Thread(target=publish)
    writing.start()
    try:
        folders = [site.backup() for _ in range(3)]
    finally:
        stop.set()
        writing.join()
    sizes = [check_backup(folder).size for folder in folders]
    assert all((size - before) % 20 == 0 for size in sizes)
    assert sizes == sorted(sizes)
    site.lose()
    alfa = site.restore(folders[-1])
    assert ledger_of(alfa, alfa).size == sizes[-1]
    assert [found.faults for found in verify_ledgers(alfa) if found.faults] == []


def test_a_backup_holds_secrets_for_its_owner_alone_and_not_the_recovery_key(whole: Path) -> None:
    files = {str(path.relative_to(whole)) for path in whole.rglob("*") if path.is_file()}
    keys = {f"keys/{name}.key" for name in ("ledger", "witness", "transport", "token")}
    assert files == {MANIFEST, "store.db", "accord.toml", *keys}
    modes = {path.stat().st_mode & 0o777 for path in whole.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert whole.stat().st_mode & 0o777 == 0o700


def test_a_backup_says_when_it_expires_and_the_store_remembers(
    community: Community, tmp_path: Path
) -> None:
    alfa = community["Alfa"]
    taken = take_backup(alfa, tmp_path / "backup", keep_days=30)
    (row,) = alfa.read(backups_of)
    assert row.place == str(tmp_path / "backup")
    assert row.finished is not None
    assert row.expires - row.begun == timedelta(days=30) // timedelta(microseconds=1)
    assert taken.manifest.expires > taken.manifest.taken


def test_a_backup_never_overwrites(community: Community, tmp_path: Path) -> None:
    alfa = community["Alfa"]
    first = take_backup(alfa, tmp_path).folder  # in a folder: under a name of its own
    assert first.parent == tmp_path
    assert first.name.startswith("Alfa-")
    (tmp_path / "there").write_text("a file")
    with pytest.raises(ConflictError):
        take_backup(alfa, tmp_path / "there")
    with pytest.raises(InputError):
        take_backup(alfa, tmp_path / "nowhere" / "backup")


def _altered(folder: Path) -> Iterator[tuple[str, Callable[[Path], object]]]:
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        name = str(path.relative_to(folder))
        yield name, Path.unlink
        yield name, lambda path: path.write_bytes(path.read_bytes()[:-1])
        yield name, _flip


def _flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def test_whatever_is_altered_or_gone_is_found_and_nothing_is_restored_of_it(
    whole: Path, tmp_path: Path
) -> None:
    import shutil

    for place, (name, alter) in enumerate(_altered(whole)):
        copy = tmp_path / str(place)
        shutil.copytree(whole, copy)
        alter(copy / name)
        if name == MANIFEST and alter is _flip:
            continue  # may have hit a name that is only shown
        with pytest.raises(AccordError):
            check_backup(copy)
        with pytest.raises(AccordError):
            restore(copy, tmp_path / "home")
        assert not (tmp_path / "home").exists()
    assert check_backup(whole).name == "Bravo"


def test_a_manifest_that_names_files_elsewhere_is_refused(whole: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    manifest = msgspec.json.decode((copy / MANIFEST).read_bytes(), type=Manifest)
    line = manifest.files["accord.toml"]
    for name in ("../outside", "/etc/passwd"):
        (tmp_path / "outside").write_bytes((copy / "accord.toml").read_bytes())
        told = msgspec.structs.replace(manifest, files={**manifest.files, name: line})
        (copy / MANIFEST).write_bytes(msgspec.json.encode(told))
        with pytest.raises(MachineFault) as fault:
            check_backup(copy)
        assert fault.value.message.args["file"] == name


def _full_at(number: int) -> Callable[[int], None]:
    calls = 0

    def fsync(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return fsync


def test_a_disk_that_is_full_at_any_moment_leaves_no_half_backup(
    community: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alfa = community["Alfa"]
    for number in range(1, 100):
        place = tmp_path / str(number)
        with monkeypatch.context() as full:
            full.setattr(os, "fsync", _full_at(number))
            try:
                take_backup(alfa, place)
            except MachineFault:
                pass
            else:
                break
        left = [path.name for path in tmp_path.iterdir() if path.name.startswith(str(number))]
        if left:  # only its name was not yet sure: it is whole, and on record as begun
            assert left == [str(number)]
            check_backup(place)
    else:
        raise AssertionError("it never succeeds")
    assert number > 8
    whole = [row for row in alfa.read(backups_of) if row.finished is not None]
    assert [row.place for row in whole] == [str(place)]


def test_a_full_disk_under_the_copied_store_is_said_and_leaves_nothing(
    community: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_tables: Any = copying._copy_tables
    many = [indicator() for _ in range(50)]
    community.publish(community["Alfa"], community.agreement, *many)

    def small(reading: Any, writing: Any, progress: Any) -> None:
        pages = writing.exec_driver_sql("PRAGMA page_count").scalar_one()
        writing.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        copy_tables(reading, writing, progress)

    with monkeypatch.context() as full:
        full.setattr(copying, "_copy_tables", small)
        with pytest.raises(MachineFault) as fault:
            take_backup(community["Alfa"], tmp_path / "backup")
    assert fault.value.message.key == "store.disk-full"
    assert [path for path in tmp_path.iterdir() if "backup" in path.name] == []
    assert community["Alfa"].read(backups_of) == []
    take_backup(community["Alfa"], tmp_path / "backup")


def test_a_disk_that_is_full_at_any_moment_leaves_no_half_home(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    for number in range(1, 100):
        with monkeypatch.context() as full:
            full.setattr(os, "fsync", _full_at(number))
            try:
                restore(whole, home)
            except MachineFault:
                pass
            else:
                break
        if home.exists():  # all of it is there
            open_node(home).close()
            break
        assert list(tmp_path.iterdir()) == []
    assert number > 6
    node = open_node(home)
    assert node.settings.name == "Bravo"
    node.close()


def test_a_home_that_is_there_is_never_restored_over(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "notes.txt").write_text("mine")
    with pytest.raises(ConflictError):
        restore(whole, tmp_path / "home")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["notes.txt"]


def test_a_restored_home_never_points_at_the_database_it_was_taken_from(site: Site) -> None:
    old = site.alfa.settings.db
    home = site.place("elsewhere")
    restore(site.backup(), home)
    node = open_node(home)
    assert node.settings.db == ""
    assert node.settings.db != old or old == ""
    assert (home / "accord.db").is_file()
    node.close()
