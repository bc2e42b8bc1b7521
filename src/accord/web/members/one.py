"""One member: its card and fingerprint, its ledger, its standing; and what can be done about it."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import NotFoundError
from accord.ledger.card import MemberCard, decode_card
from accord.ledger.keys import fingerprint_hex, fingerprint_words
from accord.node.departing import departures
from accord.node.members import find_peer
from accord.node.overview import peer_overview
from accord.node.places import places
from accord.store.records import PeerRow
from accord.web.room import page
from accord.web.visit import Visit

from .directory import MARKS, belonging

_WORDS = {"en": "english", "ru": "russian", "zh": "chinese_simplified"}  # of BIP-39
_A_LINE = 6  # words read aloud in one breath


@page("/members/{member:str}", "members", example="member")
def member_page(visit: Visit, member: FromPath[str]) -> Response[bytes]:
    """A member by id or by name; our own page says what others compare."""
    card, row = card_of(visit, member)
    ours = card.member == visit.node.member
    peer = None
    if row is not None:
        peer = next((p for p in peer_overview(visit.node) if p.member == card.member), None)
    return visit.show(
        "members/one.html",
        card=card,
        row=row,
        peer=peer,
        ours=ours,
        mark=MARKS.get(row.state, "off") if row is not None else "good",
        hex=fingerprint_hex(card.fingerprint),
        words=words_of(visit, card),
        belongs=belonging(visit).get(card.member, []),
        country=visit.node.read(places).get(card.member, ""),
        departures=[each for each in departures(visit.node) if each.member == card.member],
    )


def card_of(visit: Visit, member: str) -> tuple[MemberCard, PeerRow | None]:
    """The card of a member, and its row where it is another. Raises `NotFoundError`."""
    node = visit.node
    if member in (node.member, node.settings.name):
        return node.read_card(), None
    row = node.read(lambda tx: find_peer(tx, member))
    if row.state == "removed" and not visit.may("peers"):
        raise NotFoundError("node.peer-unknown", member=member[:80])
    return decode_card(row.card, node.limits), row


def words_of(visit: Visit, card: MemberCard) -> list[list[str]]:
    """The fingerprint as 24 words of the visitor's language, in lines to be read aloud."""
    words = fingerprint_words(card.fingerprint, _WORDS[visit.language])
    return [words[start : start + _A_LINE] for start in range(0, len(words), _A_LINE)]
