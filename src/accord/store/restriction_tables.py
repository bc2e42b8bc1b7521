"""The tables of code H3: what is read only after its restriction was acknowledged, and by whom."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Table

from .columns import Name
from .tables import metadata

# Holdings that came with code H3, each with the entry that says what the restriction is.
restricted = Table(
    "restricted",
    metadata,
    Column(
        "holding",
        BigInteger,
        ForeignKey("holdings.seq"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("entry", BigInteger, ForeignKey("entries.seq"), nullable=False),
)

# Who acknowledged the restriction of a holding, and when. No row is ever taken out.
acknowledged = Table(
    "acknowledged",
    metadata,
    Column(
        "holding",
        BigInteger,
        ForeignKey("restricted.holding"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("reader", Name, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
