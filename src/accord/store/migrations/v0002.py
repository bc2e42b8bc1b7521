"""Sources, and which holding came from which."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from accord.store.columns import Name

COMPATIBLE = 1  # older programs leave these tables alone, and the database cleans up behind them


def upgrade(op: Operations) -> None:
    """From version 1 to version 2."""
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", Name, nullable=False),
        sa.Column("url", Name, nullable=False),
        sa.Column("agreement", Name, nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=True),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("since", Name, nullable=False),
        sa.Column("next", Name, nullable=True),
        sa.Column("last", Name, nullable=False),
        sa.Column("objects", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("invalid", sa.BigInteger(), nullable=False),
        sa.Column("tried", sa.BigInteger(), nullable=True),
        sa.Column("last_contact", sa.BigInteger(), nullable=True),
        sa.Column("last_fault", Name, nullable=True),
        sa.Column("fault_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "provenance",
        sa.Column("holding", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("added", Name, nullable=True),
        sa.ForeignKeyConstraint(["holding"], ["holdings.seq"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["source"], ["sources.id"]),
        sa.PrimaryKeyConstraint("holding", "source"),
    )
