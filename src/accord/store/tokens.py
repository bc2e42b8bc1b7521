"""Access tokens of this node's tools and people."""

from __future__ import annotations

from sqlalchemy import Connection, and_, bindparam, exists, insert, select, update

from .account_tables import accounts
from .records import TokenRow
from .rows import fetch, fetch_one, values
from .tables import tokens

_ITS_OWNER_LEFT = exists().where(
    and_(accounts.c.name == tokens.c.owner, accounts.c.disabled.is_not(None))
)
_OF_DIGEST = select(tokens).where(
    and_(tokens.c.digest == bindparam("digest"), tokens.c.revoked.is_(None), ~_ITS_OWNER_LEFT)
)


class Tokens:
    """Only the keyed hash of a token is kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: TokenRow) -> None:
        self._connection.execute(insert(tokens).values(**values(row)))

    def get(self, name: str) -> TokenRow | None:
        return fetch_one(self._connection, TokenRow, select(tokens).where(tokens.c.name == name))

    def of_digest(self, digest: bytes) -> TokenRow | None:
        """The token with this keyed hash, unless it was revoked or its owner is disabled."""
        return fetch_one(self._connection, TokenRow, _OF_DIGEST, {"digest": digest})

    def all(self) -> list[TokenRow]:
        return fetch(
            self._connection, TokenRow, select(tokens).order_by(tokens.c.created, tokens.c.name)
        )

    def revoke(self, name: str, at: int) -> bool:
        """Whether there was such a token still valid."""
        changed = self._connection.execute(
            update(tokens)
            .where(and_(tokens.c.name == name, tokens.c.revoked.is_(None)))
            .values(revoked=at)
        )
        return changed.rowcount == 1
