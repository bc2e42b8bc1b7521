"""Statements of SQL, compiled once for all stores that a session of tests opens.

SQLAlchemy keeps them by engine, which is right for a node; a test opens three nodes or more, whose
stores are new to it each time. Its option `compiled_cache` would do, but only from an event, and
where there is one SQLAlchemy asks before and after each statement who listens.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Engine


class Statements(dict[Any, Any]):
    """By what they say alone; SQLAlchemy puts the dialect before that: each engine has its own."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(key[1:], compiled)


_by_dialect: dict[str, Statements] = {}


def _shared(engine: Engine) -> Statements:
    return _by_dialect.setdefault(engine.dialect.name, Statements())


def share() -> None:
    """From here on; what an engine would keep for itself is ignored."""
    Engine._compiled_cache = property(_shared, lambda *_: None)  # type: ignore[assignment]
