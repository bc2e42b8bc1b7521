"""The start page: what waits, what is new, what flows."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta

from litestar import Response

from accord.base.clock import from_micros, to_micros
from accord.node.accounts import note_looked
from accord.node.browsing import Filters, browse, listed_by_name
from accord.node.listing import AHEAD
from accord.web.forms import Form
from accord.web.naming import Naming
from accord.web.room import Fragment, act, page
from accord.web.visit import Visit
from accord.web.worldmap import world_map

from .flowing import own_place, picture_of
from .waiting import waits_for

_NEWEST = 8
_DIGITS = 18  # of a place in the list
_FIRST_LOOK = timedelta(days=7)  # what counts as new to somebody who was never here


@page("/", "signed-in")
def home(visit: Visit) -> Response[bytes]:
    """Only the parts that the visitor's roles may see."""
    shows_flows = visit.may("agreements") or visit.may("health")
    return visit.show(
        "situation/home.html",
        waiting=waits_for(visit),
        news=news(visit) if visit.may("read") else "",
        since=since(visit),
        picture=picture_of(visit) if shows_flows else None,
        map=world_map(),
        here=own_place(visit),
    )


@act("/looked", "signed-in")
def looked(visit: Visit, form: Form) -> Response[bytes]:
    """From now on only what comes later than what was shown is new.

    The page says how far that goes: what came since it was read stays new, and what it showed is
    not, although its place in the list is a little ahead of the clock (`listing.AHEAD`).
    """
    shown, listed = form.maybe("shown"), to_micros(visit.now) + AHEAD
    is_place = shown.isascii() and shown.isdigit() and len(shown) < _DIGITS
    place = int(shown) + 1 if is_place else listed  # where nothing was shown, up to now
    note_looked(visit.node, visit.reader.name, min(place, listed))
    return visit.go("/")


def news(visit: Visit) -> str:
    """What came since the last look, newest first, as a part of the page that lives."""
    listing = browse(visit.node, visit.reader, Filters(since=since(visit)), limit=_NEWEST)
    names = Naming(visit)
    names.look_up(listing.rows)
    return visit.html("situation/news.html", listing=listing, names=names)


def since(visit: Visit) -> datetime:
    """When the visitor last said that they had looked; a week ago for who never did."""
    looked_at = visit.visitor.looked if visit.visitor is not None else None
    if looked_at is not None:
        return from_micros(looked_at)
    return (visit.now - _FIRST_LOOK).replace(minute=0, second=0, microsecond=0)


def _apart(visit: Visit) -> Hashable:
    """When they looked, and what is new for them by name."""
    moment = since(visit)
    return moment, listed_by_name(visit.node, visit.reader, moment)


LIVE = {"situation-news": Fragment("read", news, personal=True, apart=_apart)}
