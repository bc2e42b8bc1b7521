"""Other members: adding, confirming by fingerprint, suspending, resuming, removing.

Nothing flows before a person has confirmed the full fingerprint. `suspend` takes effect at once.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from accord.base.clock import to_micros
from accord.base.errors import ConflictError, InputError, NotFoundError
from accord.ledger.card import MemberCard, decode_card
from accord.ledger.envelope import VERSION
from accord.ledger.keys import parse_fingerprint
from accord.ledger.spine import new_spine
from accord.rules.facts import (
    PeerConfirmed,
    PeerRemoved,
    PeerResumed,
    PeerSuspended,
)
from accord.store.records import LedgerRow, PeerRow
from accord.store.transaction import Transaction

from .contacts import follow_again
from .factlog import learn
from .granting import settle_grants
from .node import Node


def check_url(url: str) -> str:
    """The address of a node without a trailing slash; plain HTTP only on loopback."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise InputError("node.url-invalid", found=url[:200])
    if parts.username or parts.password:
        raise InputError("node.url-invalid", found=parts.hostname)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise InputError("node.url-plain", found=url[:200])
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host name is this machine's own and nobody else's."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, though it may begin like an address
        return False


def add_peer(node: Node, url: str, card_bytes: bytes) -> MemberCard:
    """Remember the card shown at `url`, to be confirmed by a person. Nothing flows yet."""
    card = decode_card(card_bytes, node.limits)
    if card.member == node.member:
        raise InputError("node.peer-is-self", url=url)

    def job(tx: Transaction) -> None:
        known = tx.peers.get(card.member)
        if known is not None and known.state in ("confirmed", "suspended"):
            raise ConflictError("node.peer-known", member=card.member, state=known.state)
        row = PeerRow(
            id=known.id if known is not None else tx.peers.next_id(),
            member=card.member,
            name=card.name,
            url=check_url(url),
            card=card_bytes,
            state="added",
            urgent_cursor=known.urgent_cursor if known is not None else 0,
            routine_cursor=known.routine_cursor if known is not None else 0,
        )
        tx.peers.put(row)

    node.write(job)
    return card


def confirm_peer(node: Node, member: str, fingerprint: str) -> PeerRow:
    """Pin the card that was added, if a person gives its whole fingerprint (hex or 24 words)."""
    given = parse_fingerprint(fingerprint)
    now = node.now()

    def job(tx: Transaction) -> PeerRow:
        row = find_peer(tx, member)
        if row.state != "added":
            raise ConflictError("node.peer-known", member=row.member, state=row.state)
        card = decode_card(row.card, node.limits)
        if card.fingerprint != given:
            raise InputError("node.fingerprint-other", member=row.member)
        if not speaks_with(card):
            raise InputError("node.peer-wire", **wire_of(card))
        _open_ledger(tx, card, now)
        tx.peers.set_state(row.id, "confirmed")
        follow_again(tx, row.member)
        learn(tx, PeerConfirmed(member=card.member, origin=card.origin), now, now)
        return msgspec.structs.replace(row, state="confirmed")

    confirmed = node.write(job)
    settle_grants(node)
    return confirmed


def speaks_with(card: MemberCard) -> bool:
    """Whether the member speaks the wire version that we do."""
    return card.wire_min <= VERSION <= card.wire_max


def wire_of(card: MemberCard) -> dict[str, str | int]:
    """What a message about wire versions that do not meet says."""
    return {"name": card.name, "first": card.wire_min, "last": card.wire_max, "ours": VERSION}


def suspend_peer(node: Node, member: str) -> PeerRow:
    """Stop everything to and from a member, at once, above every verdict."""
    return _change(node, member, ("confirmed",), "suspended", PeerSuspended)


def resume_peer(node: Node, member: str) -> PeerRow:
    """Let it flow again; what was held back is granted anew."""
    return _change(node, member, ("suspended",), "confirmed", PeerResumed)


def remove_peer(node: Node, member: str) -> PeerRow:
    """No peer any more. What is on record about it stays on record."""
    return _change(node, member, ("added", "confirmed", "suspended"), "removed", PeerRemoved)


def find_peer(tx: Transaction, member: str) -> PeerRow:
    """A peer by its member id, or by its name if only one bears it. Raises `NotFoundError`."""
    row = tx.peers.get(member)
    if row is not None:
        return row
    named = [row for row in tx.peers.all() if row.name == member and row.state != "removed"]
    if len(named) > 1:
        raise InputError("node.peer-ambiguous", name=member, count=len(named))
    if not named:
        raise NotFoundError("node.peer-unknown", member=member)
    return named[0]


def renew_card(node: Node, row: PeerRow, card_bytes: bytes) -> PeerRow:
    """Take over a newer card of a confirmed peer: new name, address or, by its recovery key, keys.

    The caller has checked with `ledger.card.continues` that it continues the confirmed one.
    """
    card = decode_card(card_bytes, node.limits)
    url = check_url(card.url) if card.url is not None else row.url

    def job(tx: Transaction) -> PeerRow:
        now_row = tx.peers.by_id(row.id) or row  # its state and cursors may have moved meanwhile
        renewed = msgspec.structs.replace(now_row, card=card_bytes, name=card.name, url=url)
        tx.peers.put(renewed)
        return renewed

    return node.write(job)


def _change(
    node: Node,
    member: str,
    before: tuple[str, ...],
    after: str,
    fact: type[PeerSuspended] | type[PeerResumed] | type[PeerRemoved],
) -> PeerRow:
    now = node.now()

    def job(tx: Transaction) -> PeerRow:
        row = find_peer(tx, member)
        if row.state not in before:
            raise ConflictError("node.peer-state", member=row.member, state=row.state)
        tx.peers.set_state(row.id, after)
        if after == "confirmed":
            follow_again(tx, row.member)
        learn(tx, fact(member=row.member), now, now)
        return msgspec.structs.replace(row, state=after)

    changed = node.write(job)
    settle_grants(node)
    return changed


def _open_ledger(tx: Transaction, card: MemberCard, now: datetime) -> None:
    if tx.ledgers.of_origin(card.origin) is not None:
        return
    start = new_spine(card.origin)
    tx.ledgers.create(
        LedgerRow(
            id=tx.ledgers.next_id(),
            origin=card.origin,
            member=card.member,
            size=0,
            root=start.root,
            frontier=b"",
            checkpoint=b"",
            seen=to_micros(now),
        )
    )
