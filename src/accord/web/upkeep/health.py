"""How the node is, as `accord doctor` says it; and what it is."""

from __future__ import annotations

import platform

from litestar import Response

import accord
from accord.base.paging import part_of
from accord.ledger.envelope import VERSION
from accord.node.doctor import Finding, examine_open
from accord.node.overview import peer_overview
from accord.web.room import page
from accord.web.visit import Visit

MARKS = {"well": "good", "note": "note", "wrong": "bad"}
PLACES = {"peers": "/members", "quarantine": "/upkeep/quarantine", "agreements": "/agreements"}
_FEW = 10  # peers among whom nobody needs to search
_WORDS = 200  # characters
_ORDER = {"wrong": 0, "note": 1, "well": 2}


@page("/upkeep", "health")
def health_page(visit: Visit, q: str = "", after: str = "") -> Response[bytes]:
    """Everything that was looked at, what is wrong first; the peers one by one."""
    found = sorted(examine_open(visit.node), key=lambda each: _ORDER.get(each.state, 0))
    of_peers = {each.member: each for each in found if each.member is not None}
    named = visit.names.like(q[:_WORDS]).intersection(of_peers)
    part = part_of(sorted(named, key=lambda each: _place(visit, of_peers[each])), str, after)
    return visit.show(
        "upkeep/health.html",
        tab="health",
        findings=[each for each in found if each.member is None],
        marks=MARKS,
        places=PLACES,
        wrong=sum(each.state == "wrong" for each in found),
        of_peers=of_peers,
        peers={each.member: each for each in peer_overview(visit.node, part.rows)},
        part=part,
        q=q[:_WORDS],
        many=len(of_peers) > _FEW,
    )


def _place(visit: Visit, finding: Finding) -> tuple[int, str, str]:
    """Among peers: what is wrong first, then by name."""
    member = finding.member or ""
    return _ORDER.get(finding.state, 0), visit.names[member].casefold(), member


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
