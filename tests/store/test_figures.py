"""What the figures of a node rest on, on both databases: counts without scans, times of commits."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from accord.base.errors import InputError
from accord.store.store import Store
from accord.store.transaction import Transaction

from .builders import OURS
from .test_shelves import refusal, transfer


def test_lines_of_the_record_are_read_on_from_a_number(store: Store) -> None:
    assert store.read(lambda tx: tx.transfers.last()) == 0
    lines = [transfer(1), transfer(2, direction="refused"), transfer(3)]
    store.write(lambda tx: tx.transfers.record(lines))
    assert store.read(lambda tx: tx.transfers.last()) == 3
    page = store.read(lambda tx: tx.transfers.verdicts(1, 1))
    assert page == [(2, "refused", b"{}")]
    assert store.read(lambda tx: tx.transfers.verdicts(3, 10)) == []


def test_refusals_are_counted_though_some_were_forgiven(store: Store) -> None:
    assert store.read(lambda tx: tx.quarantine.ever_refused()) == 0

    def job(tx: Transaction) -> None:
        for number in (1, 2, 2):
            tx.quarantine.refuse(refusal(number))
        tx.quarantine.forgive(OURS, [1])

    store.write(job)
    assert store.read(lambda tx: tx.quarantine.ever_refused()) == 2


def test_each_commit_is_timed_with_its_jobs(store: Store) -> None:
    seen: list[tuple[int, float]] = []
    store.on_timed(lambda jobs, seconds: seen.append((jobs, seconds)))
    done = [store.submit(lambda tx: tx.settings.set("a", "b")) for _ in range(5)]
    for each in done:
        each.result()
    store.write(lambda tx: tx.settings.set("a", "c"))
    assert sum(jobs for jobs, _ in seen) == 6
    assert all(seconds >= 0 for _, seconds in seen)


def test_a_store_that_was_upgraded_meanwhile_is_noticed(store: Store) -> None:
    store.check_version()
    statement = text("UPDATE schema SET version = 99, compatible = 99")
    store.write(lambda tx: tx._connection.execute(statement).close())
    with pytest.raises(InputError, match="99"):
        store.check_version()
