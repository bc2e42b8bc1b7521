"""Recalls, ours and others', what became of each entry, and what must not come back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, and_, insert, or_, select, update

from .recall_tables import blocks, legal_holds, recalled, recalls, receipts
from .records import HoldRow, Recalled, RecallRow
from .rows import among, fetch, fetch_one, values
from .settings import Settings
from .tables import entries, holdings

_LAST, _HELD = "recalls.last", "legal-holds.last"
_NAMED = select(*[recalled.c[name] for name in Recalled.__struct_fields__])
_STRICTNESS = ("retract", "correct", "erase")


class Recalls:
    """A recall is a row, each entry that it names another."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: RecallRow) -> int:
        """Keep a recall under a new number (`row.seq` is not looked at); returns it."""
        seq = Settings(self._connection).take(_LAST, 1)
        self._connection.execute(insert(recalls).values({**values(row), "seq": seq}))
        return seq

    def get(self, seq: int) -> RecallRow | None:
        return fetch_one(self._connection, RecallRow, select(recalls).where(recalls.c.seq == seq))

    def of_entry(self, ledger: int, number: int) -> RecallRow | None:
        """The recall that stands at this place of a ledger."""
        place = and_(recalls.c.ledger == ledger, recalls.c.number == number)
        return fetch_one(self._connection, RecallRow, select(recalls).where(place))

    def page(self, *, before: int | None = None, limit: int = 100) -> list[RecallRow]:
        """Recalls of all ledgers, newest first."""
        query = select(recalls).order_by(recalls.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(recalls.c.seq < before)
        return fetch(self._connection, RecallRow, query)

    def of_ledger(self, ledger: int) -> list[RecallRow]:
        """Every recall by one author, oldest first."""
        query = select(recalls).where(recalls.c.ledger == ledger).order_by(recalls.c.seq)
        return fetch(self._connection, RecallRow, query)

    def caused_by(self, seq: int) -> list[RecallRow]:
        """Our own recalls of what we had passed on of another's, that called it back."""
        query = select(recalls).where(recalls.c.cause == seq).order_by(recalls.c.seq)
        return fetch(self._connection, RecallRow, query)

    def unanswered(self, limit: int) -> list[RecallRow]:
        """Others' recalls for which our receipt is still to be written, oldest first."""
        query = select(recalls).where(recalls.c.answered.is_(False)).order_by(recalls.c.seq)
        return fetch(self._connection, RecallRow, query.limit(limit))

    def answered(self, seq: int, *, answered: bool = True) -> None:
        """Our receipt is written; or, with false, it is to be written anew."""
        changed = update(recalls).where(recalls.c.seq == seq).values(answered=answered)
        self._connection.execute(changed)

    def receipt(self, seq: int, entry: int) -> None:
        """Another's entry (by `seq`) holds its receipt for our recall."""
        self._connection.execute(insert(receipts).values(recall=seq, entry=entry))

    def receipts(self, seq: int) -> list[tuple[int, bytes]]:
        """The receipts for a recall: each with its author's ledger, in that ledger's order."""
        query = (
            select(entries.c.ledger, holdings.c.body)
            .select_from(
                receipts.join(entries, entries.c.seq == receipts.c.entry).join(
                    holdings, holdings.c.seq == entries.c.holding
                )
            )
            .where(receipts.c.recall == seq, holdings.c.body.is_not(None))
            .order_by(entries.c.ledger, entries.c.number)
        )
        return [(row[0], row[1]) for row in self._connection.execute(query)]

    def name(self, rows: Iterable[Recalled]) -> None:
        """The entries that a recall names, with what became of each here."""
        if found := [values(row) for row in rows]:
            self._connection.execute(insert(recalled), found)

    def named(self, seq: int) -> list[Recalled]:
        """The entries that a recall names, by their number."""
        query = _NAMED.where(recalled.c.recall == seq).order_by(recalled.c.number)
        return fetch(self._connection, Recalled, query)

    def settle(self, seq: int, numbers: Sequence[int], state: str) -> None:
        """What was refused under a hold is done now."""
        named = among(self._connection, recalled.c.number, numbers)
        self._connection.execute(
            update(recalled).where(recalled.c.recall == seq, named).values(state=state, reason=None)
        )

    def of_numbers(self, ledger: int, numbers: Sequence[int]) -> dict[int, str]:
        """Which of these entries are recalled, and how; the strictest where there are several."""
        found: dict[int, str] = {}
        rows = self._connection.execute(
            select(recalled.c.number, recalls.c.mode)
            .select_from(recalled.join(recalls, recalls.c.seq == recalled.c.recall))
            .where(among(self._connection, recalled.c.number, numbers), recalled.c.ledger == ledger)
        )
        for number, mode in rows:
            found[number] = max(mode, found.get(number, mode), key=_STRICTNESS.index)
        return found

    def of_number(self, ledger: int, number: int) -> RecallRow | None:
        """The recall that names this entry; the strictest where there are several."""
        query = (
            select(recalls)
            .select_from(recalled.join(recalls, recalls.c.seq == recalled.c.recall))
            .where(recalled.c.ledger == ledger, recalled.c.number == number)
        )
        rows = fetch(self._connection, RecallRow, query)
        return max(rows, key=lambda row: _STRICTNESS.index(row.mode), default=None)

    def refused(self) -> list[Recalled]:
        """What is kept in spite of a recall, under a hold."""
        query = _NAMED.where(recalled.c.state == "refused").order_by(recalled.c.id)
        return fetch(self._connection, Recalled, query)

    def block(self, rows: Iterable[tuple[str, str | None, str]]) -> None:
        """Do not let these come back: object, version (null: any), keyed hash of the content."""
        found = [
            {"object_id": object_id, "version": version, "content": content}
            for object_id, version, content in rows
        ]
        if found:
            self._connection.execute(insert(blocks), found)

    def blocked(self, keys: Sequence[tuple[str, str, str]]) -> set[str]:
        """Which of these objects (id, version, keyed hash of the content) must not come back."""
        if not self._connection.scalar(select(blocks.c.id).limit(1)):
            return set()
        same_id = among(self._connection, blocks.c.object_id, {key[0] for key in keys})
        same_content = among(self._connection, blocks.c.content, {key[2] for key in keys})
        columns = select(blocks.c.object_id, blocks.c.version, blocks.c.content)
        rows = self._connection.execute(columns.where(or_(same_id, same_content))).all()
        ids = {row.object_id for row in rows if row.version is None}
        versions = {(row.object_id, row.version) for row in rows}
        contents = {row.content for row in rows}
        return {
            object_id
            for object_id, version, content in keys
            if object_id in ids or (object_id, version) in versions or content in contents
        }


class LegalHolds:
    """Objects that are kept in spite of a recall, each with a reason."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def place(self, object_id: str, reason: str, now: int) -> int:
        """Hold an object; returns the number of the hold."""
        number = Settings(self._connection).take(_HELD, 1)
        row = HoldRow(id=number, object_id=object_id, reason=reason, placed=now, lifted=None)
        self._connection.execute(insert(legal_holds).values(values(row)))
        return number

    def lift(self, number: int, now: int) -> HoldRow | None:
        """Lift a hold that stands; null when there is none of that number."""
        stands = and_(legal_holds.c.id == number, legal_holds.c.lifted.is_(None))
        found = fetch_one(self._connection, HoldRow, select(legal_holds).where(stands))
        if found is not None:
            changed = update(legal_holds).where(legal_holds.c.id == number).values(lifted=now)
            self._connection.execute(changed)
        return found

    def all(self) -> list[HoldRow]:
        return fetch(self._connection, HoldRow, select(legal_holds).order_by(legal_holds.c.id))

    def standing(self, object_ids: Iterable[str]) -> dict[str, str]:
        """Which of these objects are held, and why: the first reason, where there are several."""
        named = among(self._connection, legal_holds.c.object_id, set(object_ids))
        rows = self._connection.execute(
            select(legal_holds.c.object_id, legal_holds.c.reason)
            .where(named, legal_holds.c.lifted.is_(None))
            .order_by(legal_holds.c.id.desc())
        )
        return {row.object_id: row.reason for row in rows}
