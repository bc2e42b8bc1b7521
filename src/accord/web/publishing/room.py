"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import MenuItem, Room

from .check import check
from .compose import publish_page
from .deciding import discard, release
from .drafts import draft_page, drafts_page
from .permissions import answer, ask, ask_form, permissions_page
from .preview import compose_objects, preview
from .recalling import lift, order, place, recall_form
from .recalls import LIVE, followed_page, holds_page, recall_page, recalls_page
from .send import hand_over, send

ROOM = Room(
    name="publishing",
    handlers=(
        publish_page,
        compose_objects,
        check,
        preview,
        send,
        hand_over,
        drafts_page,
        draft_page,
        release,
        discard,
        recalls_page,
        followed_page,
        holds_page,
        recall_form,
        recall_page,
        order,
        place,
        lift,
        permissions_page,
        ask_form,
        ask,
        answer,
    ),
    menu=(
        MenuItem("publishing.menu-publish", "/publish", "work", "draft"),
        MenuItem("publishing.menu-drafts", "/drafts", "work", "draft"),
        MenuItem("publishing.menu-recalls", "/recalls", "work", "agreements"),
        MenuItem("publishing.menu-permissions", "/permissions", "work", "draft"),
    ),
    fragments=LIVE,
)
