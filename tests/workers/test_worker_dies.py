"""A worker is killed under load, whichever leads: the others go on, and another takes its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from accord.node.node import Node, open_node
from tests.community import Community
from tests.node.support import give, holds, indicator

from .conftest import Served, eventually
from .load import Load, all_is_there, all_is_told, made_site, port_of

Serve = Callable[..., Served]


@pytest.fixture
def site(empty_url: str, tmp_path: Path) -> Iterator[Community]:
    with made_site(tmp_path / "homes", empty_url) as made:
        yield made


@pytest.mark.slow
def test_workers_that_are_killed_under_load_cost_nothing_that_was_acknowledged(
    site: Community, serve: Serve
) -> None:
    """Each in turn, so that whoever leads is among them."""
    alfa, bravo = site["Alfa"], site["Bravo"]
    served = serve(alfa.home.folder, "--workers", 2, port=port_of(alfa))
    serve(bravo.home.folder, port=port_of(bravo))
    another = open_node(alfa.home.folder)
    load = Load(site, served, another)
    led = 1
    try:
        load.goes_on()
        for number in range(3):
            worker = served.workers()[0]  # the older one: after two turns each has been killed
            worker.kill()
            eventually(lambda: worker not in served.workers() and len(served.workers()) == 2)  # noqa: B023
            load.goes_on()
            _is_followed(another, bravo, site.agreement, 2_000_000 + number)
            led = served.events().count("leading")
    finally:
        load.end()
    while load.read_on():
        pass
    assert led > 1, "nobody who led was killed"
    assert served.events().count("worker-died") == 3
    all_is_told(load)
    all_is_there(site, load, another)
    another.close()


def _is_followed(node: Node, peer: Node, agreement: str, number: int) -> None:
    """Somebody leads: what a peer publishes is taken up."""
    give(peer, [indicator(number)], agreement)
    eventually(lambda: holds(node, indicator(number)))
