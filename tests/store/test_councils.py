"""The fold of decisions as the store keeps it, on both databases."""

from __future__ import annotations

import pytest

from accord.store.store import Store

ONE, TWO = "aa" * 32, "bb" * 32


def test_a_motion_is_kept_in_place_of_what_was_kept_of_it_and_the_others_stay(store: Store) -> None:
    assert store.read(lambda tx: tx.councils.gists()) == {}
    store.write(lambda tx: tx.councils.put([(ONE, b"1", b"one"), (TWO, b"2", b"\0two")]))
    store.write(lambda tx: tx.councils.put([(ONE, b"1+", b"more of one")]))
    store.write(lambda tx: tx.councils.put([]))
    assert store.read(lambda tx: tx.councils.gists()) == {ONE: b"1+", TWO: b"2"}
    assert store.read(lambda tx: tx.councils.record(ONE)) == b"more of one"
    assert store.read(lambda tx: tx.councils.record(TWO)) == b"\0two"


def test_a_fold_that_is_cleared_is_gone(store: Store) -> None:
    store.write(lambda tx: tx.councils.put([(ONE, b"1", b"one")]))
    store.write(lambda tx: tx.councils.clear())
    assert store.read(lambda tx: tx.councils.gists()) == {}
    with pytest.raises(KeyError):
        store.read(lambda tx: tx.councils.record(ONE))
