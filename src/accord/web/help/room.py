"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import MenuItem, Room

from .pages import help_page, words_page

ROOM = Room(
    name="help",
    handlers=(help_page, words_page),
    menu=(MenuItem("help.menu-help", "/help", "node", "signed-in"),),
)
