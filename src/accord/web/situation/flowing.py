"""What flows with whom, and how much of it in which area, over the last twelve weeks."""

from __future__ import annotations

from collections import Counter

import msgspec

from accord.base.clock import EPOCH
from accord.node.flows import DAYS, Flow
from accord.node.overview import PeerOverview, peer_overview
from accord.node.places import places
from accord.rules.areas import area_name
from accord.web.visit import Visit
from accord.web.worldmap import country_place, place

_WEEK = 7  # days
_AREAS = 8  # that are drawn; the others are counted together


class WithMember(msgspec.Struct, frozen=True, kw_only=True):
    """One member: what came and went in four weeks, and how its node is reached."""

    peer: PeerOverview
    received: int
    given: int
    country: str
    at: tuple[int, int] | None  # on the map


class Trend(msgspec.Struct, frozen=True):
    """One area: lines a week, oldest first, and all of them."""

    name: str
    weeks: tuple[int, ...]
    total: int


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it. `complete`: everything of these weeks is counted."""

    members: tuple[WithMember, ...]
    trends: tuple[Trend, ...]
    complete: bool


def picture_of(visit: Visit) -> Picture:
    """Counted from the record of transfers, never from content."""
    counts, complete = visit.shell.flows.look()
    known = visit.node.read(places)
    today = (visit.now - EPOCH).days
    recent: Counter[tuple[str, str]] = Counter()
    for flow, count in counts.items():
        if flow.day > today - 4 * _WEEK:
            recent[flow.member, flow.direction] += count
    members = [
        WithMember(
            peer=peer,
            received=recent[peer.member, "in"],
            given=recent[peer.member, "out"],
            country=known.get(peer.member, ""),
            at=_on_map(known.get(peer.member, "")),
        )
        for peer in peer_overview(visit.node)
    ]
    return Picture(
        members=tuple(sorted(members, key=lambda each: -(each.received + each.given))),
        trends=_trends(visit, counts, today),
        complete=complete,
    )


def own_place(visit: Visit) -> tuple[int, int] | None:
    """Where we ourselves stand on the map, when the operator noted it."""
    return _on_map(visit.node.read(places).get(visit.node.member, ""))


def _on_map(country: str) -> tuple[int, int] | None:
    middle = country_place(country) if country else None
    return None if middle is None else place(*middle)


def _trends(visit: Visit, counts: dict[Flow, int], today: int) -> tuple[Trend, ...]:
    weeks = DAYS // _WEEK
    by_area: dict[str, list[int]] = {}
    for flow, count in counts.items():
        line = by_area.setdefault(flow.area, [0] * weeks)
        line[weeks - 1 - min((today - flow.day) // _WEEK, weeks - 1)] += count
    ranked = sorted(by_area.items(), key=lambda each: -sum(each[1]))
    found = [Trend(_named(visit, area), tuple(line), sum(line)) for area, line in ranked[:_AREAS]]
    rest = [sum(column) for column in zip(*(line for _, line in ranked[_AREAS:]), strict=True)]
    if rest:
        found.append(Trend(visit.t("situation.other-areas"), tuple(rest), sum(rest)))
    return tuple(found)


def _named(visit: Visit, area: str) -> str:
    return area_name(area, visit.language) if area else visit.t("situation.no-area")
