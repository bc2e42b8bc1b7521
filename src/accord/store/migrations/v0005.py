"""Retention clocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from accord.store.columns import Name

COMPATIBLE = 4  # an older program keeps no clocks, and the newer one beside it does


def upgrade(op: Operations) -> None:
    """From version 4 to version 5."""
    op.create_table(
        "clocks",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("review", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("purge", sa.BigInteger(), nullable=False),
        sa.Column("state", Name, nullable=False),
        sa.PrimaryKeyConstraint("entry"),
        sa.ForeignKeyConstraint(["entry"], ["entries.seq"]),
    )
    op.create_index("clocks_due", "clocks", ["state", "ends"])
