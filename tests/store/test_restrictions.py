"""What is read only after its restriction was acknowledged, in the store."""

from __future__ import annotations

from accord.store.listings import RED, UNREAD
from accord.store.store import Store
from accord.store.transaction import Transaction

from .builders import FIRST, SECOND, asked, entry, holding, publish


def names(tx: Transaction, at: int, *named: str, tlp: int = 3) -> list[str]:
    return [row.object_id for row in tx.listings.page(asked(at, named=named, tlp=tlp))[0]]


def test_whoever_acknowledged_is_named_and_gets_it_under_a_new_number(store: Store) -> None:
    def keep(tx: Transaction) -> tuple[int, int]:
        (added,) = publish(tx, [holding("indicator--1")], named=[UNREAD])
        (kept,) = tx.holdings.keep([holding("indicator--1")])
        tx.entries.put([entry(1, holding=kept.seq)])
        tx.restrictions.restrict([(kept.seq, 1), (kept.seq, 9)])
        tx.restrictions.restrict([(kept.seq, 9)])
        return kept.seq, added

    held, added = store.write(keep)
    assert store.read(lambda tx: names(tx, FIRST, "ann")) == []
    assert store.read(lambda tx: tx.restrictions.restricting([held, 99])) == {held: 1}
    assert [each.holding.seq for each in store.read(lambda tx: tx.restrictions.unread("ann", 9))]

    def acknowledge(tx: Transaction) -> None:
        tx.restrictions.acknowledge(held, "ann", 5)
        tx.listings.open_to(held, "ann", 7)

    store.write(acknowledge)
    assert store.read(lambda tx: names(tx, FIRST, "ann")) == ["indicator--1"]
    assert store.read(lambda tx: names(tx, FIRST, "ann", tlp=RED)) == ["indicator--1"]
    assert store.read(lambda tx: names(tx, FIRST, "bob", tlp=RED)) == []
    after = store.read(lambda tx: tx.listings.page(asked(FIRST, named=("ann",), after=added))[0])
    assert len(after) == 1
    assert store.read(lambda tx: tx.restrictions.unread("ann", 9)) == []
    assert store.read(lambda tx: len(tx.restrictions.unread("bob", 9))) == 1
    assert store.read(lambda tx: tx.restrictions.readers([held])) == {held: {"ann": 5}}


def test_acknowledging_names_nobody_for_tlp_red(store: Store) -> None:
    def keep(tx: Transaction) -> int:
        publish(tx, [holding("indicator--1")], at=FIRST, named=[UNREAD])
        publish(tx, [holding("indicator--1")], at=SECOND, tlp=RED, named=["bob"])
        (kept,) = tx.holdings.keep([holding("indicator--1")])
        return kept.seq

    held = store.write(keep)
    store.write(lambda tx: tx.listings.open_to(held, "ann", 7))
    assert store.read(lambda tx: names(tx, FIRST, "ann", tlp=RED)) == ["indicator--1"]
    assert store.read(lambda tx: names(tx, SECOND, "ann", tlp=RED)) == []
    assert store.read(lambda tx: names(tx, SECOND, "bob", tlp=RED)) == ["indicator--1"]
