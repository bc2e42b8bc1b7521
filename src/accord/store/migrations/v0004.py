"""Recalls: what was called back, the receipts, what must not come back, legal holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from accord.store.columns import Name, Serial

COMPATIBLE = 4  # an older program would keep what was recalled, and take it in again


def upgrade(op: Operations) -> None:
    """From version 3 to version 4."""
    _recalls(op)
    _answers(op)
    _blocks(op)


def _recalls(op: Operations) -> None:
    op.create_table(
        "recalls",
        sa.Column("seq", Serial, autoincrement=False, nullable=False),
        sa.Column("ledger", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("mode", Name, nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("recorded", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.BigInteger(), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.ForeignKeyConstraint(["ledger"], ["ledgers.id"]),
        sa.ForeignKeyConstraint(["cause"], ["recalls.seq"]),
        sa.UniqueConstraint("ledger", "number", name="recalls_place"),
    )
    op.create_table(
        "recalled",
        sa.Column("id", Serial, nullable=False),
        sa.Column("recall", sa.BigInteger(), nullable=False),
        sa.Column("ledger", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("state", Name, nullable=False),
        sa.Column("reason", Name, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["recall"], ["recalls.seq"]),
        sa.UniqueConstraint("recall", "number", name="recalled_place"),
    )
    op.create_index("recalled_entry", "recalled", ["ledger", "number"])


def _answers(op: Operations) -> None:
    op.create_table(
        "receipts",
        sa.Column("id", Serial, nullable=False),
        sa.Column("recall", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["recall"], ["recalls.seq"]),
        sa.ForeignKeyConstraint(["entry"], ["entries.seq"]),
        sa.UniqueConstraint("recall", "entry", name="receipts_place"),
    )


def _blocks(op: Operations) -> None:
    op.create_table(
        "blocks",
        sa.Column("id", Serial, nullable=False),
        sa.Column("object_id", Name, nullable=False),
        sa.Column("version", Name, nullable=True),
        sa.Column("content", Name, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("blocks_object", "blocks", ["object_id"])
    op.create_index("blocks_content", "blocks", ["content"])
    op.create_table(
        "legal_holds",
        sa.Column("id", Serial, autoincrement=False, nullable=False),
        sa.Column("object_id", Name, nullable=False),
        sa.Column("reason", Name, nullable=False),
        sa.Column("placed", sa.BigInteger(), nullable=False),
        sa.Column("lifted", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("legal_holds_object", "legal_holds", ["object_id"])
