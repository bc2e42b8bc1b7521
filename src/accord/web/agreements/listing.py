"""The register of agreements."""

from __future__ import annotations

from litestar import Response

from accord.base.paging import part_of
from accord.web.room import page
from accord.web.visit import Visit

from .known import MARKS, lines_for

STATES = ("", "to-sign", "waits", "in-force", "may-accede", "over")


@page("/agreements", "agreements")
def agreements_page(visit: Visit, ours: str = "", q: str = "", after: str = "") -> Response[bytes]:
    """What waits for our signature first; `q` finds in titles, `after` goes on in the list."""
    lines = lines_for(visit)
    counts = {each: sum(line.ours == each for line in lines) for each in STATES if each}
    wanted = [
        line
        for line in lines
        if (not ours or line.ours == ours) and q.strip().casefold() in line.title.casefold()
    ]
    return visit.show(
        "agreements/list.html",
        part=part_of(wanted, lambda line: line.view.id, after),
        known=len(lines),
        ours=ours if ours in STATES else "",
        q=q[:200],
        counts=counts,
        states=STATES,
        marks=MARKS,
    )
