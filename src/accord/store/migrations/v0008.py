"""People: accounts, sessions, tries to sign in; and whose a token is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from accord.store.columns import Name, NameList, Serial

COMPATIBLE = 8  # an older program would take a person's account and token for two people


def upgrade(op: Operations) -> None:
    """From version 7 to version 8."""
    op.add_column("tokens", sa.Column("owner", Name))
    op.create_table(
        "accounts",
        sa.Column("name", Name, nullable=False),
        sa.Column("display", Name, nullable=False),
        sa.Column("password", Name, nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("roles", NameList, nullable=False),
        sa.Column("tlp", Name, nullable=False),
        sa.Column("agreements", NameList),
        sa.Column("circles", NameList, nullable=False),
        sa.Column("language", Name, nullable=False),
        sa.Column("zone", Name, nullable=False),
        sa.Column("theme", Name, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("disabled", sa.BigInteger()),
        sa.Column("looked", sa.BigInteger()),
        sa.Column("totp", sa.LargeBinary()),
        sa.Column("totp_next", sa.LargeBinary()),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("recovery", NameList, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    _sessions(op)
    op.create_table(
        "attempts",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("attempts_last", "attempts", ["last"])


def _sessions(op: Operations) -> None:
    op.create_table(
        "sessions",
        sa.Column("id", Serial, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("account", Name, nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("address", Name, nullable=False),
        sa.Column("agent", Name, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sa.ForeignKeyConstraint(["account"], ["accounts.name"]),
    )
    op.create_index("sessions_of_account", "sessions", ["account"])
