"""Nothing acknowledged is lost when the power goes, at whatever moment and in whatever part."""

from __future__ import annotations

import random
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from accord.base.errors import AccordError, MachineFault
from accord.store import schema
from accord.store.opening import open_store
from accord.store.sqlite import PRAGMAS
from accord.store.store import Job, Store
from tests.store.builders import asked, furnish, holding, names, publish
from tests.store.faults.disk import Disk, FaultySqlite


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(f"disk-{uuid.uuid4().hex}")
    yield made
    made.unregister()


@pytest.fixture
def store(tmp_path: Path, disk: Disk) -> Iterator[Store]:
    yield from opened(tmp_path, disk)


def opened(tmp_path: Path, disk: Disk) -> Iterator[Store]:
    path = tmp_path / "accord.db"
    engine = FaultySqlite(path, disk)
    with engine.engine.connect() as connection:
        engine.begin_write(connection)
        schema.create(connection)
        connection.commit()
    store = Store(engine)
    store.write(furnish)
    yield store
    store.close()


def publishing(number: int) -> Job[list[int]]:
    return lambda tx: publish(tx, [holding(f"indicator--{number}", body=b"x" * 3000)])


def publish_all(store: Store, disk: Disk, count: int) -> list[int]:
    """Publish one after the other; returns how long the record was at each acknowledgement."""
    acknowledged: list[int] = []
    for number in range(count):
        store.write(publishing(number))
        acknowledged.append(len(disk.record))
    return acknowledged


def survivors(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    store = open_store(path)
    found = store.read(lambda tx: names(tx, asked()))
    store.close()
    return found


@pytest.mark.parametrize("checkpoint", [4000, 20])
def test_everything_acknowledged_survives_a_power_cut(
    tmp_path: Path, disk: Disk, checkpoint: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRAGMAS, "wal_autocheckpoint", str(checkpoint))
    for store in opened(tmp_path, disk):
        start = len(disk.record)
        acknowledged = publish_all(store, disk, 12)
        chance = random.Random(checkpoint)
        moments = sorted({*acknowledged, *chance.sample(range(start, len(disk.record)), 20)})
        for moment in moments:
            for kind, part in (("none", None), ("part", chance)):
                path = disk.after_power_cut(moment, tmp_path / f"{kind}-{moment}", part)
                safe = sum(length <= moment for length in acknowledged)
                found = survivors(path)
                assert found == [f"indicator--{number}" for number in range(len(found))]
                assert len(found) >= safe


def test_without_synchronisation_the_same_test_would_find_the_loss(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRAGMAS, "synchronous", "NORMAL")
    for store in opened(tmp_path, disk):
        acknowledged = publish_all(store, disk, 3)
        assert acknowledged
        with pytest.raises(AccordError):  # not one page had reached the disk
            open_store(disk.after_power_cut(acknowledged[-1], tmp_path / "cut"))


def test_a_commit_is_synchronised_before_it_is_acknowledged(store: Store, disk: Disk) -> None:
    before = disk.synchronised("accord.db-wal")
    store.write(publishing(1))
    assert disk.synchronised("accord.db-wal") == before + 1


def test_one_synchronisation_serves_all_who_waited_for_it(store: Store, disk: Disk) -> None:
    gate = threading.Event()
    first = store.submit(lambda _: gate.wait(10))
    waiting = [store.submit(publishing(number)) for number in range(40)]
    before = disk.synchronised("accord.db-wal")
    gate.set()
    first.result()
    for each in waiting:
        each.result()
    # One or two on a machine with nothing else to do; a busy one cuts groups by their time.
    assert disk.synchronised("accord.db-wal") - before < len(waiting) // 2


@pytest.mark.parametrize(
    ("step", "error", "key"),
    [
        ("write", "FullError", "store.disk-full"),
        ("write", "IOError", "store.disk-fault"),
        ("write", "ReadOnlyError", "store.read-only"),
        ("sync", "IOError", "store.disk-fault"),
    ],
)
def test_a_disk_that_fails_at_a_step_fails_the_job_and_nothing_else(
    store: Store, disk: Disk, step: str, error: str, key: str
) -> None:
    store.write(publishing(1))
    disk.fail_on, disk.failing = step, getattr(apsw, error)
    with pytest.raises(MachineFault) as caught:
        store.write(publishing(2))
    assert caught.value.message.key == key
    disk.failing = None
    assert store.read(lambda tx: names(tx, asked())) == ["indicator--1"]
    store.write(publishing(2))
    assert store.read(lambda tx: names(tx, asked())) == ["indicator--1", "indicator--2"]
