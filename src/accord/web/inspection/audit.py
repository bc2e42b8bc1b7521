"""What flowed, counted by month, member, agreement and area when everything was last verified."""

from __future__ import annotations

from litestar import Response

from accord.node.checking import check_state
from accord.rules.areas import area_name
from accord.web.room import page
from accord.web.visit import Visit

_SHOWN = 500  # lines of the table


@page("/inspection/counts", "transfers")
def counts_page(visit: Visit) -> Response[bytes]:
    """The newest month first."""
    _, check = check_state(visit.node)
    every = check.counts if check is not None else ()
    counts = [each for each in every if visit.knows(each.agreement)]
    rows = [
        (each, area_name(each.area, visit.language) if each.area else "–")
        for each in reversed(counts)
    ]
    return visit.show(
        "inspection/counts.html",
        tab="counts",
        rows=rows[:_SHOWN],
        more=max(0, len(rows) - _SHOWN),
        total=sum(each.lines for each in counts),
        at=check.ended if check is not None else None,
    )
