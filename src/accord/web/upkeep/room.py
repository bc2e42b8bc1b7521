"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import MenuItem, Room

from .health import about_page, health_page
from .quarantine import LIVE, by_others_page, quarantine_page, refused_page, retry_act
from .settings import settings_page

ROOM = Room(
    name="upkeep",
    handlers=(
        health_page,
        about_page,
        quarantine_page,
        refused_page,
        by_others_page,
        retry_act,
        settings_page,
    ),
    menu=(
        MenuItem("upkeep.menu-health", "/upkeep", "node", "health"),
        MenuItem("upkeep.menu-quarantine", "/upkeep/quarantine", "node", "quarantine"),
        MenuItem("upkeep.menu-settings", "/upkeep/settings", "node", "settings"),
    ),
    fragments=LIVE,
)
