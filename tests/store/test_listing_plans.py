"""Which way a page is read; an upgraded store knows who sees an older version as the latest."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, text

from accord.store import schema
from accord.store.listings import Asked
from accord.store.store import Store
from accord.store.transaction import Transaction

from .builders import FIRST, GREEN, PRIVATE, RED, SECOND, holding, publish

QUESTIONS: dict[str, dict[str, Any]] = {
    "the latest": {},
    "every version": {"latest": False},
    "from deep inside": {"after": 5},
    "one type": {"types": ("malware",)},
    "several types": {"types": ("malware", "tool", "x-none")},
    "all collections": {"collections": (PRIVATE, FIRST, SECOND)},
    "all collections, one type": {"collections": (PRIVATE, FIRST, SECOND), "types": ("malware",)},
    "single objects": {"ids": ("indicator--1", "malware--2")},
    "for who is named": {"tlp": RED, "named": ("Ann",)},
    "the first": {"latest": False, "first": True},
}


MARK = text(
    "UPDATE listings SET tlp = :tlp, named = :named WHERE added = (SELECT max(added) FROM listings)"
)


def plan(tx: Transaction, asked: Asked) -> str:
    """How the database would read a page. It is asked before it has statistics."""
    connection = tx._connection
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:  # a table of a few pages would rather be read as a whole
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    said: list[str] = []

    def explain(conn: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> Any:
        if statement.startswith("SELECT"):
            cursor.execute(f"EXPLAIN {'QUERY PLAN ' * sqlite}{statement}", parameters)
            said.extend(str(row[-1]) for row in cursor.fetchall())
        return statement, parameters

    event.listen(connection, "before_cursor_execute", explain, retval=True)
    tx.listings.page(asked)
    event.remove(connection, "before_cursor_execute", explain)
    return "\n".join(said)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_page_is_read_along_an_index_and_sorts_no_more_than_itself(
    store: Store, name: str
) -> None:
    for type_ in ("indicator", "malware", "tool"):
        rows = [holding(f"{type_}--{number}") for number in range(4)]
        store.write(lambda tx, rows=rows: publish(tx, rows))  # type: ignore[misc]
    question: dict[str, Any] = {"collections": (FIRST,), "tlp": GREEN, "named": ()}
    asked = Asked(**(question | QUESTIONS[name]))
    said = store.read(lambda tx: plan(tx, asked))
    assert "Seq Scan" not in said
    if "SEARCH" not in said:
        return  # PostgreSQL chooses by what the tables hold, and these hold next to nothing
    assert "SCAN listings" not in said
    assert "SCAN holdings" not in said
    if "types" in QUESTIONS[name]:
        assert "listings_of_type" in said
    if "ids" in QUESTIONS[name]:
        assert "listings_of_holding" in said
    elif "collections" not in QUESTIONS[name]:
        assert "TEMP B-TREE" not in said


def test_more_types_than_one_query_takes_make_one_page(store: Store) -> None:
    types = [f"x-{number}" for number in range(250)]
    store.write(lambda tx: publish(tx, [holding(f"{each}--1") for each in reversed(types)]))
    asked = Asked(collections=(FIRST,), tlp=GREEN, named=(), types=tuple(types), limit=100)
    page, more = store.read(lambda tx: tx.listings.page(asked))
    assert more
    assert [row.object_id for row in page] == [f"{each}--1" for each in reversed(types)][:100]


def test_a_page_of_erased_objects_alone_is_passed_over(store: Store) -> None:
    store.write(lambda tx: publish(tx, [holding(f"indicator--{n}") for n in range(7)]))
    erase = text("UPDATE holdings SET body = NULL WHERE object_id NOT LIKE '%6'")
    store.write(lambda tx: tx._connection.execute(erase).close())
    asked = Asked(collections=(FIRST,), tlp=GREEN, named=(), limit=2)
    page, more = store.read(lambda tx: tx.listings.page(asked))
    assert ([row.object_id for row in page], more) == (["indicator--6"], False)


def test_an_upgrade_finds_out_which_readers_see_an_older_version_as_the_latest(
    store: Store,
) -> None:
    levels = [(1, 1, ()), (2, RED, ("Ann",)), (3, 3, ()), (4, RED, ("Ben",))]
    for version, tlp, named in levels:
        row = holding(version=str(version))
        for at in (FIRST, SECOND)[: 1 + version % 2]:
            store.write(lambda tx, row=row, at=at: publish(tx, [row], at=at))  # type: ignore[misc]
            values = {"tlp": tlp, "named": "".join(f"<{each}>" for each in named) or None}
            store.write(lambda tx, v=values: tx._connection.execute(MARK, v).close())  # type: ignore[misc]

    def settle(tx: Transaction) -> list[Any]:
        tx.listings.supersede(1, "indicator--1")
        query = text("SELECT added, latest, newer FROM listings ORDER BY added")
        return [tuple(row) for row in tx._connection.execute(query)]

    settled = store.write(settle)
    assert [row[2] for row in settled] == [3, 3, 3, 5, None, None]

    def again(tx: Transaction) -> list[Any]:
        """Back to version 2, and the step from there."""
        tx._connection.exec_driver_sql("DROP INDEX listings_of_type")
        tx._connection.exec_driver_sql("ALTER TABLE listings DROP COLUMN newer")
        schema.migrate(tx._connection, 2, 3)
        query = text("SELECT added, latest, newer FROM listings ORDER BY added")
        return [tuple(row) for row in tx._connection.execute(query)]

    assert store.write(again) == settled
