"""Entries that were opened to us, or written by us."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from msgspec.structs import astuple
from sqlalchemy import Column, ColumnElement, Connection, and_, func, select

from .bulk import insert_rows
from .records import EntryRow, Said
from .rows import among, fetch, fetch_one
from .tables import OWN_LEDGER, entries, holdings


class Entries:
    """Openings by ledger and number. What was not opened to us is only a commitment in a tile."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last_seq(self) -> int:
        return self._connection.scalar(select(func.max(entries.c.seq))) or 0

    def put(self, rows: Sequence[EntryRow]) -> None:
        """Keep entries, each under the number the caller gave it (`last_seq` onward)."""
        if rows:
            insert_rows(self._connection, entries, map(astuple, rows))

    def get(self, ledger: int, number: int) -> EntryRow | None:
        place = and_(entries.c.ledger == ledger, entries.c.number == number)
        return fetch_one(self._connection, EntryRow, select(entries).where(place))

    def received_of_kind(self, kind: str, limit: int, before: int | None = None) -> list[EntryRow]:
        """Entries of others of one kind, newest first; behind `before`, the `seq` of one."""
        query = select(entries).where(entries.c.kind == kind, entries.c.ledger != OWN_LEDGER)
        if before is not None:
            query = query.where(entries.c.seq < before)
        query = query.order_by(entries.c.seq.desc()).limit(limit)
        return fetch(self._connection, EntryRow, query)

    def of_kinds(self, kinds: Collection[str], after: int, limit: int) -> list[EntryRow]:
        """Entries of these kinds behind `after`, whoever wrote them, by `seq`."""
        return fetch(
            self._connection,
            EntryRow,
            select(entries)
            .where(and_(entries.c.seq > after, self._among(entries.c.kind, kinds)))
            .order_by(entries.c.seq)
            .limit(limit),
        )

    def said(self, kinds: Collection[str], after: int, limit: int) -> list[Said]:
        """What `of_kinds` finds, with what a fold over thousands of entries needs of each."""
        query = (
            select(entries.c.seq, entries.c.number, entries.c.envelope, holdings.c.body)
            .select_from(entries.join(holdings, holdings.c.seq == entries.c.holding))
            .where(and_(entries.c.seq > after, self._among(entries.c.kind, kinds)))
            .order_by(entries.c.seq)
            .limit(limit)
        )
        return [Said(*row) for row in self._connection.execute(query)]

    def known(self, ledger: int, numbers: Sequence[int]) -> set[int]:
        """Which of `numbers` of a ledger are held."""
        held = and_(entries.c.ledger == ledger, self._among(entries.c.number, numbers))
        return set(self._connection.scalars(select(entries.c.number).where(held)))

    def of_holding(self, holding: int) -> list[EntryRow]:
        """The entries that carry one version of an object, oldest first."""
        return fetch(
            self._connection,
            EntryRow,
            select(entries).where(entries.c.holding == holding).order_by(entries.c.seq),
        )

    def received_first(self, object_ids: Sequence[str]) -> dict[str, EntryRow]:
        """Of these objects, those that another member gave us before we had any of our own.

        For each, the first entry in which it came.
        """
        rows = self._connection.execute(
            select(holdings.c.object_id, *[entries.c[name] for name in EntryRow.__struct_fields__])
            .select_from(holdings.join(entries, entries.c.holding == holdings.c.seq))
            .where(
                and_(self._among(holdings.c.object_id, object_ids), entries.c.ledger != OWN_LEDGER)
            )
            .order_by(entries.c.seq.desc())
        )
        came = {row[0]: EntryRow(*row[1:]) for row in rows}
        if not came:
            return {}
        here = and_(self._among(holdings.c.object_id, list(came)), holdings.c.ledger == OWN_LEDGER)
        ours = self._connection.execute(
            select(holdings.c.object_id, func.min(holdings.c.seq))
            .where(here)
            .group_by(holdings.c.object_id)
        )
        first = {row[0]: row[1] for row in ours}
        return {
            object_id: entry
            for object_id, entry in came.items()
            if entry.holding < first.get(object_id, entry.holding + 1)
        }

    def own(self, *, agreement: str | None, after: int, limit: int) -> list[EntryRow]:
        """Our own entries under `agreement` (null: the control entries), in order, by `seq`."""
        return fetch(
            self._connection,
            EntryRow,
            select(entries)
            .where(and_(_cites(agreement), entries.c.seq > after, entries.c.ledger == OWN_LEDGER))
            .order_by(entries.c.seq)
            .limit(limit),
        )

    def received_under(self, agreement: str, after: int, limit: int) -> list[EntryRow]:
        """What others gave us under an agreement and is still here, behind `after`, by `seq`."""
        others = and_(entries.c.ledger != OWN_LEDGER, entries.c.salt_o.is_not(None))
        return fetch(
            self._connection,
            EntryRow,
            select(entries)
            .where(and_(_cites(agreement), others, entries.c.seq > after))
            .order_by(entries.c.seq)
            .limit(limit),
        )

    def every(self, ledger: int, page: int = 1000, start: int = 0) -> Iterator[EntryRow]:
        """All entries of a ledger that we hold, by number from `start`, a page at a time."""
        after = start - 1
        while True:
            rows = fetch(
                self._connection,
                EntryRow,
                select(entries)
                .where(and_(entries.c.ledger == ledger, entries.c.number > after))
                .order_by(entries.c.number)
                .limit(page),
            )
            if not rows:
                return
            yield from rows
            after = rows[-1].number

    def published_versions(
        self, agreement: str, versions: Sequence[tuple[str, str]], circle: str | None = None
    ) -> set[tuple[str, str]]:
        """Which of these (object id, version) stand in our own ledger under `agreement`.

        Those for `circle`, a working group, are told apart from those for parties.
        """
        ids = {object_id for object_id, _ in versions}
        here = and_(self._among(holdings.c.object_id, ids), holdings.c.ledger == OWN_LEDGER)
        rows = self._connection.execute(
            select(holdings.c.seq, holdings.c.object_id, holdings.c.version).where(here)
        )
        held = {seq: (object_id, version) for seq, object_id, version in rows}
        if not held:
            return set()
        # The agreement is compared here: asked in SQL, every entry under it would be read.
        cited = self._connection.execute(
            select(entries.c.holding, entries.c.agreement, entries.c.circle).where(
                self._among(entries.c.holding, held.keys())
            )
        )
        wanted = (agreement, circle)
        found = {held[holding] for holding, *under in cited if tuple(under) == wanted}
        return found.intersection(versions)

    def own_of(self, versions: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[EntryRow]]:
        """Our own entries that carry these (object id, version), oldest first."""
        columns = [entries.c[name] for name in EntryRow.__struct_fields__]
        ids = {object_id for object_id, _ in versions}
        rows = self._connection.execute(
            select(holdings.c.object_id, holdings.c.version, *columns)
            .select_from(holdings.join(entries, entries.c.holding == holdings.c.seq))
            .where(
                and_(
                    self._among(holdings.c.object_id, ids),
                    holdings.c.ledger == OWN_LEDGER,
                    entries.c.ledger == OWN_LEDGER,
                )
            )
            .order_by(entries.c.seq)
        )
        found: dict[tuple[str, str], list[EntryRow]] = {key: [] for key in versions}
        for object_id, version, *fields in rows:
            if (object_id, version) in found:
                found[object_id, version].append(EntryRow(*fields))
        return found

    def beyond(self, ledger: int, number: int) -> list[EntryRow]:
        """The entries of a ledger from `number` on: those held beyond its verified size are few."""
        place = and_(entries.c.ledger == ledger, entries.c.number >= number)
        return fetch(self._connection, EntryRow, select(entries).where(place))

    def gaps(self, ledger: int, size: int) -> list[tuple[int, int]]:
        """Which of the first `size` entries are not held, as ranges (first, last)."""
        found: list[tuple[int, int]] = []
        expected = 0
        place = and_(entries.c.ledger == ledger, entries.c.number < size)
        numbers = select(entries.c.number).where(place).order_by(entries.c.number)
        for number in [*self._connection.scalars(numbers), size]:
            if number > expected:
                found.append((expected, number - 1))
            expected = number + 1
        return found

    def count(self, ledger: int) -> int:
        return (
            self._connection.scalar(
                select(func.count()).select_from(entries).where(entries.c.ledger == ledger)
            )
            or 0
        )

    def _among(self, column: Column[Any], items: Collection[Any]) -> ColumnElement[bool]:
        return among(self._connection, column, items)


def _cites(agreement: str | None) -> ColumnElement[bool]:
    return entries.c.agreement.is_(None) if agreement is None else entries.c.agreement == agreement
