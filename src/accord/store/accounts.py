"""Accounts of people, where they are signed in, and tries to sign in that failed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from .account_tables import accounts, attempts, sessions
from .records import AccountRow, AttemptRow, SessionRow
from .rows import fetch, fetch_one, values

_OF_DIGEST = select(sessions).where(sessions.c.digest == bindparam("digest"))
_ACCOUNT = select(accounts).where(accounts.c.name == bindparam("name"))


class Accounts:
    """People of this member."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: AccountRow) -> None:
        self._connection.execute(insert(accounts).values(**values(row)))

    def get(self, name: str) -> AccountRow | None:
        return fetch_one(self._connection, AccountRow, _ACCOUNT, {"name": name})

    def all(self) -> list[AccountRow]:
        return fetch(
            self._connection,
            AccountRow,
            select(accounts).order_by(accounts.c.created, accounts.c.name),
        )

    def any(self) -> bool:
        """Whether there is an account at all."""
        return self._connection.execute(select(accounts.c.name).limit(1)).first() is not None

    def change(self, name: str, **changed: Any) -> None:
        """New values of these columns."""
        self._connection.execute(update(accounts).where(accounts.c.name == name).values(**changed))


class Sessions:
    """Where people are signed in. Only the keyed hash of a cookie is kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, row: SessionRow) -> int:
        """Keep a new session; its number, which is no secret. `row.id` is not looked at."""
        kept = {name: value for name, value in values(row).items() if name != "id"}
        made = self._connection.execute(insert(sessions).values(**kept))
        return int(made.inserted_primary_key[0])  # type: ignore[index]

    def of_digest(self, digest: bytes) -> SessionRow | None:
        return fetch_one(self._connection, SessionRow, _OF_DIGEST, {"digest": digest})

    def of_account(self, account: str) -> list[SessionRow]:
        """Those of one account, the one used last first."""
        query = select(sessions).where(sessions.c.account == account)
        return fetch(
            self._connection,
            SessionRow,
            query.order_by(sessions.c.seen.desc(), sessions.c.id.desc()),
        )

    def all(self) -> list[SessionRow]:
        return fetch(
            self._connection,
            SessionRow,
            select(sessions).order_by(sessions.c.account, sessions.c.seen.desc()),
        )

    def saw(self, session: int, at: int) -> None:
        """That it was used; never moved back."""
        self._connection.execute(
            update(sessions)
            .where(and_(sessions.c.id == session, sessions.c.seen < at))
            .values(seen=at)
        )

    def end(self, account: str, session: int) -> bool:
        """End one session of an account; whether there was such a one."""
        gone = self._connection.execute(
            delete(sessions).where(and_(sessions.c.account == account, sessions.c.id == session))
        )
        return gone.rowcount == 1

    def end_all(self, account: str, *, but: int | None = None) -> int:
        """End all of an account's, perhaps but the one in use; how many there were."""
        ended = sessions.c.account == account
        if but is not None:
            ended = and_(ended, sessions.c.id != but)
        return self._connection.execute(delete(sessions).where(ended)).rowcount

    def clear(self, now: int, unseen_since: int) -> None:
        """Drop those that are over by themselves."""
        self._connection.execute(
            delete(sessions).where((sessions.c.ends <= now) | (sessions.c.seen <= unseen_since))
        )


class Attempts:
    """Counts of failed tries. A key is a keyed hash, so that no name can be read out of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, key: bytes) -> AttemptRow | None:
        return fetch_one(
            self._connection, AttemptRow, select(attempts).where(attempts.c.key == key)
        )

    def put(self, row: AttemptRow) -> None:
        """Set the count of a key, whether it has one or not."""
        changed = self._connection.execute(
            update(attempts).where(attempts.c.key == row.key).values(count=row.count, last=row.last)
        )
        if changed.rowcount == 0:
            self._connection.execute(insert(attempts).values(**values(row)))

    def remove(self, key: bytes) -> None:
        self._connection.execute(delete(attempts).where(attempts.c.key == key))

    def clear(self, before: int) -> None:
        """Forget what was last counted before then."""
        self._connection.execute(delete(attempts).where(attempts.c.last < before))

    def count(self) -> int:
        return self._connection.scalar(select(func.count()).select_from(attempts)) or 0
