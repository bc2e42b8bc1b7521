"""What a peer may take from us: tiles and checkpoint of our ledger, and the openings granted to it.

Every opening is judged again when it is taken, on the facts of that moment, and put on record in
the same transaction; only then does it leave.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from accord.base.clock import to_micros
from accord.ledger.commitment import commit_halves, envelope_half, object_half
from accord.ledger.envelope import reread_envelope
from accord.ledger.opening import GrantedOpening, Opening
from accord.rules.release import Verdict, release
from accord.store.grants import ROUTINE, URGENT
from accord.store.records import Granted, PeerRow, TransferRow
from accord.store.transaction import Transaction

from .node import Node
from .summary import decode_summary, entry_of

_OVERHEAD = 256  # bytes of framing, salts and lengths of one opening

_encoder = msgspec.json.Encoder()


class Cursor(msgspec.Struct, frozen=True):
    """How far a peer has read its grants: the last number of each lane."""

    urgent: int = 0
    routine: int = 0

    def moved(self, granted: GrantedOpening) -> Cursor:
        """The cursor behind one more opening."""
        if granted.lane == URGENT:
            return Cursor(max(self.urgent, granted.grant), self.routine)
        return Cursor(self.urgent, max(self.routine, granted.grant))

    def __str__(self) -> str:
        return f"{self.urgent}.{self.routine}"


class Page(msgspec.Struct, frozen=True):
    """Openings in the order to be taken, and whether more are waiting."""

    openings: tuple[GrantedOpening, ...]
    more: bool


def openings_for(node: Node, peer: PeerRow, cursor: Cursor, limit: int) -> Page:
    """The next openings granted to `peer`: all urgent ones first, then the routine ones.

    A crash after the commit and before the answer leaves a record of a transfer that the peer did
    not get; it will ask again, and that is another line. The other order could leave none.
    """
    wanted = max(1, min(limit, node.limits.openings_page))
    now = node.now()
    if node.read(lambda tx: tx.grants.pending(peer.id, cursor.urgent, cursor.routine)) == 0:
        return Page((), False)
    return node.write(lambda tx: _take_page(node, tx, peer, cursor, wanted, now))


def _take_page(
    node: Node, tx: Transaction, peer: PeerRow, cursor: Cursor, limit: int, now: datetime
) -> Page:
    facts = node.facts(tx)
    found: list[GrantedOpening] = []
    records: list[TransferRow] = []
    size = 0
    more = False
    for granted in _next_grants(tx, peer, cursor, limit):
        envelope = reread_envelope(granted.entry.envelope)
        verdict = release(
            entry_of(envelope, decode_summary(granted.entry.summary)), peer.member, facts, now
        )
        if not verdict.allowed:  # what no longer holds is granted anew when it holds again
            tx.grants.withdraw(peer.id, [granted.seq])
            continue
        opening = _opening(granted)
        size += len(granted.entry.envelope) + len(granted.body or b"") + _OVERHEAD
        if found and size > node.limits.openings_page_bytes:
            more = True
            break
        found.append(GrantedOpening(granted.seq, granted.lane, opening))
        records.append(_record(granted, peer, verdict, envelope.handling.tlp, now))
    tx.transfers.record(records)
    last = cursor
    for each in found:
        last = last.moved(each)
    more = more or tx.grants.pending(peer.id, last.urgent, last.routine) > 0
    return Page(tuple(found), more)


def _next_grants(tx: Transaction, peer: PeerRow, cursor: Cursor, limit: int) -> list[Granted]:
    urgent = tx.grants.page(peer.id, URGENT, cursor.urgent, limit)
    if len(urgent) >= limit:
        return urgent
    return urgent + tx.grants.page(peer.id, ROUTINE, cursor.routine, limit - len(urgent))


def _opening(granted: Granted) -> Opening:
    entry = granted.entry
    if entry.salt_o is None or granted.body is None:
        return Opening(
            index=entry.number,
            salt_e=entry.salt_e,
            envelope=entry.envelope,
            object_half=entry.object_half,
        )
    return Opening(
        index=entry.number,
        salt_e=entry.salt_e,
        envelope=entry.envelope,
        salt_o=entry.salt_o,
        object=granted.body,
    )


def commitment_of(granted: Granted) -> bytes:
    """The commitment of a held entry, computed from what is held."""
    entry = granted.entry
    if entry.salt_o is not None and granted.body is not None:
        half = object_half(entry.salt_o, granted.body)
    else:
        half = entry.object_half or b""
    return commit_halves(envelope_half(entry.salt_e, entry.envelope), half)


def _record(
    granted: Granted, peer: PeerRow, verdict: Verdict, tlp: str | None, now: datetime
) -> TransferRow:
    return TransferRow(
        at=to_micros(now),
        direction="out",
        peer=peer.id,
        ledger=granted.entry.ledger,
        number=granted.entry.number,
        commitment=commitment_of(granted),
        agreement=granted.entry.agreement,
        tlp=tlp,
        facts=verdict.facts_seq,
        verdict=encode_verdict(verdict),
    )


def encode_verdict(verdict: Verdict) -> bytes:
    """A verdict as it is put on record."""
    return _encoder.encode(verdict)
