"""Working groups: for which one an entry is, and which a token may read of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from accord.store.columns import Name, NameList

COMPATIBLE = 9  # an older program would show a group's collection to whoever may read everything


def upgrade(op: Operations) -> None:
    """From version 8 to version 9."""
    op.add_column("entries", sa.Column("circle", Name))
    op.add_column("tokens", sa.Column("circles", NameList))
