"""The fold of decisions is kept motion by motion, and no more as one value."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from accord.store.columns import Name

COMPATIBLE = 10  # an older program folds the entries for itself and keeps a value of its own


def upgrade(op: Operations) -> None:
    """From version 10 to version 11. The next round fills the table from the entries."""
    op.create_table(
        "motions",
        sa.Column("motion", Name, nullable=False),
        sa.Column("gist", sa.LargeBinary(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("motion"),
    )
    op.execute("DELETE FROM settings WHERE name IN ('council.snapshot.v1', 'council.until.v1')")
