"""How the node is, as `accord doctor` says it; and what it is."""

from __future__ import annotations

import platform

from litestar import Response

import accord
from accord.ledger.envelope import VERSION
from accord.node.doctor import examine_open
from accord.node.overview import peer_overview
from accord.web.room import page
from accord.web.visit import Visit

MARKS = {"well": "good", "note": "note", "wrong": "bad"}
PLACES = {"peers": "/members", "quarantine": "/upkeep/quarantine", "agreements": "/agreements"}
_ORDER = {"wrong": 0, "note": 1, "well": 2}


@page("/upkeep", "health")
def health_page(visit: Visit) -> Response[bytes]:
    """Everything that was looked at, what is wrong first."""
    found = sorted(examine_open(visit.node), key=lambda each: _ORDER.get(each.state, 0))
    return visit.show(
        "upkeep/health.html",
        tab="health",
        findings=found,
        marks=MARKS,
        places=PLACES,
        wrong=sum(each.state == "wrong" for each in found),
        peers=peer_overview(visit.node),
    )


@page("/upkeep/about", "signed-in")
def about_page(visit: Visit) -> Response[bytes]:
    """Which version of what runs here."""
    node = visit.node
    return visit.show(
        "upkeep/about.html",
        tab="about",
        version=accord.__version__,
        wire=VERSION,
        python=platform.python_version(),
        store=node.home.database.partition(":")[0],
        card=node.read_card(),
    )
