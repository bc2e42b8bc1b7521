"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import MenuItem, Room

from .acknowledging import acknowledging
from .answering import answering
from .graph import graph
from .listing import listing
from .searching import searching
from .showing import showing

ROOM = Room(
    name="intelligence",
    handlers=(listing, searching, showing, graph, acknowledging, answering),
    menu=(MenuItem("intelligence.menu-listing", "/intelligence", "work", "read"),),
)
