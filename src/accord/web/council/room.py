"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import MenuItem, Room

from .groups import (
    authorise_act,
    close_act,
    exclude_act,
    group_form,
    group_page,
    groups_page,
    invite_act,
    join_act,
    leave_group_act,
)
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
        groups_page,
        group_form,
        authorise_act,
        group_page,
        join_act,
        leave_group_act,
        invite_act,
        exclude_act,
        close_act,
    ),
    menu=(
        MenuItem("council.menu-council", "/council", "community", "agreements"),
        MenuItem("council.menu-groups", "/groups", "community", "agreements"),
    ),
    fragments=LIVE,
)
