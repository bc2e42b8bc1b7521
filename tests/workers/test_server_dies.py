"""The PostgreSQL server dies under load and comes back: the node takes up by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from accord.node.node import open_node
from tests.community import Community
from tests.faults.conftest import _mortal, mortal

from .conftest import Served, eventually
from .load import Load, all_is_there, all_is_told, made_site, port_of
from .servers import Death, Server

__all__ = ["_mortal", "mortal"]

Serve = Callable[..., Served]
DEATHS: tuple[Death, ...] = ("kill -9", "immediate", "kill -9")


@pytest.fixture
def site(mortal: Server, tmp_path: Path) -> Iterator[Community]:
    with mortal.empty_schema() as db, made_site(tmp_path, db) as made:
        yield made


@pytest.mark.slow
def test_a_server_that_dies_under_load_costs_nothing_that_was_acknowledged(
    site: Community, mortal: Server, serve: Serve
) -> None:
    alfa = site["Alfa"]
    served = serve(alfa.home.folder, "--workers", 2, port=port_of(alfa))
    another = open_node(alfa.home.folder)
    workers = served.workers()
    load = Load(site, served, another)
    try:
        load.goes_on()
        listening = _listening(mortal)
        assert listening > 0
        for death in DEATHS:
            mortal.die(death)
            eventually(load.is_refused)
            assert served.get("/healthz").status_code == 200
            eventually(lambda: served.get("/readyz").status_code == 503)
            mortal.start()
            load.goes_on()
            eventually(lambda: served.get("/readyz").status_code == 200)
            eventually(lambda: served.metrics()["accord_leads"] == 1)
            eventually(lambda: _listening(mortal) >= listening)
    finally:
        load.end()
    while load.read_on():
        pass
    assert served.workers() == workers, "none of them had to be started again"
    assert "worker-died" not in served.events()
    assert load.cut == []
    assert any(each.status_code == 503 for each in load.answers)
    all_is_told(load)
    all_is_there(site, load, another)
    another.close()


def _listening(server: Server) -> int:
    """How many sessions wait to be told of commits."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN accord'"
    ((found,),) = server.execute(query)
    assert isinstance(found, int)
    return found
