"""A store by its address: a file (SQLite) or a server (PostgreSQL)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from accord.base.errors import InputError, MachineFault

from . import schema
from .addresses import shown as shown
from .engine import StoreEngine
from .store import Store


def open_store(url: str | Path, *, create: bool = False) -> Store:
    """Open the store at `url`: a path, `sqlite:///PATH` or `postgresql://…`.

    With `create`, a store that is not there yet is made. Raises `InputError` when there is none,
    when it is of another version than this program can use, or the address is not understood;
    `MachineFault` when the machine does not let us.
    """
    engine = engine_of(url, create=create)

    def check(connection: Connection) -> None:
        found = schema.version_of(connection)
        if found is not None:
            schema.check_usable(found)
        elif create:
            schema.create(connection)
        else:
            raise InputError("store.absent", url=shown(url))

    _in_transaction(engine, check, alone=create)
    return Store(engine)


def upgrade_store(url: str | Path) -> tuple[int, int]:
    """Lead the store at `url` to this program's version; returns the versions before and after.

    All steps happen in one transaction: after a crash the store is what it was. A store that is
    newer is left as it is. Raises as `open_store`.
    """
    engine = engine_of(url, create=False)
    versions = (0, 0)

    def upgrade(connection: Connection) -> None:
        nonlocal versions
        found = schema.version_of(connection)
        if found is None:
            raise InputError("store.absent", url=shown(url))
        if found.version > schema.VERSION:
            schema.check_usable(found)
        else:
            schema.migrate(connection, found.version)
        versions = (found.version, max(found.version, schema.VERSION))

    try:
        _in_transaction(engine, upgrade, alone=True)
    finally:
        engine.close()
    return versions


def engine_of(url: str | Path, *, create: bool) -> StoreEngine:
    """The engine for `url`; with `create`, the file may be made."""
    if isinstance(url, Path) or "://" not in url:
        return _sqlite(Path(url), create)
    scheme, _, rest = url.partition("://")
    path = rest.partition("?")[0].removeprefix("/")
    if scheme == "sqlite" and path:
        return _sqlite(Path(path), create)
    if scheme in {"postgresql", "postgres"}:
        return _postgres(url)
    raise InputError("store.url-unknown", url=shown(url))


def _sqlite(path: Path, create: bool) -> StoreEngine:
    from .sqlite import SqliteEngine

    path = path.absolute()
    try:
        if create:
            # For the owner alone; what SQLite puts beside it takes the same permissions.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        elif not path.exists():
            raise InputError("store.absent", url=str(path))
    except OSError as error:
        raise MachineFault("store.cannot-open", path=str(path), problem=str(error)) from error
    return SqliteEngine(path)


def _postgres(url: str) -> StoreEngine:
    try:
        from .postgres import PostgresEngine
    except ImportError:
        raise InputError("store.driver-missing") from None
    return PostgresEngine(url)


def _in_transaction(engine: StoreEngine, job: Callable[[Connection], None], *, alone: bool) -> None:
    """Run `job` and commit; `alone`: with no other writer beside it. Closes on any error."""
    try:
        if alone:
            with engine.writer_lock(), engine.engine.connect() as connection:
                engine.begin_write(connection)
                job(connection)
                connection.commit()
        else:
            with engine.engine.connect() as connection:
                engine.begin_read(connection)
                job(connection)
                connection.rollback()
    except (SQLAlchemyError, OSError) as error:
        engine.close()
        raise engine.translate(error) or error from error
    except (InputError, MachineFault):
        engine.close()
        raise
