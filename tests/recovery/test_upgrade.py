"""Stores and backups of older programs are led forward with all they hold; newer ones refused."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from accord.base.errors import InputError
from accord.node.backup import MANIFEST, STORE, FileLine, Manifest, take_backup
from accord.node.node import Node, open_node
from accord.node.restoring import restore
from accord.node.verifying import verify_ledgers
from accord.peers.recovery import recover_once
from accord.store import schema
from accord.store.opening import engine_of, open_store, upgrade_store
from accord.store.tables import metadata
from tests.community import Community, held, id_of, indicator
from tests.store.conftest import empty_url, postgres  # noqa: F401

Rows = dict[str, list[tuple[Any, ...]]]


def _in(url: str, job: Callable[[sa.Connection], Any]) -> Any:
    engine = engine_of(url, create=True)
    try:
        with engine.writer_lock(), engine.engine.connect() as connection:
            engine.begin_write(connection)
            found = job(connection)
            connection.commit()
            return found
    finally:
        engine.close()


def _tables(connection: sa.Connection) -> list[sa.TableClause]:
    """The tables there are, with their columns; what is referred to comes first."""
    look = sa.inspect(connection)
    there = set(look.get_table_names())
    return [
        sa.table(name, *[sa.column(each["name"], each["type"]) for each in look.get_columns(name)])
        for name in (table.name for table in metadata.sorted_tables)
        if name in there and name != "schema"
    ]


def _rows(connection: sa.Connection) -> Rows:
    """All rows of all tables."""
    return {
        table.name: sorted(
            (tuple(row) for row in connection.execute(sa.select(*table.columns))), key=repr
        )
        for table in _tables(connection)
    }


def old_store(source: str, url: str) -> Rows:
    """A store of version 1 at `url` with what a store of today holds, as far as it had a place."""
    engine = engine_of(source, create=False)

    def make(connection: sa.Connection) -> Rows:
        schema.migrate(connection, 0, 1)
        with engine.engine.connect() as reading:
            engine.begin_read(reading)
            today = {table.name: set(table.columns.keys()) for table in _tables(reading)}
            for table in _tables(connection):
                columns = [each for each in table.columns if each.name in today[table.name]]
                free = [sa.column(each.name, each.type) for each in columns]
                query = sa.select(*free).select_from(sa.table(table.name))
                rows = reading.execute(query).mappings().all()
                if rows:
                    connection.execute(sa.insert(table), [dict(row) for row in rows])
        return _rows(connection)

    try:
        return _in(url, make)  # type: ignore[no-any-return]
    finally:
        engine.close()


@pytest.fixture
def alfa(community: Community) -> Node:
    """With content of every kind that version 1 knew."""
    node = community["Alfa"]
    community.publish(node, community.agreement, indicator(), indicator())
    community.sync()
    return node


def test_an_old_store_is_led_forward_with_all_it_holds(
    alfa: Node,
    empty_url: str,  # noqa: F811
) -> None:
    before = old_store(alfa.home.database, empty_url)
    with pytest.raises(InputError) as error:
        open_store(empty_url)
    assert error.value.message.key == "store.too-old"
    assert upgrade_store(empty_url) == (1, schema.VERSION)
    after = _in(empty_url, _rows)
    for name, rows in before.items():
        width = len(rows[0]) if rows else 0
        assert sorted((row[:width] for row in after[name]), key=repr) == rows, name
    assert {name for name, rows in before.items() if rows} > {"entries", "grants", "transfers"}
    store = open_store(empty_url)
    node = Node(alfa.home, alfa.settings, alfa.keys, store, alfa.clock)
    assert [found.faults for found in verify_ledgers(node) if found.faults] == []
    assert upgrade_store(empty_url) == (schema.VERSION, schema.VERSION)
    node.close()


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A program one version ahead, whose step can be made to fail half-way."""
    name = f"accord.store.migrations.v{schema.VERSION + 1:04d}"
    step = types.ModuleType(name)
    monkeypatch.setitem(sys.modules, name, step)
    return step


