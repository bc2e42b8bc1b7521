"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import MenuItem, Room

from .audit import counts_page
from .ledgers import LIVE, ledgers_page, verify_act
from .record import export_page, record_page, transfer_page
from .why import why_page

ROOM = Room(
    name="inspection",
    handlers=(
        record_page,
        transfer_page,
        export_page,
        why_page,
        counts_page,
        ledgers_page,
        verify_act,
    ),
    menu=(
        MenuItem("inspection.menu-record", "/inspection", "node", "transfers"),
        MenuItem("inspection.menu-ledgers", "/inspection/ledgers", "node", "ledger"),
    ),
    fragments=LIVE,
)
