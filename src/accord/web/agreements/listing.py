"""The register of agreements."""

from __future__ import annotations

from litestar import Response

from accord.web.room import page
from accord.web.visit import Visit

from .known import MARKS, lines_for

_PAGE = 100
STATES = ("", "to-sign", "waits", "in-force", "may-accede", "over")


@page("/agreements", "agreements")
def agreements_page(visit: Visit, ours: str = "", q: str = "", after: int = 0) -> Response[bytes]:
    """What waits for our signature first; `q` finds in titles, `after` goes on in the list."""
    lines = lines_for(visit)
    counts = {each: sum(line.ours == each for line in lines) for each in STATES if each}
    wanted = [
        line
        for line in lines
        if (not ours or line.ours == ours) and q.strip().casefold() in line.title.casefold()
    ]
    start = max(0, after)
    return visit.show(
        "agreements/list.html",
        lines=wanted[start : start + _PAGE],
        found=len(wanted),
        known=len(lines),
        next=start + _PAGE if len(wanted) > start + _PAGE else 0,
        ours=ours if ours in STATES else "",
        q=q[:200],
        counts=counts,
        states=STATES,
        marks=MARKS,
    )
