"""A community whose Alfa keeps its store in SQLite, or on a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.community import Community
from tests.community_fixtures import community, made_community  # noqa: F401
from tests.recovery.support import Site
from tests.store.conftest import empty_database, postgres  # noqa: F401


@pytest.fixture(params=["sqlite", "postgresql"])
def site(
    request: pytest.FixtureRequest,
    community: Community,  # noqa: F811
    tmp_path: Path,
) -> Iterator[Site]:
    """Alfa, who has backups taken, loses disks and is restored, on either database."""
    with Site(request, community, tmp_path) as made:
        yield made
