"""The primary is gone and its replica takes over: a node whose URL names both hosts finds it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from accord.base.errors import MachineFault
from accord.store.opening import open_store
from accord.store.store import Store
from accord.store.transaction import Transaction

from .conftest import eventually
from .servers import Server

pytestmark = pytest.mark.slow


class Pair:
    """A primary that waits for its replica, and the replica; a store whose URL names both."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)
        for name in ("first", "second"):
            (folder / name).mkdir()
        self.first = Server.fresh(folder / "first")
        self.second = Server.replica_of(self.first.address, folder / "second")
        # An acknowledged commit is on both disks, so that nothing is lost with the first.
        self.first.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.first.execute("SELECT pg_reload_conf()")
        hosts = f"{self.first.folder},{self.second.folder}"
        url = make_url(self.first.address).update_query_dict(
            {"host": hosts, "target_session_attrs": "read-write"}
        )
        self.url = url.render_as_string(hide_password=False)
        eventually(lambda: self.first.execute(_STREAMS) == [(1,)])

    def fail_over(self) -> None:
        self.first.die("kill -9")
        self.second.promote()

    def close(self) -> None:
        for server in (self.first, self.second):
            if server.is_running():
                server.stop()


_STREAMS = "SELECT count(*)::int FROM pg_stat_replication WHERE sync_state = 'sync'"


@pytest.fixture
def pair() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory(prefix="accord-pair-") as folder:
        made = Pair(Path(folder))
        yield made
        made.close()


def _name(tx: Transaction) -> str | None:
    return tx.settings.get("name")


class Site:
    """A host with the store, whose large reads the replica may answer."""

    def __init__(self, pair: Pair, replica: Server, *, create: bool = False) -> None:
        self.store: Store = open_store(pair.url, create=create)
        self.by_replica: list[bool] = []
        self.store.on_bulk_read(self.by_replica.append)
        self.store.attach_replica(replica.address)

    def set(self, value: int) -> None:
        self.store.write(lambda tx: tx.settings.set("name", str(value)))

    def bulk(self) -> int:
        return int(self.store.read(_name, bulk=True) or -1)

    def can_write(self) -> bool:
        try:
            self.store.write(lambda tx: tx.settings.set("other", "x"))
        except MachineFault as fault:
            if fault.message.key not in ("store.unreachable", "store.read-only"):
                raise
            return False
        return True


def test_after_a_failover_nobody_sees_less_than_was_acknowledged(pair: Pair) -> None:
    one, other = Site(pair, pair.second, create=True), Site(pair, pair.second)
    for number in range(50):
        one.set(number)
        assert other.bulk() == number
    eventually(lambda: other.bulk() == 49 and other.by_replica[-1])

    pair.fail_over()
    seen: list[int] = []
    for site in (one, other):
        eventually(site.can_write)
        seen.append(site.bulk())
    assert seen == [49, 49], "what was acknowledged is there"
    for number in range(50, 100):
        one.set(number)
        assert other.bulk() == number
    assert not other.by_replica[-1], "the former replica is the primary now"
    state = other.store.look_at_replica()
    assert state is not None
    assert state.state == "foreign"
    for site in (one, other):
        site.store.close()


def test_a_replica_that_stayed_with_the_old_primary_answers_no_more(pair: Pair) -> None:
    """The first was cut off, not dead: what it and its replicas say is older than what was told."""
    with tempfile.TemporaryDirectory(prefix="accord-third-") as folder:
        third = Server.replica_of(pair.first.address, Path(folder))
        site = Site(pair, third, create=True)
        site.set(0)
        eventually(lambda: site.bulk() == 0 and site.by_replica[-1])
        pair.fail_over()
        eventually(site.can_write)
        for number in range(1, 40):
            site.set(number)
            assert site.bulk() == number
        assert not any(site.by_replica[-39:])
        site.store.close()
        third.stop()


def test_without_its_replica_the_primary_goes_on(pair: Pair) -> None:
    """As far as its own settings let it: here it was told to wait for nobody."""
    site = Site(pair, pair.second, create=True)
    pair.first.execute("ALTER SYSTEM RESET synchronous_standby_names")
    pair.first.execute("SELECT pg_reload_conf()")
    site.set(1)
    pair.second.die("kill -9")
    for number in range(2, 20):
        site.set(number)
        assert site.bulk() == number
    assert not site.by_replica[-1]
    pair.second.start()
    eventually(lambda: site.bulk() == 19 and site.by_replica[-1])
    site.store.close()
