"""What is listed for some by name is found without looking through all that is listed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

COMPATIBLE = 10  # an index changes nothing for an older program

_NAMED = sa.text("named IS NOT NULL")


def upgrade(op: Operations) -> None:
    """From version 11 to version 12."""
    op.create_index(
        "listings_named", "listings", ["added"], sqlite_where=_NAMED, postgresql_where=_NAMED
    )
