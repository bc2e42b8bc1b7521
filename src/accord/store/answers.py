"""Answers: entries that speak of other objects, found by the object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, insert, select

from .answer_tables import answers
from .records import EntryRow, Holding
from .rows import among
from .tables import OWN_LEDGER, entries, holdings

_ENTRY = [entries.c[name] for name in EntryRow.__struct_fields__]
_HOLDING = [holdings.c[name] for name in Holding.__struct_fields__]

Found = tuple[str, EntryRow, Holding]  # the object answered, the entry, and the answer itself


class Answers:
    """Rows (entry, object); the answers themselves are entries and holdings like any other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, rows: Iterable[tuple[int, str]]) -> None:
        """Entries (by `seq`) speak of objects; in the transaction that keeps the entries."""
        if found := [{"entry": entry, "object_id": object_id} for entry, object_id in rows]:
            self._connection.execute(insert(answers), found)

    def to(self, object_id: str) -> list[Found]:
        """What is known here of answers to one object, in the order in which they came."""
        query = _joined().where(answers.c.object_id == object_id).order_by(answers.c.id)
        return self._found(query)

    def to_ours(self, limit: int) -> list[Found]:
        """The newest answers of others to objects of which we published a version."""
        own = holdings.alias("own")
        carried = entries.alias("carried")
        published = exists().where(
            own.c.object_id == answers.c.object_id,
            own.c.ledger == OWN_LEDGER,
            carried.c.holding == own.c.seq,
        )
        query = _joined().where(entries.c.ledger != OWN_LEDGER, published)
        return self._found(query.order_by(answers.c.id.desc()).limit(limit))

    def forget(self, entry_seqs: Sequence[int]) -> None:
        """What entries speak of goes with their content."""
        named = among(self._connection, answers.c.entry, entry_seqs)
        self._connection.execute(delete(answers).where(named))

    def _found(self, query: Select[Any]) -> list[Found]:
        split = 1 + len(_ENTRY)
        return [
            (row[0], EntryRow(**dict(zip(EntryRow.__struct_fields__, row[1:split], strict=True))),
             Holding(**dict(zip(Holding.__struct_fields__, row[split:], strict=True))))
            for row in self._connection.execute(query)
        ]  # fmt: skip


def _joined() -> Select[Any]:
    return (
        select(answers.c.object_id, *_ENTRY, *_HOLDING)
        .select_from(
            answers.join(entries, entries.c.seq == answers.c.entry).join(
                holdings, holdings.c.seq == entries.c.holding
            )
        )
        .where(holdings.c.body.is_not(None), entries.c.salt_o.is_not(None))
    )
