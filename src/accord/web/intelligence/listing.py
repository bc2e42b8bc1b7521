"""The list of all that the reader may see, newest first."""

from __future__ import annotations

from litestar import Response

from accord.node.browsing import browse
from accord.web.naming import Naming
from accord.web.room import page
from accord.web.visit import Visit

from .asking import Asked, cursor
from .exporting import MOST


@page("/intelligence", "read")
def listing(visit: Visit, before: str = "") -> Response[bytes]:
    """A page of the list, with filters that stand in its address."""
    asked = Asked.in_list(visit)
    found = browse(visit.node, visit.reader, asked.filters(visit), before=cursor(before))
    names = Naming(visit)
    names.look_up(found.rows)
    return visit.show(
        "intelligence/listing.html",
        found=found,
        asked=asked,
        before=before,
        names=names,
        choose=names.choices(found.choices),
        most=MOST,
    )
