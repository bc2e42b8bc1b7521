"""Shelves of people: accounts, sessions, tries to sign in; on both databases."""

from __future__ import annotations

from msgspec.structs import replace

from accord.store.records import AccountRow, AttemptRow, SessionRow, TokenRow
from accord.store.store import Store

ANN = AccountRow(
    name="ann",
    display="Ann, duty desk",
    password="$argon2id$x",
    must_change=True,
    roles=("analyst", "duty"),
    tlp="amber",
    agreements=("first",),
    circles=(),
    language="ru",
    zone="Asia/Almaty",
    theme="auto",
    created=1,
)
BEA = replace(ANN, name="bea", agreements=None, created=2)


def session(digest: bytes, account: str = "ann", seen: int = 10, ends: int = 100) -> SessionRow:
    return SessionRow(
        id=0,
        digest=digest,
        account=account,
        complete=True,
        created=1,
        seen=seen,
        ends=ends,
        address="192.0.2.1",
        agent="a browser",
    )


def with_accounts(store: Store) -> Store:
    for row in (ANN, BEA):
        store.write(lambda tx, row=row: tx.accounts.put(row))  # type: ignore[misc]
    return store


def digests(store: Store) -> set[bytes]:
    return {row.digest for row in store.read(lambda tx: tx.sessions.all())}


def test_an_account_comes_back_as_it_was_kept_in_the_order_of_making(store: Store) -> None:
    assert not store.read(lambda tx: tx.accounts.any())
    with_accounts(store)
    assert store.read(lambda tx: tx.accounts.any())
    assert store.read(lambda tx: tx.accounts.get("ann")) == ANN
    assert store.read(lambda tx: tx.accounts.get("Ann")) is None
    assert store.read(lambda tx: tx.accounts.all()) == [ANN, BEA]


def test_a_change_touches_one_account_and_the_columns_it_names(store: Store) -> None:
    with_accounts(store)
    store.write(
        lambda tx: tx.accounts.change("ann", roles=("delegate",), totp=b"s", recovery=("a",))
    )
    assert store.read(lambda tx: tx.accounts.all()) == [
        replace(ANN, roles=("delegate",), totp=b"s", recovery=("a",)),
        BEA,
    ]


def test_a_session_is_found_by_its_digest_and_ends_for_its_own_account_only(store: Store) -> None:
    with_accounts(store)
    number = store.write(lambda tx: tx.sessions.begin(session(b"one")))
    kept = store.read(lambda tx: tx.sessions.of_digest(b"one"))
    assert kept == replace(session(b"one"), id=number)
    assert not store.write(lambda tx: tx.sessions.end("bea", number))
    assert store.write(lambda tx: tx.sessions.end("ann", number))
    assert store.read(lambda tx: tx.sessions.of_digest(b"one")) is None


def test_the_sessions_of_an_account_end_together_perhaps_but_one(store: Store) -> None:
    with_accounts(store)
    numbers = [store.write(lambda tx, d=d: tx.sessions.begin(session(d))) for d in (b"1", b"2")]  # type: ignore[misc]
    store.write(lambda tx: tx.sessions.begin(session(b"3", "bea")))
    assert len(set(numbers)) == 2
    assert store.write(lambda tx: tx.sessions.end_all("ann", but=numbers[1])) == 1
    assert digests(store) == {b"2", b"3"}
    assert store.write(lambda tx: tx.sessions.end_all("ann")) == 1
    assert digests(store) == {b"3"}


def test_when_a_session_was_seen_never_goes_back(store: Store) -> None:
    with_accounts(store)
    number = store.write(lambda tx: tx.sessions.begin(session(b"1", seen=10)))
    other = store.write(lambda tx: tx.sessions.begin(session(b"2", seen=15)))
    for at in (20, 12):
        store.write(lambda tx, at=at: tx.sessions.saw(number, at))  # type: ignore[misc]
    rows = store.read(lambda tx: tx.sessions.of_account("ann"))
    assert [(row.id, row.seen) for row in rows] == [(number, 20), (other, 15)]


def test_what_ended_or_was_not_seen_for_long_is_cleared(store: Store) -> None:
    with_accounts(store)
    for row in (
        session(b"ended", seen=60, ends=50),
        session(b"idle", seen=10, ends=100),
        session(b"alive", seen=60, ends=100),
    ):
        store.write(lambda tx, row=row: tx.sessions.begin(row))  # type: ignore[misc]
    store.write(lambda tx: tx.sessions.clear(50, 10))
    assert digests(store) == {b"alive"}


def test_tries_are_counted_by_key_and_forgotten_by_time(store: Store) -> None:
    for row in (
        AttemptRow(key=b"a", count=1, last=5),
        AttemptRow(key=b"a", count=2, last=9),
        AttemptRow(key=b"b", count=1, last=4),
    ):
        store.write(lambda tx, row=row: tx.attempts.put(row))  # type: ignore[misc]
    assert store.read(lambda tx: tx.attempts.get(b"a")) == AttemptRow(key=b"a", count=2, last=9)
    store.write(lambda tx: tx.attempts.clear(5))
    assert store.read(lambda tx: tx.attempts.count()) == 1
    store.write(lambda tx: tx.attempts.remove(b"a"))
    assert store.read(lambda tx: tx.attempts.get(b"a")) is None


def test_a_token_opens_nothing_once_its_owner_is_disabled(store: Store) -> None:
    with_accounts(store)
    row = TokenRow(
        name="tool",
        digest=b"d" * 32,
        role="analyst",
        tlp="amber",
        agreements=None,
        created=1,
        revoked=None,
        owner="ann",
    )
    store.write(lambda tx: tx.tokens.put(row))
    store.write(lambda tx: tx.accounts.change("bea", disabled=5))
    assert store.read(lambda tx: tx.tokens.of_digest(row.digest)) == row
    store.write(lambda tx: tx.accounts.change("ann", disabled=5))
    assert store.read(lambda tx: tx.tokens.of_digest(row.digest)) is None
