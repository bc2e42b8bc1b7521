"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import MenuItem, Room

from .listing import listing
from .searching import searching

ROOM = Room(
    name="intelligence",
    handlers=(listing, searching),
    menu=(MenuItem("intelligence.menu-listing", "/intelligence", "work", "read"),),
)
