"""What an operator is told of a replica: by metrics, readiness and doctor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from accord.base.errors import InputError
from accord.node.doctor import Finding, examine
from accord.node.founding import found_node
from accord.node.home import Home, HomeSettings
from accord.node.node import open_node
from accord.node.tokens import add_token

from .conftest import Served, eventually

if TYPE_CHECKING:
    from .servers import Server

pytestmark = pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)


def _replica(home: Path) -> Finding:
    (found,) = (each for each in examine(home) if "replica" in each.message.key)
    return found


def test_an_operator_is_told_how_the_replica_stands(
    empty_url: str,
    replica_server: Server,
    tmp_path: Path,
    serve: Callable[..., Served],
) -> None:
    home = tmp_path / "home"
    replica = replica_server.url(empty_url)
    found_node(home, HomeSettings(name="Alfa", db=empty_url, db_read=replica))
    assert Home(home).settings().db_read == replica
    node = open_node(home)
    token = add_token(node, "siem", role="analyst").token
    served = serve(home)
    headers = {"authorization": f"Bearer {token}"}

    def page() -> int:
        path = "/api/collections/private/objects/"
        return served.get(path, headers=headers).status_code

    def read_by(whom: str) -> bool:
        assert page() == 200
        return served.metrics().get(f'accord_replica_reads_total{{by="{whom}"}}', 0) > 0

    eventually(lambda: read_by("replica"))
    eventually(lambda: _replica(home).message.key == "node.doctor-replica")
    with replica_server.paused():
        node.write(lambda tx: tx.settings.set("name", "1"))
        assert served.metrics()['accord_replica_state{state="behind"}'] == 1
        assert served.metrics()["accord_replica_lag_bytes"] > 0
        ready = served.get("/readyz")
        assert (ready.status_code, ready.json()["replica"]["state"]) == (200, "behind")
        assert (_replica(home).state, _replica(home).message.key) == (
            "note",
            "store.replica-behind",
        )
        eventually(lambda: read_by("primary"))
    eventually(lambda: "replica" not in served.get("/readyz").json())
    node.close()


def test_a_node_is_not_served_with_what_is_no_replica(empty_url: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = HomeSettings(name="Alfa", db=empty_url)
    found_node(home, settings)
    Home(home).write_settings(msgspec.structs.replace(settings, db_read=empty_url))
    (finding,) = (each for each in examine(home) if each.message.key.startswith("store.replica"))
    assert (finding.state, finding.message.key) == ("wrong", "store.replica-is-primary")
    node = open_node(home)
    with pytest.raises(InputError):
        node.store.attach_replica(node.settings.db_read)
    node.close()
