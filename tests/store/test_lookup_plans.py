"""Which way many values are looked up: along the index of what is asked for, never along a peer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from accord.store.store import Store
from accord.store.transaction import Transaction

from .builders import BRAVO, OURS

LOOKUPS: dict[str, Callable[[Transaction], Any]] = {
    "entries by place": lambda tx: tx.entries.known(OURS, range(3)),
    "entries received first": lambda tx: tx.entries.received_first(["indicator--1"]),
    "versions published": lambda tx: tx.entries.published_versions("a", [("indicator--1", "")]),
    "content held": lambda tx: tx.holdings.hashes(OURS, ["indicator--1"]),
    "holdings no longer shown": lambda tx: tx.holdings.drop_unlisted([1]),
    "entries granted": lambda tx: tx.grants.granted(BRAVO, [1]),
    "objects granted": lambda tx: tx.grants.objects_granted(BRAVO, ["indicator--1"]),
    "grants taken back": lambda tx: tx.grants.withdraw(BRAVO, [1]),
    "answers to an object": lambda tx: tx.answers.to("indicator--1"),
    "answers of an entry": lambda tx: tx.answers.forget([1]),
    "refusals forgiven": lambda tx: tx.quarantine.forgive(OURS, [1]),
}


def plans(tx: Transaction, lookup: Callable[[Transaction], Any]) -> list[str]:
    """How SQLite would run each statement, before it has statistics."""
    connection = tx._connection
    said: list[str] = []

    def explain(conn: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> Any:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        said.extend(str(row[-1]) for row in cursor.fetchall())
        return statement, parameters

    event.listen(connection, "before_cursor_execute", explain, retval=True)
    lookup(tx)
    event.remove(connection, "before_cursor_execute", explain)
    return said


@pytest.mark.parametrize("name", LOOKUPS)
@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_many_values_are_looked_up_along_an_index(store: Store, name: str) -> None:
    said = store.write(lambda tx: plans(tx, LOOKUPS[name]))
    assert said
    assert not [line for line in said if line.startswith("SCAN") and "VIRTUAL" not in line]
    assert not [line for line in said if "grants_order" in line]
