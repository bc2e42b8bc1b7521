"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import MenuItem, Room

from .meetings import (
    attend_act,
    convene_act,
    convene_form,
    minutes_file,
    minutes_page,
    session_page,
    sessions_page,
)
from .motions import LIVE, motion_page, motions_page
from .moving import move_act, move_form
from .voting import extend_act, vote_act, withdraw_act

ROOM = Room(
    name="council",
    handlers=(
        motions_page,
        motion_page,
        move_form,
        move_act,
        vote_act,
        extend_act,
        withdraw_act,
        sessions_page,
        convene_form,
        convene_act,
        session_page,
        minutes_page,
        minutes_file,
        attend_act,
    ),
    menu=(MenuItem("council.menu-council", "/council", "community", "agreements"),),
    fragments=LIVE,
)
