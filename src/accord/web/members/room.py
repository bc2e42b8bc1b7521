"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import Room

ROOM = Room(name="members", handlers=())
