"""A page in one piece is the page row by row, whatever lies in it."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from sqlalchemy import update

from accord.store.pages import Joined, join
from accord.store.store import Store
from accord.store.tables import holdings
from accord.store.transaction import Transaction
from tests.store.builders import asked, holding, publish


def fill(store: Store, count: int) -> list[int]:
    rows = [holding(f"indicator--{n}", "2026", body=b'{"n":%d}' % n) for n in range(count)]
    store.write(lambda tx: publish(tx, rows))
    page, _ = store.read(lambda tx: tx.listings.page(asked()))
    return [row.added for row in page]


def blank(store: Store, *names: str) -> None:
    """As erasing leaves the rows."""
    of_these = update(holdings).where(holdings.c.object_id.in_(names)).values(body=None)
    store.write(lambda tx: tx._connection.execute(of_these))


def test_a_page_in_one_piece_says_what_the_rows_say_and_where_it_ends(store: Store) -> None:
    added = fill(store, 5)
    page, more = store.read(lambda tx: tx.pages.page(asked(limit=3)))
    assert page.bodies == b'{"n":0},{"n":1},{"n":2}'
    assert page.numbers == ",".join(map(str, added[:3]))
    assert more
    assert store.read(lambda tx: tx.pages.page(asked(after=added[2], limit=3)))[1] is False
    assert store.read(lambda tx: tx.pages.page(asked(after=added[4]))) == (Joined("", b""), False)


def test_what_is_erased_is_passed_over_also_where_a_whole_page_of_it_is(store: Store) -> None:
    added = fill(store, 6)
    blank(store, "indicator--1", "indicator--2", "indicator--3", "indicator--5")
    for after in (0, added[0]):
        question = asked(after=after, limit=2)
        rows, more = store.read(lambda tx, q=question: tx.listings.page(q))  # type: ignore[misc]
        piece = store.read(lambda tx, q=question: tx.pages.page(q))  # type: ignore[misc]
        assert piece == (join(rows), more)
    page, more = store.read(lambda tx: tx.pages.page(asked(after=added[0], limit=2)))
    assert (page.bodies, more) == (b'{"n":4}', True)


@pytest.mark.parametrize("longest", [200, 40])
def test_what_is_too_long_for_one_piece_is_put_together_here(store: Store, longest: int) -> None:
    fill(store, 9)

    def job(tx: Transaction) -> Joined:
        if tx._connection.dialect.name != "sqlite":
            pytest.skip("a limit of SQLite")
        driver: Any = tx._connection.connection.dbapi_connection
        tx.pages.page(asked())  # the statements are longer than what is allowed then
        before = driver.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
        try:
            return tx.pages.page(asked())[0]
        finally:
            driver.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)

    assert store.read(job) == join(store.read(lambda tx: tx.listings.page(asked()))[0])
