"""The tables. Times are microseconds since 1970; hashes and objects are bytes, never text.

Random identifiers stand in one index only (`holdings_version`); every other key grows at its end,
so that inserting costs the same at a million rows as at the first.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from .columns import MessageList, MessageText, Name, NameList, Serial

metadata = MetaData()

# One row: the version of these tables, and the oldest version of the program that may use them.
schema = Table(
    "schema",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("compatible", Integer, nullable=False),
)

OWN_LEDGER = 1  # the first row of `ledgers` is this member's own

settings = Table(
    "settings",
    metadata,
    Column("name", Name, primary_key=True),
    Column("value", Name, nullable=False),
)

ledgers = Table(
    "ledgers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("origin", Name, nullable=False, unique=True),
    Column("member", Name, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("checkpoint", LargeBinary, nullable=False),
    Column("seen", BigInteger, nullable=False),
)

# Level -1 holds commitments, level 0 and up hash tiles (C2SP tlog-tiles); the last of a level
# still grows.
tiles = Table(
    "tiles",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("ledger", Integer, ForeignKey("ledgers.id"), nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    UniqueConstraint("ledger", "level", "number", name="tiles_place"),
)

# Every co-signature known of a ledger, ours included: who saw which size, when.
cosignatures = Table(
    "cosignatures",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("ledger", Integer, ForeignKey("ledgers.id"), nullable=False),
    Column("witness", Name, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("checked", Boolean, nullable=False),  # compared with our own view at that size
    UniqueConstraint("ledger", "witness", "size", name="cosignatures_place"),
    Index("cosignatures_of_size", "ledger", "size"),
)

# What convicts a member: two signed notes that cannot both be true.
convictions = Table(
    "convictions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("member", Name, nullable=False),
    Column("reason", Name, nullable=False),
    Column("first", LargeBinary, nullable=False),
    Column("second", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# One publisher's one version of one object, byte for byte.
holdings = Table(
    "holdings",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("ledger", Integer, ForeignKey("ledgers.id"), nullable=False),
    Column("object_id", Name, nullable=False),
    Column("version", Name, nullable=False),  # `modified` as instant, fixed width; "" for none
    Column("type", Name, nullable=False),
    Column("status", Name, nullable=False),  # actual, exercise or test
    Column("sha256", LargeBinary, nullable=False),
    Column("body", LargeBinary),  # null once erased
    UniqueConstraint("object_id", "version", "ledger", name="holdings_version"),
)

entries = Table(
    "entries",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("ledger", Integer, ForeignKey("ledgers.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("kind", Name, nullable=False),
    Column("agreement", Name),
    Column("holding", BigInteger, ForeignKey("holdings.seq"), nullable=False),
    Column("issued", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("salt_e", LargeBinary, nullable=False),
    Column(
        "salt_o", LargeBinary
    ),  # null once erased: then `object_half` keeps the commitment provable
    Column("object_half", LargeBinary),
    Column("summary", LargeBinary, nullable=False),  # what the release rule reads of the object
    Column("circle", Name),  # the working group that it is for
    UniqueConstraint("ledger", "number", name="entries_place"),
    Index("entries_of_agreement", "agreement", "seq"),
    Index("entries_of_holding", "holding"),
)

# `agreement` names an agreement or a working group; null is `private`.
collections = Table(
    "collections",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("uuid", Name, nullable=False, unique=True),
    Column("agreement", Name, unique=True),
    Column("created", BigInteger, nullable=False),
)

# What a collection shows. `added` is unique over all collections and grows in commit order, so a
# client that pages by it loses nothing.
listings = Table(
    "listings",
    metadata,
    Column("added", Serial, primary_key=True, autoincrement=False),
    Column("collection", Integer, ForeignKey("collections.id"), nullable=False),
    Column("holding", BigInteger, ForeignKey("holdings.seq"), nullable=False),
    Column("type", Name, nullable=False),
    Column("latest", Boolean, nullable=False),
    Column("tlp", SmallInteger, nullable=False),
    # Null: everybody. TLP:RED: whom it names; code H3: who acknowledged its restriction; each as
    # `_mark` of listings.py.
    Column("named", Name),
    # The lowest level of the newer versions shown beside it, 5 for those that name their readers;
    # null where it is the latest. A reader below, whom none of them names, sees this one as such.
    Column("newer", SmallInteger),
    Index("listings_of_collection", "collection", "added"),
    Index("listings_of_type", "collection", "type", "added"),
    Index("listings_of_holding", "holding"),
    Index(
        "listings_named",  # the few that go by names
        "added",
        sqlite_where=text("named IS NOT NULL"),
        postgresql_where=text("named IS NOT NULL"),
    ),
)

peers = Table(
    "peers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("member", Name, nullable=False, unique=True),
    Column("name", Name, nullable=False),
    Column("url", Name, nullable=False),
    Column("card", LargeBinary, nullable=False),
    Column("state", Name, nullable=False),  # added, confirmed, suspended or removed
    Column("urgent_cursor", BigInteger, nullable=False),
    Column("routine_cursor", BigInteger, nullable=False),
    Column("remote_size", BigInteger, nullable=False),
    Column("last_contact", BigInteger),
    Column("last_fault", MessageText),
    Column("fault_at", BigInteger),
)

# A row stands while an entry is granted to a peer. `seq` is the order in which it is served.
grants = Table(
    "grants",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("peer", Integer, ForeignKey("peers.id"), nullable=False),
    Column("lane", SmallInteger, nullable=False),  # 0 urgent, 1 routine
    Column("entry", BigInteger, ForeignKey("entries.seq"), nullable=False),
    Index("grants_order", "peer", "lane", "seq"),
    Index("grants_entry", "entry", "peer", unique=True),
)

facts = Table(
    "facts",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("fact", LargeBinary, nullable=False),
)

# The record of transfers: who was given what, on which verdict, resting on which facts. No content.
transfers = Table(
    "transfers",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("direction", Name, nullable=False),  # out, in, refused or held
    Column("peer", Integer, ForeignKey("peers.id"), nullable=False),
    Column("ledger", Integer, ForeignKey("ledgers.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("agreement", Name),
    Column("tlp", Name),
    Column("facts", BigInteger, nullable=False),
    Column("verdict", LargeBinary, nullable=False),
    Column("link", LargeBinary, nullable=False),  # binds all lines before it: ledger/record.py
    Index("transfers_of_entry", "ledger", "number"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("ledger", Integer, ForeignKey("ledgers.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Column("facts", BigInteger, nullable=False),
    Column("opening", LargeBinary, nullable=False),
    Column("reasons", MessageList, nullable=False),
    UniqueConstraint("ledger", "number", name="quarantine_place"),
)

# Entries that may not be held: their commitment and the reason stay, and the sender is told.
refusals = Table(
    "refusals",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("ledger", Integer, ForeignKey("ledgers.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Column("reasons", MessageList, nullable=False),
    Column("notified", Boolean, nullable=False),
    UniqueConstraint("ledger", "number", name="refusals_place"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("name", Name, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("role", Name, nullable=False),
    Column("tlp", Name, nullable=False),
    Column("agreements", NameList),  # null is all
    Column("created", BigInteger, nullable=False),
    Column("revoked", BigInteger),
    Column("owner", Name),  # the account whose person it stands for; null is a tool of its own
    Column("circles", NameList),  # the working groups that it may read of; null is none
)

statuses = Table(
    "statuses",
    metadata,
    Column("id", Name, primary_key=True),
    Column("token", Name, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("document", LargeBinary, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Name, primary_key=True),
    Column("agreement", Name, nullable=False),
    Column("author", Name, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("reasons", MessageList, nullable=False),
    Column("handling", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# Collections of other TAXII servers from which this node takes objects. The row of a source that
# was removed stays, because provenance names it.
sources = Table(
    "sources",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Name, nullable=False),
    Column("url", Name, nullable=False),
    Column("agreement", Name),  # under which drafts are made; null is `private` alone
    Column("minutes", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("removed", BigInteger),
    Column("pages", BigInteger, nullable=False),  # grows with every page: position is swapped on it
    Column("since", Name, nullable=False),  # `added_after` of the pages that are being read
    Column("next", Name),  # the server's own word for the next page
    Column("last", Name, nullable=False),  # the latest date_added that the server has told
    Column("objects", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("invalid", BigInteger, nullable=False),
    Column("tried", BigInteger),
    Column("last_contact", BigInteger),
    Column("last_fault", MessageText),
    Column("fault_at", BigInteger),
)

# Which source gave a holding, when it was taken, and the latest date_added of its page.
provenance = Table(
    "provenance",
    metadata,
    Column(
        "holding",
        BigInteger,
        ForeignKey("holdings.seq", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("source", Integer, ForeignKey("sources.id"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("added", Name),
)
