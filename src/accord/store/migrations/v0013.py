"""What is kept of each motion says what it does and when it closed, so that lists read no more."""

from __future__ import annotations

from alembic.operations import Operations

COMPATIBLE = 13  # an older program could not read what is kept of motions


def upgrade(op: Operations) -> None:
    """From version 12 to version 13. The next round fills the table from the entries."""
    op.execute("DELETE FROM motions")
    op.execute(
        "DELETE FROM settings WHERE name IN ('council.kept-frame.v1', 'council.kept-until.v1')"
    )