def test_a_crash_in_the_middle_of_an_upgrade_leaves_the_old_version(
    alfa: Node,
    empty_url: str,  # noqa: F811
    next_version: types.ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = old_store(alfa.home.database, empty_url)
    upgrade_store(empty_url)
    now = schema.VERSION

    class Cut(Exception):
        pass

    def half(op: Any) -> None:
        op.create_table("half_made", sa.Column("id", sa.Integer(), primary_key=True))
        op.execute("DELETE FROM transfers")
        raise Cut

    next_version.COMPATIBLE = 1  # type: ignore[attr-defined]
    next_version.upgrade = half  # type: ignore[attr-defined]
    with monkeypatch.context() as ahead:
        ahead.setattr(schema, "VERSION", now + 1)
        ahead.setattr(schema.migrate, "__defaults__", (now + 1,))
        with pytest.raises(Cut):
            upgrade_store(empty_url)
    after = _in(empty_url, _rows)
    assert "half_made" not in after
    assert len(after["transfers"]) == len(before["transfers"]) > 0
    open_store(empty_url).close()


@pytest.mark.parametrize(("compatible", "opens"), [(1, True), (99, False)])
def test_a_newer_store_is_opened_only_where_it_allows_it(
    alfa: Node,
    empty_url: str,  # noqa: F811
    compatible: int,
    opens: bool,
) -> None:
    open_store(empty_url, create=True).close()
    version = schema.VERSION + 1
    _in(
        empty_url,
        lambda connection: connection.execute(
            sa.text(f"UPDATE schema SET version = {version}, compatible = {compatible}")
        ),
    )
    if opens:
        open_store(empty_url).close()
        assert upgrade_store(empty_url) == (version, version)
        return
    for look in (open_store, upgrade_store):
        with pytest.raises(InputError) as error:
            look(empty_url)
        assert error.value.message.key == "store.too-new"


def _backup_of_version_1(node: Node, folder: Path) -> Path:
    """What a program of version 1 would have written."""
    backup = take_backup(node, folder).folder
    (backup / STORE).unlink()
    old_store(node.home.database, f"sqlite:///{backup / STORE}")
    for path in backup.glob("store.db.*"):
        path.unlink()
    raw = (backup / STORE).read_bytes()
    manifest = msgspec.json.decode((backup / MANIFEST).read_bytes(), type=Manifest)
    files = {**manifest.files, STORE: FileLine(len(raw), sha256(raw).hexdigest())}
    older = msgspec.structs.replace(manifest, schema=1, files=files)
    (backup / MANIFEST).write_bytes(msgspec.json.encode(older))
    return backup


def test_a_backup_of_an_older_version_is_restored_and_led_forward(
    community: Community, alfa: Node, tmp_path: Path
) -> None:
    backup = _backup_of_version_1(alfa, tmp_path / "backup")
    community.publish(alfa, community.agreement, late := indicator())
    community.sync()
    alfa.close()
    restore(backup, tmp_path / "home")
    restored = community.open(tmp_path / "home")
    assert recover_once(restored, (), community.connect).done is not None
    assert held(restored, id_of(late)) == [late]
    assert [found.faults for found in verify_ledgers(restored) if found.faults] == []


def test_a_backup_of_a_newer_version_is_refused(
    community: Community, alfa: Node, tmp_path: Path
) -> None:
    backup = take_backup(alfa, tmp_path / "backup").folder
    manifest = msgspec.json.decode((backup / MANIFEST).read_bytes(), type=Manifest)
    newer = msgspec.structs.replace(manifest, schema=schema.VERSION + 1)
    (backup / MANIFEST).write_bytes(msgspec.json.encode(newer))
    with pytest.raises(InputError) as error:
        restore(backup, tmp_path / "home")
    assert error.value.message.key == "node.backup-newer"
    assert not (tmp_path / "home").exists()


def test_a_store_that_a_newer_program_extended_is_not_copied_short(
    alfa: Node, tmp_path: Path
) -> None:
    """What this program does not know it would leave out of a backup."""
    _in(
        alfa.home.database,
        lambda connection: connection.execute(
            sa.text(f"UPDATE schema SET version = {schema.VERSION + 1}, compatible = 1")
        ),
    )
    node = open_node(alfa.home.folder)
    with pytest.raises(InputError) as error:
        take_backup(node, tmp_path / "backup")
    assert error.value.message.key == "store.too-new"
    assert not (tmp_path / "backup").exists()
    node.close()
