"""Several processes on one store: who is told of a commit, who leads, what a lost line changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy.engine import make_url

from accord.store.opening import open_store
from accord.store.postgres import LEAD_LOCK, PostgresEngine
from accord.store.store import Store

from .builders import asked, holding, publish
from .conftest import Opener

SECONDS = 30.0  # what never takes long has failed by then


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


class Told:
    """How often a store told of a change."""

    def __init__(self, store: Store) -> None:
        self._rung = threading.Event()
        store.on_change(self._rung.set)
        self.again()  # the first call comes by itself

    def again(self) -> None:
        """Wait for the next call."""
        assert self._rung.wait(SECONDS)
        self._rung.clear()


def test_a_commit_of_one_process_is_told_to_the_others_and_to_itself(
    store: Store, opener: Opener
) -> None:
    mine, others = Told(store), Told(opener())
    for each in range(3):
        store.write(lambda tx: tx.settings.set("name", str(each)))  # noqa: B023
        mine.again()
        others.again()


def test_one_process_leads_and_another_when_it_lets_go(store: Store, opener: Opener) -> None:
    other = opener()
    lead = store.try_lead()
    assert lead is not None
    assert lead.is_held()
    assert other.try_lead() is None
    lead.release()
    until = time.monotonic() + 30
    while (after := other.try_lead()) is None:  # a server ends the session a moment later
        assert time.monotonic() < until, "the lead was never let go"
        time.sleep(0.02)
    assert store.try_lead() is None
    after.release()


ALL = "application_name = 'accord'"
LEADING = f"pid IN (SELECT pid FROM pg_locks WHERE classid = {LEAD_LOCK} AND granted)"
LISTENING = "query LIKE 'LISTEN%'"


def end_sessions(url: str, which: str) -> None:
    """Cut lines to the server."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {which}")


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
def test_who_loses_the_connection_leads_no_more(
    store: Store, opener: Opener, empty_url: str
) -> None:
    lead = store.try_lead()
    assert lead is not None
    assert lead.is_held()
    end_sessions(empty_url, LEADING)
    assert not lead.is_held()
    other = opener()

    def takes_over() -> bool:
        after = other.try_lead()
        if after is not None:
            after.release()
        return after is not None

    eventually(takes_over)
    lead.release()


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
def test_a_lost_listener_comes_back_and_misses_nothing(
    store: Store, opener: Opener, empty_url: str
) -> None:
    told = Told(opener())
    end_sessions(empty_url, LISTENING)
    store.write(lambda tx: tx.settings.set("name", "1"))
    told.again()
    for each in range(20):  # long enough that it listens again
        store.write(lambda tx: tx.settings.set("name", str(each)))  # noqa: B023
        told.again()
        time.sleep(0.1)


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
def test_a_reader_goes_on_when_the_server_has_dropped_its_connections(
    store: Store, empty_url: str
) -> None:
    store.write(lambda tx: tx.settings.set("name", "1"))
    end_sessions(empty_url, ALL)
    assert store.read(lambda tx: tx.settings.get("name")) == "1"


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
def test_an_address_may_name_several_hosts(store: Store, empty_url: str) -> None:
    store.write(lambda tx: tx.settings.set("name", "1"))
    parsed = make_url(empty_url)
    folder = parsed.query.get("host") or parsed.host
    options = str(parsed.query["options"]).replace("=", "%3D")
    several = (
        f"postgresql://{parsed.username}@/{parsed.database}?host=/nowhere,{folder}"
        f"&port=5432,{parsed.port or 5432}&target_session_attrs=read-write&options={options}"
    )
    again = open_store(several)
    assert again.read(lambda tx: tx.settings.get("name")) == "1"
    again.close()


def test_hosts_and_ports_of_an_address_reach_the_driver() -> None:
    engine = PostgresEngine(
        "postgresql://u:secret@one:5433,two/name?target_session_attrs=read-write"
    )
    settings = engine._connect.keywords
    assert (settings["host"], settings["port"]) == ("one,two", "5433,")
    assert settings["target_session_attrs"] == "read-write"
    assert engine._shown == ("postgresql://u:***@one:5433,two/name?target_session_attrs=read-write")
    engine.close()


def test_dates_of_several_writers_are_unique_and_in_commit_order(
    store: Store, opener: Opener
) -> None:
    """A reader that goes on after the last date it saw misses nothing of any writer."""
    seen: list[int] = []
    written = threading.Event()

    def write(mine: Store, name: str) -> None:
        for each in range(40):
            objects = [holding(f"indicator--{name}{each}")]
            mine.write(lambda tx: publish(tx, objects))  # noqa: B023

    def follow(reader: Store) -> None:
        while True:
            last_look = written.is_set()
            question = asked(after=seen[-1] if seen else 0)
            rows, _ = reader.read(lambda tx: tx.listings.page(question))  # noqa: B023
            seen.extend(row.added for row in rows)
            if last_look and not rows:
                return

    writers = [threading.Thread(target=write, args=(opener(), name)) for name in ("a", "b")]
    reader = threading.Thread(target=follow, args=(opener(),))
    for thread in (*writers, reader):
        thread.start()
    for thread in writers:
        thread.join(SECONDS)
    written.set()
    reader.join(SECONDS)
    assert len(seen) == len(set(seen)) == 80
    assert seen == sorted(seen)
