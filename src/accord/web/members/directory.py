"""The directory: every member known here, how it stands, how its ledger and its node are."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from litestar import Response

from accord.base.messages import Message
from accord.base.paging import Part, part_of
from accord.node.councils import community
from accord.node.joining import AccessionView, accessions
from accord.node.overview import PeerOverview, peer_overview, peers_by_name
from accord.node.places import places
from accord.web.room import Fragment, page
from accord.web.visit import Visit

FEW = 10  # members among whom nobody needs to search
_WORDS = 200  # characters

MARKS = {"confirmed": "good", "added": "wait", "suspended": "bad", "removed": "off"}
ACCESSION_MARKS = {
    "applied": "wait",
    "sponsored": "wait",
    "admitted": "note",
    "keyed": "note",
    "member": "good",
    "refused": "bad",
    "gone": "off",
    "none": "off",
}


class Belonging(msgspec.Struct, frozen=True):
    """In which community a member has which standing."""

    body: str
    standing: str
    suspended: bool


@page("/members", "members")
def members_page(visit: Visit, q: str = "", after: str = "") -> Response[bytes]:
    """Members with their standing, reachability and ledger; who is on the way in."""
    known = peers_by_name(visit.node)
    like = visit.names.like(q[:_WORDS])
    part = part_of([each for each in known if each in like], str, after)
    return visit.show(
        "members/directory.html",
        list=_list(visit, part, whole=not q),
        part=part,
        q=q[:_WORDS],
        many=len(known) > FEW,
    )


def list_html(visit: Visit) -> str:
    """Where the directory begins, as a part of the page that lives."""
    return _list(visit, part_of(peers_by_name(visit.node), str, ""), whole=True)


def _list(visit: Visit, part: Part[str], *, whole: bool) -> str:
    """Some of the directory; at its beginning, where it is `whole`, who is on the way in too."""
    peers = peer_overview(visit.node, part.rows)
    begins = whole and not part.after
    return visit.html(
        "members/list.html",
        whole=whole,
        peers=sorted(peers, key=lambda each: part.rows.index(each.member)),
        belongs=belonging(visit),
        places=visit.node.read(places),
        countries=countries(visit),
        is_silent=is_silent,
        marks=MARKS,
        notes=notes_of(peers),
        accessions=_on_the_way(visit) if begins else [],
        accession_marks=ACCESSION_MARKS,
    )


def _on_the_way(visit: Visit) -> list[AccessionView]:
    """Who is not in yet; of the others the page of each tells how they came in, or did not."""
    return [each for each in accessions(visit.node) if each.state not in ("member", "gone")]


LIVE = {"members-list": Fragment("members", list_html)}


def countries(visit: Visit) -> Mapping[str, str]:
    """The names of countries (ISO 3166-1 alpha-2) in the visitor's language."""
    names: Mapping[str, str] = visit.moments.locale.territories
    return names


def is_silent(peer: PeerOverview) -> bool:
    """Whether the last attempt to reach it failed."""
    if peer.fault_at is None:
        return False
    return peer.last_contact is None or peer.last_contact < peer.fault_at


def belonging(visit: Visit) -> dict[str, list[Belonging]]:
    """The standings of each member, by member; working groups are not told here."""
    found: dict[str, list[Belonging]] = {}
    for body in community(visit.node).bodies:
        if body.agreement is None:
            for each in body.members:
                line = Belonging(body.body, each.standing, each.suspended)
                found.setdefault(each.member, []).append(line)
    return found


def notes_of(peers: list[PeerOverview]) -> list[Message]:
    """What there is to say about witnesses, each once."""
    return list(dict.fromkeys(peer.witness_note for peer in peers if peer.witness_note))
