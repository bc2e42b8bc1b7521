"""Code H3: what is read only after its restriction was acknowledged, and by whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from accord.store.columns import Name

COMPATIBLE = 10  # an older program would show what nobody has acknowledged


def upgrade(op: Operations) -> None:
    """From version 9 to version 10."""
    op.create_table(
        "restricted",
        sa.Column("holding", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("holding"),
        sa.ForeignKeyConstraint(["holding"], ["holdings.seq"]),
        sa.ForeignKeyConstraint(["entry"], ["entries.seq"]),
    )
    op.create_table(
        "acknowledged",
        sa.Column("holding", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("reader", Name, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("holding", "reader"),
        sa.ForeignKeyConstraint(["holding"], ["restricted.holding"]),
    )
