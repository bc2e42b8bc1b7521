"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import MenuItem, Room

from .comparing import changes_page
from .listing import agreements_page
from .proposing import amend_act, amend_form, propose_act, propose_form
from .showing import LIVE, agreement_page, file_page, notices_page, text_page
from .signing import (
    object_form,
    object_to_act,
    sign_form,
    sign_text,
    withdraw_act,
    withdraw_form,
)

ROOM = Room(
    name="agreements",
    handlers=(
        agreements_page,
        propose_form,
        propose_act,
        notices_page,
        agreement_page,
        text_page,
        changes_page,
        file_page,
        sign_form,
        sign_text,
        object_form,
        object_to_act,
        withdraw_form,
        withdraw_act,
        amend_form,
        amend_act,
    ),
    menu=(MenuItem("agreements.menu-agreements", "/agreements", "community", "agreements"),),
    fragments=LIVE,
)
