"""Opening a store: which, whether it is one, and of which version."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import inspect

from accord.base.errors import InputError, MachineFault
from accord.store import schema
from accord.store.engine import StoreEngine
from accord.store.opening import engine_of, open_store, upgrade_store
from accord.store.tables import metadata


def migrated(url: str) -> StoreEngine:
    """An engine on a store that was led there from nothing, step by step."""
    engine = engine_of(url, create=True)
    with engine.writer_lock(), engine.engine.connect() as connection:
        engine.begin_write(connection)
        schema.migrate(connection, 0)
        connection.commit()
    return engine


def say_version(url: str, version: int, compatible: int) -> None:
    engine = engine_of(url, create=False)
    with engine.writer_lock(), engine.engine.connect() as connection:
        engine.begin_write(connection)
        connection.exec_driver_sql(
            f"UPDATE schema SET version = {version}, compatible = {compatible}"
        )
        connection.commit()
    engine.close()


def test_the_migrations_lead_to_the_tables_of_the_program(empty_url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = migrated(empty_url)
    with engine.engine.connect() as connection:
        if connection.dialect.name == "postgresql":  # what compares wants its rows as text
            connection.connection.driver_connection.cursor_factory = psycopg.Cursor  # type: ignore[union-attr]
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert schema.version_of(connection) == schema.SchemaVersion(
            schema.VERSION, schema.COMPATIBLE
        )
    engine.close()
    open_store(empty_url).close()


def test_a_migrated_and_a_new_store_have_the_same_columns_and_indexes(tmp_path: Path) -> None:
    def shape(path: Path) -> dict[str, object]:
        with sqlite3.connect(path) as connection:
            rows = connection.execute("SELECT type, name, tbl_name FROM sqlite_schema")
            found: dict[str, object] = {f"{kind} {name}": table for kind, name, table in rows}
            for table in metadata.tables:
                found[table] = connection.execute(f"PRAGMA table_info({table})").fetchall()
        connection.close()
        return found

    migrated(str(tmp_path / "migrated.db")).close()
    open_store(tmp_path / "new.db", create=True).close()
    assert shape(tmp_path / "migrated.db") == shape(tmp_path / "new.db")


def test_a_store_is_made_only_when_asked_to(empty_url: str) -> None:
    with pytest.raises(InputError) as caught:
        open_store(empty_url)
    assert caught.value.message.key == "store.absent"
    open_store(empty_url, create=True).close()
    store = open_store(empty_url)
    store.write(lambda tx: tx.settings.set("name", "1"))
    store.close()
    again = open_store(empty_url, create=True)
    assert again.read(lambda tx: tx.settings.get("name")) == "1"
    again.close()


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = open_store(tmp_path / "accord.db", create=True)
    store.write(lambda tx: tx.settings.set("name", "1"))
    modes = {each.name: each.stat().st_mode & 0o077 for each in tmp_path.iterdir()}
    store.close()
    assert "accord.db-wal" in modes
    assert set(modes.values()) == {0}


def test_a_newer_store_that_says_it_is_compatible_opens(empty_url: str) -> None:
    open_store(empty_url, create=True).close()
    say_version(empty_url, schema.VERSION + 3, schema.VERSION)
    open_store(empty_url).close()
    assert upgrade_store(empty_url) == (schema.VERSION + 3, schema.VERSION + 3)


@pytest.mark.parametrize("use", [open_store, upgrade_store])
def test_a_store_that_is_too_new_is_refused_with_the_versions(
    empty_url: str, use: Callable[[str], object]
) -> None:
    open_store(empty_url, create=True).close()
    say_version(empty_url, schema.VERSION + 3, schema.VERSION + 2)
    with pytest.raises(InputError) as caught:
        use(empty_url)
    assert caught.value.message.key == "store.too-new"
    assert caught.value.message.args == {
        "found": schema.VERSION + 3,
        "needed": schema.VERSION + 2,
        "ours": schema.VERSION,
    }


def test_an_old_store_is_refused_and_says_what_to_run(empty_url: str) -> None:
    open_store(empty_url, create=True).close()
    say_version(empty_url, schema.VERSION - 1, 0)
    with pytest.raises(InputError, match="accord upgrade") as caught:
        open_store(empty_url)
    assert caught.value.message.key == "store.too-old"


def test_upgrading_what_is_up_to_date_changes_nothing(empty_url: str) -> None:
    open_store(empty_url, create=True).close()
    assert upgrade_store(empty_url) == (schema.VERSION, schema.VERSION)


def test_a_migration_that_fails_leaves_nothing_behind(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_of(empty_url, create=True)

    def half() -> None:
        with engine.engine.connect() as connection:
            engine.begin_write(connection)
            schema.migrate(connection, 0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with engine.engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    engine.close()


def test_the_tables_of_something_else_are_not_touched(empty_url: str) -> None:
    engine = engine_of(empty_url, create=True)
    with engine.engine.connect() as connection:
        engine.begin_write(connection)
        connection.exec_driver_sql("CREATE TABLE settings (something TEXT)")
        connection.commit()
    with pytest.raises(InputError) as caught:
        open_store(empty_url, create=True)
    assert caught.value.message.key == "store.foreign"
    with engine.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["settings"]
    engine.close()


@pytest.mark.parametrize(
    "url", ["mysql://host/name", "postgresql://host:port/", "sqlite://", "x://"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        open_store(url)
    assert caught.value.message.key == "store.url-unknown"


def test_a_server_that_is_not_there_is_a_fault_that_keeps_the_password() -> None:
    with pytest.raises(MachineFault) as caught:
        open_store("postgresql://someone:secret-word@127.0.0.1:1/accord")
    assert caught.value.message.key == "store.unreachable"
    assert "secret-word" not in str(caught.value)
