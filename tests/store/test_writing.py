"""Writing: jobs in groups, each whole or not at all, whoever else is at it."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import event

from accord.base.errors import ConflictError, MachineFault
from accord.ledger.tiles import Tile
from accord.store.listings import Listed
from accord.store.opening import engine_of, open_store
from accord.store.records import LedgerRow
from accord.store.store import Job, Store
from accord.store.transaction import Transaction
from tests.store.builders import OURS, asked, holding, ledger, names, publish
from tests.store.conftest import Opener


def setting(name: str, value: str = "1") -> Job[None]:
    return lambda tx: tx.settings.set(name, value)


def publishing(name: str) -> Job[list[int]]:
    return lambda tx: publish(tx, [holding(name)])


def page_after(after: int) -> Job[tuple[list[Listed], bool]]:
    return lambda tx: tx.listings.page(asked(after=after, limit=7))


def advancing(old: LedgerRow) -> Job[None]:
    return lambda tx: tx.ledgers.advance(old, ledger(size=old.size + 1), [])


def test_what_was_written_is_read_by_another_process(store: Store, opener: Opener) -> None:
    store.write(lambda tx: tx.settings.set("name", "alfa"))
    assert opener().read(lambda tx: tx.settings.get("name")) == "alfa"


def test_jobs_that_wait_together_are_committed_together(empty_url: str) -> None:
    engine = engine_of(empty_url, create=True)
    commits: list[object] = []
    open_store(empty_url, create=True).close()
    store = Store(engine)
    event.listen(engine.engine, "commit", commits.append)
    gate = threading.Event()
    first = store.submit(lambda _: gate.wait(10))
    others = [store.submit(setting(f"name-{each}")) for each in range(50)]
    gate.set()
    assert first.result()
    for each in others:
        each.result()
    store.close()
    assert len(commits) < len(others) // 2, "one or two where nothing else runs"


def test_a_failing_job_takes_nothing_of_the_others_along(store: Store) -> None:
    gate = threading.Event()
    store.submit(lambda _: gate.wait(10))

    def fail(tx: Transaction) -> None:
        tx.settings.set("bad", "1")
        raise ZeroDivisionError

    before = store.submit(lambda tx: tx.settings.set("before", "1"))
    failing = store.submit(fail)
    after = store.submit(lambda tx: tx.settings.set("after", "1"))
    gate.set()
    before.result()
    after.result()
    with pytest.raises(ZeroDivisionError):
        failing.result()
    found = store.read(lambda tx: [tx.settings.get(n) for n in ("before", "bad", "after")])
    assert found == ["1", None, "1"]


def test_a_job_refused_by_the_database_takes_nothing_of_the_others_along(store: Store) -> None:
    gate = threading.Event()
    store.submit(lambda _: gate.wait(10))
    twice = store.submit(lambda tx: tx.ledgers.create(ledger(OURS)))
    after = store.submit(lambda tx: tx.settings.set("after", "1"))
    gate.set()
    after.result()
    with pytest.raises(Exception, match=r"(?i)unique"):
        twice.result()
    assert store.read(lambda tx: tx.settings.get("after")) == "1"


def test_a_cancelled_job_is_passed_over(store: Store) -> None:
    gate = threading.Event()
    store.submit(lambda _: gate.wait(10))
    waiting = store.submit(lambda tx: tx.settings.set("cancelled", "1"))
    assert waiting.cancel()
    gate.set()
    store.write(lambda tx: tx.settings.set("after", "1"))
    assert store.read(lambda tx: tx.settings.get("cancelled")) is None


def test_a_job_may_not_wait_for_another_job(store: Store) -> None:
    with pytest.raises(RuntimeError):
        store.write(lambda _: store.write(lambda tx: tx.settings.set("name", "1")))


def test_a_reader_sees_one_state_while_others_write(store: Store, opener: Opener) -> None:
    store.write(lambda tx: tx.settings.set("name", "old"))
    writer = opener()

    def look(tx: Transaction) -> tuple[str | None, str | None]:
        before = tx.settings.get("name")
        writer.write(lambda tx: tx.settings.set("name", "new"))
        return before, tx.settings.get("name")

    assert store.read(look) == ("old", "old")
    assert store.read(lambda tx: tx.settings.get("name")) == "new"


def test_what_is_read_together_is_of_one_state_while_others_write(
    store: Store, opener: Opener
) -> None:
    store.write(lambda tx: tx.settings.set("name", "old"))
    writer = opener()

    def name() -> str | None:
        return store.read(lambda tx: tx.settings.get("name"))

    def look() -> tuple[str | None, ...]:
        before = name()
        writer.write(lambda tx: tx.settings.set("name", "new"))
        return before, store.read_together(name), name()

    assert store.read_together(look) == ("old", "old", "old")
    assert name() == "new"


def test_what_fails_while_it_reads_together_leaves_nothing_under_way(store: Store) -> None:
    def fail() -> None:
        store.read(lambda tx: tx.settings.get("name"))
        raise ConflictError("store.closed")

    with pytest.raises(ConflictError):
        store.read_together(fail)
    store.write(lambda tx: tx.settings.set("name", "1"))
    assert store.read(lambda tx: tx.settings.get("name")) == "1"


def test_listeners_are_told_after_each_commit_and_cannot_stop_the_writer(store: Store) -> None:
    told: list[int] = []

    def listen() -> None:
        told.append(1)
        raise ZeroDivisionError

    store.on_commit(listen)
    store.write(lambda tx: tx.settings.set("name", "1"))
    store.write(lambda tx: tx.settings.set("name", "2"))
    assert len(told) >= 1
    assert store.read(lambda tx: tx.settings.get("name")) == "2"


def test_the_change_number_differs_after_a_commit_of_another_process(
    store: Store, opener: Opener
) -> None:
    other = opener()
    before = other.change_number()
    assert other.change_number() == before
    store.write(lambda tx: tx.settings.set("name", "1"))
    assert other.change_number() != before


def test_what_is_queued_when_the_store_is_closed_is_still_written(
    store: Store, opener: Opener
) -> None:
    futures: list[Future[None]] = [store.submit(setting(f"name-{each}")) for each in range(200)]
    store.close()
    assert all(each.done() and each.exception() is None for each in futures)
    assert opener().read(lambda tx: tx.settings.get("name-199")) == "1"
    with pytest.raises(MachineFault):
        store.write(lambda tx: tx.settings.set("late", "1"))


def test_appending_is_a_compare_and_swap(store: Store, opener: Opener) -> None:
    old, new = ledger(size=0), ledger(size=1)
    tile = Tile(level=-1, number=0, data=b"c" * 32)
    store.write(lambda tx: tx.ledgers.advance(old, new, [tile]))
    with pytest.raises(ConflictError):
        opener().write(lambda tx: tx.ledgers.advance(old, ledger(size=2), []))
    assert store.read(lambda tx: tx.ledgers.get(OURS)) == new
    assert store.read(lambda tx: tx.ledgers.tile(OURS, -1, 0)) == tile.data


def test_of_many_who_append_at_once_one_wins_each_round(store: Store, opener: Opener) -> None:
    others = [store, opener()]

    def race(which: int) -> int:
        won = 0
        while True:
            here = others[which % 2].read(lambda tx: tx.ledgers.get(OURS))
            assert here is not None
            if here.size >= 40:
                return won
            try:
                others[which % 2].write(advancing(here))
            except ConflictError:
                continue
            won += 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(race, range(4))) == 40


WRITER = """
import sys
from accord.store.listings import Listed
from accord.store.opening import open_store
from tests.store.builders import holding, publish
url, who = sys.argv[1:]
store = open_store(url)
for each in range(40):
    rows = [holding(f"indicator--{who}-{each}-{place}") for place in range(3)]
    print(*store.write(lambda tx: publish(tx, rows, now=each)))
store.close()
"""


def test_two_processes_hand_out_unique_growing_dates(store: Store, empty_url: str) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, empty_url, who], stdout=subprocess.PIPE, text=True
        )
        for who in ("one", "two")
    ]
    seen: list[list[int]] = []
    for each in running:
        out, _ = each.communicate(timeout=60)
        assert each.returncode == 0
        seen.append([int(number) for number in out.split()])
    assert all(numbers == sorted(numbers) for numbers in seen)
    assert len(set(seen[0]) | set(seen[1])) == 240
    assert len(store.read(lambda tx: names(tx, asked()))) == 240


def test_a_reader_who_pages_while_many_write_loses_nothing(store: Store, opener: Opener) -> None:
    other = opener()
    found: list[str] = []

    def write(which: int) -> None:
        target = (store, other)[which % 2]
        for each in range(15):
            target.write(publishing(f"indicator--{which}-{each}"))

    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(write, which) for which in range(4)]
        after = 0
        while True:
            finished = all(each.done() for each in writing)
            page, _ = store.read(page_after(after))
            found.extend(row.object_id for row in page)
            if page:
                after = page[-1].added
            elif finished:
                break
    assert len(found) == len(set(found)) == 60
