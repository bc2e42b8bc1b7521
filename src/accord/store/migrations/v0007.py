"""Which entries answer which objects."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from alembic.operations import Operations

from accord.store.columns import Name, Serial

COMPATIBLE = 7  # an older program would keep answers that nobody finds

_PAGE = 1000
# Corrections are of this version: before it, the release rule let none through.
_ANSWERS = """
SELECT entries.seq, holdings.type, holdings.body
FROM entries JOIN holdings ON holdings.seq = entries.holding
WHERE entries.seq > :after AND entries.kind = 'object' AND holdings.body IS NOT NULL
    AND holdings.type IN ('sighting', 'opinion', 'note')
ORDER BY entries.seq LIMIT :page
"""


class _Named(msgspec.Struct):
    sighting_of_ref: str | None = None
    object_refs: list[str] | None = None


_named = msgspec.json.Decoder(_Named)


def upgrade(op: Operations) -> None:
    """From version 6 to version 7."""
    answers = op.create_table(
        "answers",
        sa.Column("id", Serial, nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("object_id", Name, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["entry"], ["entries.seq"]),
    )
    op.create_index("answers_object", "answers", ["object_id"])
    op.create_index("answers_entry", "answers", ["entry"])
    _fill(op.get_bind(), answers)


def _fill(connection: sa.Connection, answers: sa.Table) -> None:
    after = 0
    while rows := connection.execute(sa.text(_ANSWERS), {"after": after, "page": _PAGE}).all():
        found = [
            {"entry": row.seq, "object_id": each} for row in rows for each in _spoken_of(row.body)
        ]
        if found:
            connection.execute(sa.insert(answers), found)
        after = rows[-1].seq


def _spoken_of(body: bytes) -> list[str]:
    named = _named.decode(body)
    every = [named.sighting_of_ref, *(named.object_refs or ())]
    return list(dict.fromkeys(each for each in every if each is not None))
