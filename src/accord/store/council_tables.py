"""The table of the council as it is kept: a row a motion, so that only what changed is written."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, Table

from .columns import Name
from .tables import metadata

# Made from the entries, and to be made again from them: a fold with how far it came. The gist comes
# first, so that reading all of them passes over the records.
motions = Table(
    "motions",
    metadata,
    Column("motion", Name, primary_key=True),  # SHA-256 of its bytes, hex
    Column("gist", LargeBinary, nullable=False),
    Column("record", LargeBinary, nullable=False),
)
