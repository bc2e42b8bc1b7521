"""Entries for a group, in both stores: told apart from those for parties, each by itself."""

from __future__ import annotations

from msgspec.structs import replace

from accord.store.records import TokenRow
from accord.store.store import Store
from accord.store.transaction import Transaction
from tests.store.builders import entry, holding

GROUP = "accord-group--44444444-4444-4444-8444-444444444444"
ONE, TWO = ("indicator--1", ""), ("indicator--2", "")


def furnished(tx: Transaction) -> None:
    kept = tx.holdings.keep([holding(name, version="") for name, _ in (ONE, TWO)])
    first, second = (each.seq for each in kept)
    rows = [
        entry(1, holding=first),
        replace(entry(2, holding=first), circle=GROUP),
        replace(entry(3, holding=second), circle=GROUP),
    ]
    tx.entries.put(rows)


def test_what_was_published_to_a_group_was_not_published_to_the_parties(store: Store) -> None:
    store.write(furnished)

    def published(circle: str | None) -> set[tuple[str, str]]:
        return store.read(lambda tx: tx.entries.published_versions("first", [ONE, TWO], circle))

    assert published(None) == {ONE}
    assert published(GROUP) == {ONE, TWO}
    assert published("accord-group--other") == set()


def test_each_audience_of_an_object_is_found(store: Store) -> None:
    store.write(furnished)
    found = store.read(lambda tx: tx.entries.own_of([ONE, TWO, ("indicator--3", "")]))
    assert [row.circle for row in found[ONE]] == [None, GROUP]
    assert [row.shown_in for row in found[ONE]] == ["first", GROUP]
    assert [row.seq for row in found[TWO]] == [3]
    assert found["indicator--3", ""] == []


def test_a_token_keeps_its_groups(store: Store) -> None:
    row = TokenRow(
        name="tool",
        digest=b"d",
        role="analyst",
        tlp="green",
        agreements=None,
        created=1,
        revoked=None,
        circles=(GROUP,),
    )
    store.write(lambda tx: tx.tokens.put(row))
    store.write(lambda tx: tx.tokens.put(replace(row, name="other", digest=b"e", circles=None)))
    found = store.read(lambda tx: [tx.tokens.get("tool"), tx.tokens.get("other")])
    assert [each and each.circles for each in found] == [(GROUP,), None]
