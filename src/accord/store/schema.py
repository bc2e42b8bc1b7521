"""The version of the tables, and which programs may use a store of which version.

A store says two numbers: the version of its tables, and the oldest version of the program that can
work with them. So a node that was not upgraded yet keeps working beside an upgraded one as long as
the change allows it. docs/reference/store.md tells how to make a new version.
"""

from __future__ import annotations

from importlib import import_module

import msgspec
from sqlalchemy import Connection, delete, insert, inspect, select

from accord.base.errors import InputError

from . import (  # noqa: F401 (they register with `metadata`)
    account_tables,
    answer_tables,
    council_tables,
    recall_tables,
    restriction_tables,
)
from .tables import metadata, schema

VERSION = 13  # of the tables this program makes; a migration leads to each
COMPATIBLE = 13  # the oldest version of the program that can use them


class SchemaVersion(msgspec.Struct, frozen=True):
    """What a store says of itself."""

    version: int
    compatible: int


def version_of(connection: Connection) -> SchemaVersion | None:
    """What the store says; null where there is none yet.

    Raises `InputError` where the tables of something else stand in its place.
    """
    present = set(inspect(connection).get_table_names())
    if schema.name in present and {"version", "compatible"} <= _columns(connection):
        row = connection.execute(select(schema.c.version, schema.c.compatible)).first()
        if row is not None:
            return SchemaVersion(row[0], row[1])
    taken = sorted(present & set(metadata.tables))
    if taken:
        raise InputError("store.foreign", table=taken[0])
    return None


def check_usable(found: SchemaVersion, ours: int = VERSION) -> None:
    """Raises `InputError` unless this program may use a store of that version."""
    if found.version < ours:
        raise InputError("store.too-old", found=found.version, ours=ours)
    if found.version > ours and found.compatible > ours:
        raise InputError("store.too-new", found=found.version, needed=found.compatible, ours=ours)


def create(connection: Connection) -> None:
    """Make all tables of an empty store, at once in their newest form."""
    metadata.create_all(connection, checkfirst=False)
    _say(connection, SchemaVersion(VERSION, COMPATIBLE))


def migrate(connection: Connection, start: int, end: int = VERSION) -> None:
    """Lead the tables from version `start` (0: none) to `end`, in the caller's transaction."""
    # Alembic takes most of a second to import: only when it is needed.
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    operations = Operations(MigrationContext.configure(connection))
    compatible = 0
    for version in range(start + 1, end + 1):
        step = import_module(f"{__package__}.migrations.v{version:04d}")
        step.upgrade(operations)
        compatible = step.COMPATIBLE
    if start < end:
        _say(connection, SchemaVersion(end, compatible))


def _columns(connection: Connection) -> set[str]:
    return {column["name"] for column in inspect(connection).get_columns(schema.name)}


def _say(connection: Connection, version: SchemaVersion) -> None:
    connection.execute(delete(schema))
    connection.execute(
        insert(schema).values(version=version.version, compatible=version.compatible)
    )
