"""The co-members this node knows, how they stand and how far we have read them."""

from __future__ import annotations

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from accord.base.messages import Message

from .records import PeerRow
from .rows import fetch, fetch_one, values
from .tables import peers

# Asked with every request: built once, since building a statement costs more than running it.
_OF_MEMBER = select(peers).where(peers.c.member == bindparam("known"))
_BY_ID = select(peers).where(peers.c.id == bindparam("known"))
_ALL = select(peers).order_by(peers.c.id)


class Peers:
    """One row for each member ever added: removal is a state, the record of transfers needs it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: PeerRow) -> None:
        """Add a peer, or replace what is known of it (same `id`)."""
        known = self._connection.scalar(select(peers.c.id).where(peers.c.id == row.id))
        if known is None:
            self._connection.execute(insert(peers).values(**values(row)))
        else:
            self._connection.execute(
                update(peers).where(peers.c.id == row.id).values(**values(row))
            )

    def next_id(self) -> int:
        return (self._connection.scalar(select(func.max(peers.c.id))) or 0) + 1

    def get(self, member: str) -> PeerRow | None:
        return fetch_one(self._connection, PeerRow, _OF_MEMBER, {"known": member})

    def by_id(self, peer: int) -> PeerRow | None:
        return fetch_one(self._connection, PeerRow, _BY_ID, {"known": peer})

    def all(self) -> list[PeerRow]:
        return fetch(self._connection, PeerRow, _ALL)

    def set_state(self, peer: int, state: str) -> None:
        self._connection.execute(update(peers).where(peers.c.id == peer).values(state=state))

    def set_cursors(self, peer: int, urgent: int, routine: int) -> None:
        """How far the peer's grants are taken; moves in one transaction with what was kept."""
        self._connection.execute(
            update(peers)
            .where(peers.c.id == peer)
            .values(urgent_cursor=urgent, routine_cursor=routine)
        )

    def note_contact(self, peer: int, at: int, remote_size: int) -> None:
        self._connection.execute(
            update(peers)
            .where(peers.c.id == peer)
            .values(last_contact=at, remote_size=remote_size, last_fault=None, fault_at=None)
        )

    def note_size(self, peer: int, remote_size: int) -> None:
        """The peer's ledger has, by its own signed word, at least so many entries."""
        grown = and_(peers.c.id == peer, peers.c.remote_size < remote_size)
        self._connection.execute(update(peers).where(grown).values(remote_size=remote_size))

    def note_fault(self, peer: int, at: int, fault: Message) -> None:
        self._connection.execute(
            update(peers).where(peers.c.id == peer).values(last_fault=fault, fault_at=at)
        )
