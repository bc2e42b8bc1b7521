"""The tables of recall and retention: what was called back, what became of it, what has a clock."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Table,
    UniqueConstraint,
)

from .columns import Name, Serial
from .tables import metadata

# Recalls, ours and others': each is an entry of its author's ledger.
recalls = Table(
    "recalls",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("ledger", BigInteger, ForeignKey("ledgers.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("mode", Name, nullable=False),  # retract, correct or erase
    Column("due", BigInteger, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Column("cause", BigInteger, ForeignKey("recalls.seq")),  # the recall that made us order this
    Column("answered", Boolean, nullable=False),
    UniqueConstraint("ledger", "number", name="recalls_place"),
)

# The entries that a recall names: `ledger` is its author's, and stands here for the index.
recalled = Table(
    "recalled",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("recall", BigInteger, ForeignKey("recalls.seq"), nullable=False),
    Column("ledger", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("state", Name, nullable=False),  # done, absent or refused
    Column("reason", Name),
    UniqueConstraint("recall", "number", name="recalled_place"),
    Index("recalled_entry", "ledger", "number"),
)

# The entries in which others answer a recall of ours.
receipts = Table(
    "receipts",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("recall", BigInteger, ForeignKey("recalls.seq"), nullable=False),
    Column("entry", BigInteger, ForeignKey("entries.seq"), nullable=False),
    UniqueConstraint("recall", "entry", name="receipts_place"),
)

# What must not come back through any door. The content is known by a keyed hash alone.
blocks = Table(
    "blocks",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("object_id", Name, nullable=False),
    Column("version", Name),  # null: none of its versions
    Column("content", Name, nullable=False),  # hex
    Index("blocks_object", "object_id"),
    Index("blocks_content", "content"),
)

# Objects that are kept in spite of a recall, with the reason that its author is told.
legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=False),
    Column("object_id", Name, nullable=False),
    Column("reason", Name, nullable=False),
    Column("placed", BigInteger, nullable=False),
    Column("lifted", BigInteger),
    Index("legal_holds_object", "object_id"),
)

# Entries that may not be kept for ever.
clocks = Table(
    "clocks",
    metadata,
    Column("entry", BigInteger, ForeignKey("entries.seq"), primary_key=True, autoincrement=False),
    Column("review", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("purge", BigInteger, nullable=False),
    Column("state", Name, nullable=False),  # running, hidden or erased
    Index("clocks_due", "state", "ends"),
)
