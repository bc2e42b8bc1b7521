"""What is granted to whom, in the order in which it is to be served: urgent lane first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import astuple
from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, select

from .bulk import insert_rows
from .records import EntryRow, Granted, NewGrant
from .rows import among, numbers_table
from .settings import Settings
from .tables import entries, grants, holdings

LANES = URGENT, ROUTINE = 0, 1
_LAST = "grants.last"
_ENTRY = [entries.c[name] for name in EntryRow.__struct_fields__]

# Built once: building a statement costs more than running it, and these run with every request.
_IN_LANE = and_(grants.c.peer == bindparam("of"), grants.c.lane == bindparam("in"))
_NEWEST = select(func.max(grants.c.seq)).where(_IN_LANE)
_PAGE = (
    select(grants.c.seq, grants.c.lane, holdings.c.body, *_ENTRY)
    .select_from(
        grants.join(entries, entries.c.seq == grants.c.entry).join(
            holdings, holdings.c.seq == entries.c.holding
        )
    )
    .where(and_(_IN_LANE, grants.c.seq > bindparam("after")))
    .order_by(grants.c.seq)
    .limit(bindparam("most"))
)


class Grants:
    """One row for each entry and peer. A row's `seq` is the peer's cursor into its lane."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def grant(self, rows: Sequence[NewGrant]) -> None:
        """Grant entries, in this order. The caller knows that none of them is granted yet."""
        if not rows:
            return
        first = Settings(self._connection).take(_LAST, len(rows))
        insert_rows(
            self._connection,
            grants,
            ((seq, *astuple(row)) for seq, row in enumerate(rows, start=first)),
        )

    def taken_before(self, rows: Sequence[NewGrant]) -> None:
        """Grants that were given and taken in a history this store does not hold.

        Their numbers lie below zero, before every cursor: they stand, and are not served again.
        """
        if not rows:
            return
        first = min(self._connection.scalar(select(func.min(grants.c.seq))) or 0, 0) - 1
        numbered = ((first - place, *astuple(row)) for place, row in enumerate(rows))
        insert_rows(self._connection, grants, numbered)

    def skip_to(self, number: int) -> None:
        """Give later grants higher numbers than `number`."""
        Settings(self._connection).take(_LAST, 0, at_least=number + 1)

    def last(self) -> int:
        """The number of the last grant of all: it is another one when anything was granted."""
        return int(Settings(self._connection).get(_LAST) or 0)

    def granted(self, peer: int, entry_seqs: Sequence[int]) -> set[int]:
        """Which of these entries are granted to `peer`."""
        held = and_(among(self._connection, grants.c.entry, entry_seqs), grants.c.peer == peer)
        return set(self._connection.scalars(select(grants.c.entry).where(held)))

    def granted_to(self, peers: Sequence[int], entry_seqs: Sequence[int]) -> dict[int, set[int]]:
        """To which of these peers each of these entries is granted."""
        found: dict[int, set[int]] = {seq: set() for seq in entry_seqs}
        held = and_(
            among(self._connection, grants.c.entry, entry_seqs),
            among(self._connection, grants.c.peer + 0, peers),  # see `_only_of`
        )
        rows = self._connection.execute(select(grants.c.entry, grants.c.peer).where(held))
        for entry, peer in rows:
            found[entry].add(peer)
        return found

    def holders(self, entry: int) -> set[int]:
        """To which peers an entry (by `seq`) is granted."""
        return set(self._connection.scalars(select(grants.c.peer).where(grants.c.entry == entry)))

    def objects_granted(self, peer: int, object_ids: Sequence[str]) -> set[str]:
        """Which of these objects `peer` was granted in some version."""
        joined = holdings.join(entries, entries.c.holding == holdings.c.seq).join(
            grants, grants.c.entry == entries.c.seq
        )
        wanted = among(self._connection, holdings.c.object_id, object_ids)
        query = select(holdings.c.object_id).select_from(joined)
        return set(self._connection.scalars(query.where(and_(wanted, _only_of(peer)))))

    def page(self, peer: int, lane: int, after: int, limit: int) -> list[Granted]:
        """The next grants of a lane after the cursor, with entry and content."""
        asked = {"of": peer, "in": lane, "after": after, "most": limit}
        return [_granted(row) for row in self._connection.execute(_PAGE, asked).all()]

    def withdraw(self, peer: int, seqs: Sequence[int]) -> None:
        """Take grants back that no longer hold; they may be given anew, with a later number."""
        held = and_(among(self._connection, grants.c.seq, seqs), _only_of(peer))
        self._connection.execute(delete(grants).where(held))

    def pending(
        self, cursors: Mapping[int, tuple[int, int]], most: int | None = None
    ) -> dict[int, int]:
        """How many grants lie behind the cursor (urgent, routine) of each of these peers.

        Of each lane `most` are counted, if it is given: of a peer that never comes there are many.
        """
        if not cursors:
            return {}
        lanes = ("peer", "lane", "after")
        rows = [(peer, lane, each[lane]) for peer, each in cursors.items() for lane in LANES]
        cursor = numbers_table(self._connection, lanes, rows).c
        behind = and_(
            grants.c.peer == cursor.peer,
            grants.c.lane == cursor.lane,
            grants.c.seq > cursor.after,
        )
        some = select(grants.c.seq).where(behind).correlate(cursor.peer.table).limit(most)
        count = select(func.count()).select_from(some.subquery()).scalar_subquery()
        found: dict[int, int] = {}
        for peer, times in self._connection.execute(select(cursor.peer, count)):
            found[peer] = found.get(peer, 0) + times
        return found

    def newest(self, peer: int) -> tuple[int, int]:
        """The last grant of each lane: (urgent, routine); 0 where there is none."""
        urgent, routine = (
            self._connection.scalar(_NEWEST, {"of": peer, "in": lane}) or 0 for lane in LANES
        )
        return urgent, routine


def _only_of(peer: int) -> ColumnElement[bool]:
    """Of rows that are found otherwise: the sum keeps a database from walking all of a peer's."""
    return grants.c.peer + 0 == peer


def _granted(row: Sequence[Any]) -> Granted:
    seq, lane, body, *fields = row
    return Granted(seq=seq, lane=lane, entry=EntryRow(*fields), body=body)
