"""Listings: the level of the newer versions, and an index by type."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

COMPATIBLE = 1  # older programs leave the column null: then who sees no newer version sees none

# The level of a version is its TLP, or 5 where it is TLP:RED and names its readers. The sum keeps
# SQLite from walking whole collections.
_NEWER = """
UPDATE listings SET newer = (
    SELECT min(CASE WHEN shown.tlp = 4 AND shown.named IS NOT NULL THEN 5 ELSE shown.tlp END)
    FROM holdings AS this
    JOIN holdings AS other ON other.object_id = this.object_id
        AND other.ledger = this.ledger AND other.version > this.version
    JOIN listings AS shown ON shown.holding = other.seq
    WHERE this.seq = listings.holding AND shown.collection + 0 = listings.collection
) WHERE NOT latest
"""


def upgrade(op: Operations) -> None:
    """From version 2 to version 3."""
    op.add_column("listings", sa.Column("newer", sa.SmallInteger(), nullable=True))
    op.execute(_NEWER)
    op.create_index("listings_of_type", "listings", ["collection", "type", "added"])
