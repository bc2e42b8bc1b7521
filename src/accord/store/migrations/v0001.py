"""The first tables, as they were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from accord.store.columns import Name, Serial

COMPATIBLE = 1  # the oldest version of the program that works with the tables after this step

FIRST = sa.MetaData()

sa.Table(
    "collections",
    FIRST,
    sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("uuid", Name, nullable=False),
    sa.Column("agreement", Name, nullable=True),
    sa.Column("created", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("agreement"),
    sa.UniqueConstraint("uuid"),
)
sa.Table(
    "convictions",
    FIRST,
    sa.Column("id", Serial, nullable=False),
    sa.Column("member", Name, nullable=False),
    sa.Column("reason", Name, nullable=False),
    sa.Column("first", sa.LargeBinary(), nullable=False),
    sa.Column("second", sa.LargeBinary(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("id"),
)
sa.Table(
    "drafts",
    FIRST,
    sa.Column("id", Name, nullable=False),
    sa.Column("agreement", Name, nullable=False),
    sa.Column("author", Name, nullable=False),
    sa.Column("created", sa.BigInteger(), nullable=False),
    sa.Column("reasons", sa.LargeBinary(), nullable=False),
    sa.Column("handling", sa.LargeBinary(), nullable=False),
    sa.Column("body", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("id"),
)
sa.Table(
    "facts",
    FIRST,
    sa.Column("seq", Serial, autoincrement=False, nullable=False),
    sa.Column("fact", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("seq"),
)
sa.Table(
    "ledgers",
    FIRST,
    sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("origin", Name, nullable=False),
    sa.Column("member", Name, nullable=False),
    sa.Column("size", sa.BigInteger(), nullable=False),
    sa.Column("root", sa.LargeBinary(), nullable=False),
    sa.Column("frontier", sa.LargeBinary(), nullable=False),
    sa.Column("checkpoint", sa.LargeBinary(), nullable=False),
    sa.Column("seen", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("member"),
    sa.UniqueConstraint("origin"),
)
sa.Table(
    "peers",
    FIRST,
    sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("member", Name, nullable=False),
    sa.Column("name", Name, nullable=False),
    sa.Column("url", Name, nullable=False),
    sa.Column("card", sa.LargeBinary(), nullable=False),
    sa.Column("state", Name, nullable=False),
    sa.Column("urgent_cursor", sa.BigInteger(), nullable=False),
    sa.Column("routine_cursor", sa.BigInteger(), nullable=False),
    sa.Column("remote_size", sa.BigInteger(), nullable=False),
    sa.Column("last_contact", sa.BigInteger(), nullable=True),
    sa.Column("last_fault", Name, nullable=True),
    sa.Column("fault_at", sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("member"),
)
sa.Table(
    "schema",
    FIRST,
    sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("compatible", sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint("version"),
)
sa.Table(
    "settings",
    FIRST,
    sa.Column("name", Name, nullable=False),
    sa.Column("value", Name, nullable=False),
    sa.PrimaryKeyConstraint("name"),
)
sa.Table(
    "statuses",
    FIRST,
    sa.Column("id", Name, nullable=False),
    sa.Column("token", Name, nullable=False),
    sa.Column("created", sa.BigInteger(), nullable=False),
    sa.Column("document", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("id"),
)
sa.Table(
    "tokens",
    FIRST,
    sa.Column("name", Name, nullable=False),
    sa.Column("digest", sa.LargeBinary(), nullable=False),
    sa.Column("role", Name, nullable=False),
    sa.Column("tlp", Name, nullable=False),
    sa.Column("agreements", Name, nullable=True),
    sa.Column("created", sa.BigInteger(), nullable=False),
    sa.Column("revoked", sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint("name"),
    sa.UniqueConstraint("digest"),
)
sa.Table(
    "cosignatures",
    FIRST,
    sa.Column("id", Serial, nullable=False),
    sa.Column("ledger", sa.Integer(), nullable=False),
    sa.Column("witness", Name, nullable=False),
    sa.Column("size", sa.BigInteger(), nullable=False),
    sa.Column("root", sa.LargeBinary(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("note", sa.LargeBinary(), nullable=False),
    sa.Column("checked", sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(
        ["ledger"],
        ["ledgers.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("ledger", "witness", "size", name="cosignatures_place"),
    sa.Index("cosignatures_of_size", "ledger", "size"),
)
sa.Table(
    "holdings",
    FIRST,
    sa.Column("seq", Serial, autoincrement=False, nullable=False),
    sa.Column("ledger", sa.Integer(), nullable=False),
    sa.Column("object_id", Name, nullable=False),
    sa.Column("version", Name, nullable=False),
    sa.Column("type", Name, nullable=False),
    sa.Column("status", Name, nullable=False),
    sa.Column("sha256", sa.LargeBinary(), nullable=False),
    sa.Column("body", sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(
        ["ledger"],
        ["ledgers.id"],
    ),
    sa.PrimaryKeyConstraint("seq"),
    sa.UniqueConstraint("object_id", "version", "ledger", name="holdings_version"),
)
sa.Table(
    "quarantine",
    FIRST,
    sa.Column("seq", Serial, autoincrement=False, nullable=False),
    sa.Column("ledger", sa.Integer(), nullable=False),
    sa.Column("number", sa.BigInteger(), nullable=False),
    sa.Column("recorded", sa.BigInteger(), nullable=False),
    sa.Column("facts", sa.BigInteger(), nullable=False),
    sa.Column("opening", sa.LargeBinary(), nullable=False),
    sa.Column("reasons", sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(
        ["ledger"],
        ["ledgers.id"],
    ),
    sa.PrimaryKeyConstraint("seq"),
    sa.UniqueConstraint("ledger", "number", name="quarantine_place"),
)
sa.Table(
    "refusals",
    FIRST,
    sa.Column("seq", Serial, autoincrement=False, nullable=False),
    sa.Column("ledger", sa.Integer(), nullable=False),
    sa.Column("number", sa.BigInteger(), nullable=False),
    sa.Column("commitment", sa.LargeBinary(), nullable=False),
    sa.Column("recorded", sa.BigInteger(), nullable=False),
    sa.Column("reasons", sa.LargeBinary(), nullable=False),
    sa.Column("notified", sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(
        ["ledger"],
        ["ledgers.id"],
    ),
    sa.PrimaryKeyConstraint("seq"),
    sa.UniqueConstraint("ledger", "number", name="refusals_place"),
)
sa.Table(
    "tiles",
    FIRST,
    sa.Column("id", Serial, nullable=False),
    sa.Column("ledger", sa.Integer(), nullable=False),
    sa.Column("level", sa.SmallInteger(), nullable=False),
    sa.Column("number", sa.BigInteger(), nullable=False),
    sa.Column("data", sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(
        ["ledger"],
        ["ledgers.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("ledger", "level", "number", name="tiles_place"),
)
sa.Table(
    "transfers",
    FIRST,
    sa.Column("seq", Serial, autoincrement=False, nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("direction", Name, nullable=False),
    sa.Column("peer", sa.Integer(), nullable=False),
    sa.Column("ledger", sa.Integer(), nullable=False),
    sa.Column("number", sa.BigInteger(), nullable=False),
    sa.Column("commitment", sa.LargeBinary(), nullable=False),
    sa.Column("agreement", Name, nullable=True),
    sa.Column("tlp", Name, nullable=True),
    sa.Column("facts", sa.BigInteger(), nullable=False),
    sa.Column("verdict", sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(
        ["ledger"],
        ["ledgers.id"],
    ),
    sa.ForeignKeyConstraint(
        ["peer"],
        ["peers.id"],
    ),
    sa.PrimaryKeyConstraint("seq"),
    sa.Index("transfers_of_entry", "ledger", "number"),
)
sa.Table(
    "entries",
    FIRST,
    sa.Column("seq", Serial, autoincrement=False, nullable=False),
    sa.Column("ledger", sa.Integer(), nullable=False),
    sa.Column("number", sa.BigInteger(), nullable=False),
    sa.Column("kind", Name, nullable=False),
    sa.Column("agreement", Name, nullable=True),
    sa.Column("holding", sa.BigInteger(), nullable=False),
    sa.Column("issued", sa.BigInteger(), nullable=False),
    sa.Column("envelope", sa.LargeBinary(), nullable=False),
    sa.Column("salt_e", sa.LargeBinary(), nullable=False),
    sa.Column("salt_o", sa.LargeBinary(), nullable=True),
    sa.Column("object_half", sa.LargeBinary(), nullable=True),
    sa.Column("summary", sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(
        ["holding"],
        ["holdings.seq"],
    ),
    sa.ForeignKeyConstraint(
        ["ledger"],
        ["ledgers.id"],
    ),
    sa.PrimaryKeyConstraint("seq"),
    sa.UniqueConstraint("ledger", "number", name="entries_place"),
    sa.Index("entries_of_agreement", "agreement", "seq"),
    sa.Index("entries_of_holding", "holding"),
)
sa.Table(
    "listings",
    FIRST,
    sa.Column("added", Serial, autoincrement=False, nullable=False),
    sa.Column("collection", sa.Integer(), nullable=False),
    sa.Column("holding", sa.BigInteger(), nullable=False),
    sa.Column("type", Name, nullable=False),
    sa.Column("latest", sa.Boolean(), nullable=False),
    sa.Column("tlp", sa.SmallInteger(), nullable=False),
    sa.Column("named", Name, nullable=True),
    sa.ForeignKeyConstraint(
        ["collection"],
        ["collections.id"],
    ),
    sa.ForeignKeyConstraint(
        ["holding"],
        ["holdings.seq"],
    ),
    sa.PrimaryKeyConstraint("added"),
    sa.Index("listings_of_collection", "collection", "added"),
    sa.Index("listings_of_holding", "holding"),
)
sa.Table(
    "grants",
    FIRST,
    sa.Column("seq", Serial, autoincrement=False, nullable=False),
    sa.Column("peer", sa.Integer(), nullable=False),
    sa.Column("lane", sa.SmallInteger(), nullable=False),
    sa.Column("entry", sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(
        ["entry"],
        ["entries.seq"],
    ),
    sa.ForeignKeyConstraint(
        ["peer"],
        ["peers.id"],
    ),
    sa.PrimaryKeyConstraint("seq"),
    sa.Index("grants_entry", "entry", "peer", unique=True),
    sa.Index("grants_order", "peer", "lane", "seq"),
)


def upgrade(op: Operations) -> None:
    """From nothing to version 1."""
    FIRST.create_all(op.get_bind(), checkfirst=False)
