"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import MenuItem, Room

from .acquainting import (
    add_act,
    add_form,
    confirm_act,
    confirm_form,
    place_act,
    remove_act,
    resume_act,
    suspend_act,
)
from .directory import LIVE, members_page
from .joining import (
    accession_page,
    apply_act,
    apply_form,
    leave_act,
    leave_form,
    sponsor_act,
    take_back_act,
)
from .one import member_page

ROOM = Room(
    name="members",
    handlers=(
        members_page,
        add_form,
        add_act,
        apply_form,
        apply_act,
        leave_form,
        leave_act,
        member_page,
        confirm_form,
        confirm_act,
        suspend_act,
        resume_act,
        remove_act,
        place_act,
        accession_page,
        sponsor_act,
        take_back_act,
    ),
    menu=(MenuItem("members.menu-members", "/members", "community", "members"),),
    fragments=LIVE,
)
