"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import MenuItem, Room

from .home import LIVE, home, looked

ROOM = Room(
    name="situation",
    handlers=(home, looked),
    menu=(MenuItem("situation.menu-home", "/", "watch", "signed-in"),),
    fragments=LIVE,
)
