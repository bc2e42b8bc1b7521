"""One member: its card and fingerprint, its ledger, its standing; and what can be done about it."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import NotFoundError
from accord.base.messages import Message
from accord.ledger.card import MemberCard, decode_card
from accord.ledger.keys import fingerprint_hex, fingerprint_words
from accord.node.departing import departures
from accord.node.joining import accessions
from accord.node.members import find_peer
from accord.node.overview import one_peer
from accord.node.places import places
from accord.store.records import PeerRow
from accord.web.room import page
from accord.web.visit import Visit

from .directory import ACCESSION_MARKS, MARKS, belonging, countries

_WORDS = {"en": "english", "ru": "russian", "zh": "chinese_simplified"}  # of BIP-39
_A_LINE = 4  # words, or groups of digits, read aloud in one breath


@page("/members/{member:str}", "members", example="member")
def member_page(visit: Visit, member: FromPath[str], words: str = "") -> Response[bytes]:
    """A member by id or by name; our own page says what others compare.

    `words` is the language in which the fingerprint is read aloud: both sides need one they share.
    """
    return member_shown(visit, member, {}, words=words)


def member_shown(
    visit: Visit,
    member: str,
    typed: dict[str, list[str]],
    fault: Message | None = None,
    words: str = "",
) -> Response[bytes]:
    """The page of a member; after a faulty form with what was typed."""
    card, row = card_of(visit, member)
    ours = card.member == visit.node.member
    return visit.show(
        "members/one.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        typed=typed,
        fault=fault,
        card=card,
        row=row,
        peer=one_peer(visit.node, card.member) if row is not None else None,
        ours=ours,
        mark=MARKS.get(row.state, "off") if row is not None else "good",
        digits=lines_of(fingerprint_hex(card.fingerprint).split()),
        tongue=tongue_of(visit, words),
        words=words_of(card, tongue_of(visit, words)),
        belongs=belonging(visit).get(card.member, []),
        country=visit.node.read(places).get(card.member, ""),
        countries=countries(visit),
        accessions=accessions(visit.node, applicant=card.member),
        accession_marks=ACCESSION_MARKS,
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


def tongue_of(visit: Visit, words: str) -> str:
    """The language in which words are read aloud: the one asked for, else the visitor's own."""
    return words if words in _WORDS else visit.language


def words_of(card: MemberCard, language: str) -> list[list[str]]:
    """The fingerprint as 24 words of a language, in lines to be read aloud."""
    return lines_of(fingerprint_words(card.fingerprint, _WORDS[language]))


def lines_of(parts: list[str]) -> list[list[str]]:
    """A few at a time, as one reads them aloud."""
    return [parts[start : start + _A_LINE] for start in range(0, len(parts), _A_LINE)]
