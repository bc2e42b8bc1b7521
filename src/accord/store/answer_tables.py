"""The table of answers: which entries speak of which objects."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table

from .columns import Name, Serial
from .tables import metadata

# A row for each object of which a sighting, an opinion, a note or a correction speaks.
answers = Table(
    "answers",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("entry", BigInteger, ForeignKey("entries.seq"), nullable=False),
    Column("object_id", Name, nullable=False),
    Index("answers_object", "object_id"),
    Index("answers_entry", "entry"),
)
