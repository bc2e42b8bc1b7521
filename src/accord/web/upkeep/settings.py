"""The settings of the node as they hold, and where each is changed."""

from __future__ import annotations

import msgspec
from litestar import Response

from accord.node.sources import list_sources
from accord.web.room import page
from accord.web.visit import Visit


@page("/upkeep/settings", "settings")
def settings_page(visit: Visit) -> Response[bytes]:
    """Read from `accord.toml` when the node was started; a page cannot change who may do what."""
    settings = visit.node.settings
    limits = msgspec.structs.asdict(settings.limits)
    plain = msgspec.structs.asdict(type(settings.limits)())
    return visit.show(
        "upkeep/settings.html",
        tab="settings",
        settings=settings,
        folder=str(visit.node.home.folder),
        changed=[each for each in limits.items() if each[1] != plain[each[0]]],
        delivered=[each for each in limits.items() if each[1] == plain[each[0]]],
        sources=list_sources(visit.node),
    )
