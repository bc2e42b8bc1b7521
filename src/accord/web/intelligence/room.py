"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import MenuItem, Room

from .acknowledging import acknowledging
from .answering import answering
from .exporting import (
    list_bundle,
    list_table,
    object_bundle,
    object_table,
    search_bundle,
    search_table,
)
from .graph import graph
from .listing import listing
from .searching import searching
from .showing import LIVE, showing
from .taking_over import taking_over

ROOM = Room(
    name="intelligence",
    handlers=(
        listing,
        list_bundle,
        list_table,
        searching,
        search_bundle,
        search_table,
        showing,
        graph,
        object_bundle,
        object_table,
        acknowledging,
        answering,
        taking_over,
    ),
    menu=(
        MenuItem("intelligence.menu-listing", "/intelligence", "work", "read"),
        MenuItem("intelligence.menu-search", "/intelligence/search", "work", "read"),
    ),
    fragments=LIVE,
)
