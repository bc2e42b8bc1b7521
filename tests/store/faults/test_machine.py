"""Faults of the machine: a clear message, nothing half done, and on it goes when they are gone."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from accord.base.errors import MachineFault
from accord.store.opening import open_store
from accord.store.sqlite import PRAGMAS, SqliteEngine
from accord.store.store import Job, Store
from tests.store.builders import asked, furnish, holding, names, publish


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store = open_store(tmp_path / "accord.db", create=True)
    store.write(furnish)
    store.write(publishing(1))
    store.close()
    return tmp_path / "accord.db"


@pytest.fixture
def engine(path: Path) -> SqliteEngine:
    return SqliteEngine(path, lock_seconds=0.05)


@pytest.fixture
def store(engine: SqliteEngine) -> Iterator[Store]:
    made = Store(engine)
    yield made
    made.close()


def publishing(number: int, size: int = 10) -> Job[list[int]]:
    return lambda tx: publish(tx, [holding(f"indicator--{number}", body=b"x" * size)])


def held(store: Store) -> list[str]:
    return store.read(lambda tx: names(tx, asked()))


def key_of(store: Store, job: Job[object]) -> str:
    with pytest.raises(MachineFault) as caught:
        store.write(job)
    return caught.value.message.key


def test_every_connection_is_set_to_survive_a_power_cut(store: Store, engine: SqliteEngine) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    connections = [engine.engine.connect() for _ in range(10)]
    for connection in connections:
        for name, value in expected.items():
            assert connection.exec_driver_sql(f"PRAGMA {name}").scalar() == value
        connection.close()
    assert (PRAGMAS["journal_mode"], PRAGMAS["synchronous"]) == ("WAL", "FULL")


def test_a_full_disk_refuses_and_goes_on_when_there_is_room(
    store: Store, engine: SqliteEngine
) -> None:
    with engine.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def narrow(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 2}")

    engine.engine.dispose()
    event.listen(engine.engine, "connect", narrow)
    assert key_of(store, publishing(2, 100_000)) == "store.disk-full"
    assert held(store) == ["indicator--1"]
    event.remove(engine.engine, "connect", narrow)
    engine.engine.dispose()
    store.write(publishing(2, 100_000))
    assert held(store) == ["indicator--1", "indicator--2"]


LIMITED = """
import resource, signal, sys
from accord.base.errors import MachineFault
from accord.store.opening import open_store
from tests.store.builders import holding, publish
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = open_store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
done = 0
try:
    while True:
        rows = [holding(f"indicator--new-{done}", body=b"x" * 20_000)]
        store.write(lambda tx: publish(tx, rows))
        done += 1
except MachineFault as fault:
    print(done, fault.message.key)
"""


def test_a_file_that_may_not_grow_loses_nothing_acknowledged(path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, check=True
    )
    done, key = run.stdout.split()
    assert key in {"store.disk-full", "store.disk-fault"}
    store = open_store(path)
    assert len(held(store)) == 1 + int(done)
    store.close()


def test_a_store_that_may_not_be_written_to_says_so(store: Store, engine: SqliteEngine) -> None:
    def freeze(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    event.listen(engine.engine, "connect", freeze)
    engine.engine.dispose()
    assert key_of(store, publishing(2)) == "store.read-only"
    assert held(store) == ["indicator--1"]


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind root")
def test_a_read_only_folder_says_so(path: Path) -> None:
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(MachineFault):
            open_store(path.parent / "other.db", create=True)
        store = Store(SqliteEngine(path))
        assert key_of(store, publishing(2)) in {"store.cannot-open", "store.read-only"}
        store.close()
    finally:
        path.parent.chmod(0o700)
        path.chmod(0o600)


@pytest.mark.parametrize("name", ["turn", "lock"])
def test_a_writer_that_never_ends_locks_others_out_with_a_message(
    store: Store, path: Path, name: str
) -> None:
    with path.with_name(f"{path.name}.{name}").open("a") as held_by_another:
        fcntl.flock(held_by_another, fcntl.LOCK_EX)
        assert key_of(store, publishing(2)) == "store.locked"
    store.write(publishing(2))
    assert held(store) == ["indicator--1", "indicator--2"]


def test_a_foreign_tool_that_holds_the_database_is_waited_for_then_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRAGMAS, "busy_timeout", "20")
    store = Store(SqliteEngine(path))
    foreign = sqlite3.connect(path, isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    assert key_of(store, publishing(2)) == "store.locked"
    foreign.execute("ROLLBACK")
    foreign.close()
    store.write(publishing(2))
    assert held(store) == ["indicator--1", "indicator--2"]
    store.close()


def test_a_file_that_is_no_database_is_damaged(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(MachineFault) as caught:
        open_store(path)
    assert caught.value.message.key == "store.damaged"


def test_a_damaged_page_is_named_and_the_rest_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "accord.db"
    store = open_store(path, create=True)
    store.write(furnish)
    for number in range(300):
        store.write(publishing(number, 2000))
    store.close()
    content = bytearray(path.read_bytes())
    page = int(PRAGMAS["page_size"])
    middle = len(content) // page // 2 * page
    content[middle : middle + 4 * page] = b"\xff" * (4 * page)
    path.write_bytes(content)
    store = open_store(path)
    with pytest.raises(MachineFault) as caught:
        held(store)
    assert caught.value.message.key == "store.damaged"
    assert store.read(lambda tx: tx.ledgers.get(1)) is not None
    store.close()


def test_a_file_that_was_replaced_is_not_written_to(store: Store, path: Path) -> None:
    store.write(publishing(2))
    moved = path.rename(path.with_name("moved.db"))
    path.write_bytes(moved.read_bytes())
    assert key_of(store, publishing(3)) == "store.replaced"


def test_errors_do_not_show_what_was_to_be_stored(store: Store) -> None:
    with pytest.raises(IntegrityError) as caught:
        store.write(lambda tx: tx.statuses.put("one", "secret-word", 0, None))  # type: ignore[arg-type]
    assert "secret-word" not in str(caught.value)
