"""Statements of SQL, compiled once for all stores that a session of tests opens.

SQLAlchemy keeps them by engine, which is right for a node; a test opens three nodes or more, whose
stores are new to it each time.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine


class Statements(dict[Any, Any]):
    """By what they say alone; SQLAlchemy puts the dialect before that: each engine has its own."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(key[1:], compiled)


_by_dialect: dict[str, Statements] = {}


@event.listens_for(Engine, "engine_connect")
def share_statements(connection: Connection) -> None:
    """A connection that begins finds what others have compiled for its kind of database."""
    name = connection.dialect.name
    connection.execution_options(compiled_cache=_by_dialect.setdefault(name, Statements()))
