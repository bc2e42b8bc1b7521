"""The tables of people: accounts, their sessions, and how often signing in was tried."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table

from .columns import Name, NameList, Serial
from .tables import metadata

# A person of this member. The name is never given to another, and no token can have it.
accounts = Table(
    "accounts",
    metadata,
    Column("name", Name, primary_key=True),
    Column("display", Name, nullable=False),
    Column("password", Name, nullable=False),  # Argon2id, in its PHC form; "" opens nothing
    Column("must_change", Boolean, nullable=False),  # the password was chosen by somebody else
    Column("roles", NameList, nullable=False),
    Column("tlp", Name, nullable=False),
    Column("agreements", NameList),  # null is all
    Column("circles", NameList, nullable=False),
    Column("language", Name, nullable=False),
    Column("zone", Name, nullable=False),  # of the IANA data base; "" is the browser's
    Column("theme", Name, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("disabled", BigInteger),
    Column("looked", BigInteger),  # when its holder last looked at what is new
    Column("totp", LargeBinary),  # the secret of the second step, sealed; null where there is none
    Column("totp_next", LargeBinary),  # the one that is being set up
    Column("totp_step", BigInteger, nullable=False),  # of the last code taken: none comes twice
    Column("recovery", NameList, nullable=False),  # keyed hashes of the codes not yet used
)

# Where somebody is signed in. Only the keyed hash of the cookie is kept.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("account", Name, ForeignKey("accounts.name"), nullable=False),
    Column("complete", Boolean, nullable=False),  # false: the second step is still to be made
    Column("created", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("address", Name, nullable=False),
    Column("agent", Name, nullable=False),  # what the browser calls itself
    Index("sessions_of_account", "account"),
)

# Tries to sign in that did not succeed, by what they have in common. Shared by all processes.
attempts = Table(
    "attempts",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last", BigInteger, nullable=False),
    Index("attempts_last", "last"),
)
