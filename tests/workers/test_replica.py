"""A real streaming replica: it answers large reads, and never with less than was acknowledged."""

from __future__ import annotations

import threading

import psycopg
import pytest

from accord.base.errors import InputError
from accord.store.opening import open_store
from accord.store.store import Store
from accord.store.transaction import Transaction
from tests.store.conftest import Opener

from .conftest import eventually
from .servers import Server

pytestmark = pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)


class Reading:
    """A store with a replica, which counts who answers."""

    def __init__(self, store: Store, url: str) -> None:
        self.store = store
        self.by_replica: list[bool] = []
        store.on_bulk_read(self.by_replica.append)
        store.attach_replica(url)

    def name(self) -> str | None:
        return self.store.read(_name, bulk=True)

    def uses_replica(self) -> bool:
        self.name()
        return self.by_replica[-1]

    def state(self) -> str:
        found = self.store.look_at_replica()
        assert found is not None
        return found.state


def _name(tx: Transaction) -> str | None:
    return tx.settings.get("name")


def _set(store: Store, value: str) -> None:
    store.write(lambda tx: tx.settings.set("name", value))


@pytest.fixture
def reading(store: Store, empty_url: str, replica_server: Server) -> Reading:
    _set(store, "0")
    found = Reading(store, replica_server.url(empty_url))
    eventually(lambda: found.state() == "well")
    return found


def test_a_read_is_answered_by_the_replica_with_all_that_was_acknowledged(
    reading: Reading, opener: Opener
) -> None:
    eventually(reading.uses_replica)
    other = opener()
    for each in range(100):
        _set(other, str(each))
        assert reading.name() == str(each)
    assert True in reading.by_replica


def test_reads_go_on_at_the_primary_while_the_replica_lags(
    reading: Reading, replica_server: Server
) -> None:
    eventually(reading.uses_replica)
    with replica_server.paused():
        _set(reading.store, "new")
        for _ in range(20):
            assert reading.name() == "new"
        assert not any(reading.by_replica[-20:])
        found = reading.store.look_at_replica()
        assert found is not None
        assert (found.state, (found.lag or 0) > 0) == ("behind", True)
        assert found.problem is not None
    eventually(reading.uses_replica)
    assert reading.name() == "new"


def test_reads_go_on_while_the_replica_is_down_and_return_to_it(
    reading: Reading, replica_server: Server
) -> None:
    eventually(reading.uses_replica)
    replica_server.stop()
    try:
        for each in range(10):
            _set(reading.store, str(each))
            assert reading.name() == str(each)
        assert reading.state() == "down"
    finally:
        replica_server.start()
    eventually(reading.uses_replica)


def test_a_read_that_the_replica_breaks_off_is_answered_by_the_primary(
    reading: Reading, replica_server: Server, empty_url: str
) -> None:
    eventually(reading.uses_replica)
    url = replica_server.url(empty_url)

    def break_off_at_replica(tx: Transaction) -> str | None:
        connection = tx._connection
        if connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one():
            own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with psycopg.connect(url, autocommit=True) as killer:
                killer.execute("SELECT pg_terminate_backend(%s)", (own,))
        return tx.settings.get("name")

    assert reading.store.read(break_off_at_replica, bulk=True) == "0"
    assert reading.by_replica[-1] is False
    eventually(reading.uses_replica)


def test_many_threads_see_what_was_acknowledged_before_they_asked(reading: Reading) -> None:
    acknowledged = [0]
    faults: list[tuple[int, str | None]] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            before = acknowledged[0]
            seen = reading.name()
            if seen is None or int(seen) < before:
                faults.append((before, seen))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for thread in readers:
        thread.start()
    for each in range(1, 200):
        _set(reading.store, str(each))
        acknowledged[0] = each
    ended.set()
    for thread in readers:
        thread.join()
    assert faults == []
    assert True in reading.by_replica


def test_what_is_no_replica_of_this_store_is_refused(
    store: Store, empty_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(InputError) as refused:
        store.attach_replica(empty_url)
    assert refused.value.message.key == "store.replica-is-primary"
    file = open_store(tmp_path_factory.mktemp("file") / "accord.db", create=True)
    with pytest.raises(InputError) as refused:
        file.attach_replica(empty_url)
    assert refused.value.message.key == "store.replica-of-file"
    file.close()


def test_a_replica_of_another_server_is_refused(
    store: Store, empty_url: str, replica_server: Server
) -> None:
    url = replica_server.url(empty_url)
    other = url.replace("/postgres?", "/template1?")
    with pytest.raises(InputError) as refused:
        store.attach_replica(other)
    assert refused.value.message.key == "store.replica-foreign"
